import { runtime } from '#runtime'
import { StoreUnavailableError } from '../../errors.ts'
import type { Engine, Send } from './clients.ts'

/** So long an answer counts, in milliseconds: after a fail-over another machine answers, with settings of its own. */
const CHECKED_FOR = 60_000

/**
 * Whether this Redis may hold sessions: asked before the first call, and behind one call of each minute. Where it may not,
 * every call asks, until it may. @throws StoreUnavailableError that says what to set, and what the client throws
 */
export function makeCheck(engine: Engine): () => Promise<void> {
  let checking: Promise<void> | null = null
  let askedAt = 0

  async function ask(): Promise<void> {
    askedAt = runtime.now()
    await checkMachines(await engine.masters())
  }

  function askBehind(): void {
    ask().catch((error: unknown) => {
      // What could not be asked says nothing: while Redis is out the calls themselves tell.
      if (error instanceof StoreUnavailableError) checking = null
    })
  }

  return async () => {
    if (checking === null) checking = ask()
    else if (Math.abs(runtime.now() - askedAt) >= CHECKED_FOR) askBehind()
    try {
      await checking
    } catch (error) {
      // What could not be asked, or was set meanwhile, is asked again.
      checking = null
      throw error
    }
  }
}

const OLDEST = 7

/**
 * Whether this Redis may hold sessions: one that evicts keys when its memory is full would forget endings, and with them
 * that a token does not count. @throws StoreUnavailableError that says what to set
 */
async function checkMachines(masters: readonly Send[]): Promise<void> {
  for (const send of masters) {
    const facts = factsOf(String(await send('INFO')))
    const version = facts.get('redis_version') ?? ''
    if (Number.parseInt(version, 10) < OLDEST) {
      throw new StoreUnavailableError('open', `store: Redis ${version} is too old: ${OLDEST} or newer is needed.`)
    }
    const policy = facts.get('maxmemory_policy') ?? 'noeviction'
    if (policy === 'noeviction' || facts.get('maxmemory') === '0') continue
    const why = `this Redis removes keys when its memory is full (maxmemory-policy ${policy}), and with them endings.`
    throw new StoreUnavailableError('open', `store: ${why} Set \`maxmemory-policy noeviction\`.`)
  }
}

/** What `INFO` and its like answer, by name. */
export function factsOf(info: string): ReadonlyMap<string, string> {
  const lines = info.split('\r\n').map((line) => line.split(':'))
  return new Map(lines.map(([name = '', ...value]) => [name, value.join(':')]))
}
