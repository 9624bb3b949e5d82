import type { ScanPage } from '../../core/store/transfer.ts'
import { SCAN_SIZE } from '../paging.ts'
import { factsOf } from './checking.ts'
import type { Engine, Reply, Send } from './clients.ts'
import type { Keys } from './keys.ts'
import { fingerprintOf } from './text.ts'

/** So many steps at most for one page, where other keys lie between ours. */
const STEPS = 50

interface Place {
  /** Of the machine. */
  readonly index: number
  /** The cursor of Redis. */
  readonly from: string
}

/** What a walk goes over. */
export interface Ground {
  readonly machines: readonly Machine[]
  /** Another text where a cursor of before says nothing, or keys may have moved between the machines. */
  readonly ground: string
  /** Whether keys are on their way from one machine to another; they are in one of the two at each moment. */
  readonly isMoving: boolean
  /** Whether the client knows as many machines as have slots. */
  readonly isWhole: boolean
}

interface Machine {
  /** Drawn by Redis at each start; a cursor of one run says nothing to another. */
  readonly run: string
  readonly send: Send
}

/**
 * A walk through all keys of a kind, that may be left and gone on with. A cursor of Redis counts on the machine's run
 * that gave it out, and in a Cluster keys move with their slots; so the cursor names all runs and who has which slots, and
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
    const { machines, ground } = await groundOf(this.#engine)
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
}

export async function groundOf(engine: Engine): Promise<Ground> {
  const asked = (await engine.masters()).map(async (send) => {
    const run = factsOf(String(await send('INFO', 'server'))).get('run_id') ?? ''
    return { run, send }
  })
  // In an order of their own, since a client may name them in another each time.
  const machines = (await Promise.all(asked)).toSorted((a, b) => (a.run < b.run ? -1 : 1))
  const runs = machines.map(({ run }) => run.slice(0, 10)).join('.')
  const [first] = machines
  if (!engine.isCluster || first === undefined) return { machines, ground: runs, isMoving: false, isWhole: true }
  const views = (await Promise.all(machines.map(({ send }) => send('CLUSTER', 'NODES')))).map(String)
  // Its slots are a node's ninth word; of its own ones a machine says `[14610->-…]` where one is leaving, `[14610-<-…]` where
  // one is coming.
  const withSlots = (views[0] ?? '')
    .split('\n')
    .filter((line) => / (myself,)?master /.test(line) && /(?: \S+){8} \d/.test(line))
  return {
    machines,
    // The Cluster's epoch would not do: it stays as it is for all slots but the first that a machine is given.
    ground: `${runs}.${fingerprintOf(views.map(ownSlots).join()).toString(36)}`,
    isMoving: views.some((view) => /\[\d+-[<>]-/.test(view)),
    isWhole: withSlots.length <= machines.length,
  }
}

/** The slots that a machine says it has, from what it answers to `CLUSTER NODES`. */
function ownSlots(view: string): string {
  const own = view.split('\n').find((line) => line.includes('myself,')) ?? ''
  return own
    .split(' ')
    .slice(8)
    .filter((word) => !word.startsWith('['))
    .join(' ')
}
