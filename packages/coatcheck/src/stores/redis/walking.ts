import type { ScanPage } from '../../core/transfer.ts'
import { SCAN_SIZE } from '../paging.ts'
import type { Engine, Reply, Send } from './clients.ts'
import type { Keys } from './keys.ts'
import { factsOf } from './running.ts'

/** So many steps at most for one page, where other keys lie between ours. */
const STEPS = 50

interface Place {
  /** Of the machine. */
  readonly index: number
  /** The cursor of Redis. */
  readonly from: string
}

interface Machine {
  /** Drawn by Redis at each start; a cursor of one run says nothing to another. */
  readonly run: string
  readonly send: Send
}

/**
 * A walk through all keys of a kind, that may be left and gone on with. A cursor of Redis counts on the machine's run
 * that gave it out, and in a Cluster keys move with their slots; so the cursor names all runs and the Cluster's epoch, and
 * where one of them is another now the walk begins anew.
 */
export class Walk {
  readonly #engine: Engine
  readonly #keys: Keys

  constructor(engine: Engine, keys: Keys) {
    this.#engine = engine
    this.#keys = keys
  }

  async page(
    pattern: string,
    { cursor, limit = SCAN_SIZE }: ScanPage = {},
  ): Promise<{ readonly subjects: readonly string[]; readonly cursor: string | null }> {
    const machines = await this.#machines()
    const ground = await this.#ground(machines)
    const [of, at, place] = (cursor ?? '').split('/')
    let next: Place | null = of === ground ? { index: Number(at), from: place ?? '0' } : { index: 0, from: '0' }
    let subjects: readonly string[] = []
    for (let steps = 0; steps < STEPS && subjects.length === 0 && next !== null; steps++) {
      const { index, from }: Place = next
      const reply = await machines[index]?.send('SCAN', from, 'MATCH', pattern, 'COUNT', String(limit))
      const [after, found] = (reply ?? ['0', []]) as readonly [string, readonly Reply[]]
      subjects = found.map((key) => this.#keys.subjectOf(String(key)))
      if (after !== '0') next = { index, from: after }
      else next = index + 1 < machines.length ? { index: index + 1, from: '0' } : null
    }
    return { subjects, cursor: next === null ? null : `${ground}/${next.index}/${next.from}` }
  }

  /** In an order of their own, since a client may name them in another each time. */
  async #machines(): Promise<readonly Machine[]> {
    const asked = (await this.#engine.masters()).map(async (send) => {
      const run = factsOf(String(await send('INFO', 'server'))).get('run_id') ?? ''
      return { run, send }
    })
    return (await Promise.all(asked)).toSorted((a, b) => (a.run < b.run ? -1 : 1))
  }

  async #ground(machines: readonly Machine[]): Promise<string> {
    const runs = machines.map(({ run }) => run.slice(0, 10)).join('.')
    const [first] = machines
    if (!this.#engine.isCluster || first === undefined) return runs
    const epoch = factsOf(String(await first.send('CLUSTER', 'INFO'))).get('cluster_current_epoch') ?? ''
    return `${runs}.${epoch}`
  }
}
