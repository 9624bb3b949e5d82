import { StoreUnavailableError } from '../../errors.ts'
import { pause } from '../pausing.ts'
import type { Engine, Reply, Send } from './clients.ts'
import { replyCode } from './faults.ts'
import { type ScriptName, scripts } from './scripts.ts'

/** Milliseconds until keys that are moving are asked for again, and how often: less than the library waits for a call. */
const PAUSE = 40
const ATTEMPTS = 16

/** Runs the scripts by their hashes, so that a call sends its arguments only. */
export interface Scripts {
  readonly run: (
    name: ScriptName,
    keys: readonly [string, ...string[]],
    args: readonly string[],
  ) => Promise<readonly Reply[]>
  /** On one machine, about no key. */
  readonly runOn: (send: Send, name: ScriptName, args: readonly string[]) => Promise<readonly Reply[]>
}

export function makeScripts({ send }: Engine): Scripts {
  const hashes = new Map<ScriptName, Promise<string>>()

  /** Redis itself says the hash; where it has forgotten the script, it is sent again. */
  function hashOf(name: ScriptName, to: Send): Promise<string> {
    const known = hashes.get(name)
    if (known !== undefined) return known
    const loading = to('SCRIPT', 'LOAD', scripts[name]).then(String)
    hashes.set(name, loading)
    loading.catch(() => hashes.delete(name))
    return loading
  }

  async function evaluate(
    to: Send,
    name: ScriptName,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<readonly Reply[]> {
    const rest = [String(keys.length), ...keys, ...args]
    for (let attempt = 1; ; attempt++) {
      try {
        return listOf(await to('EVALSHA', await hashOf(name, to), ...rest))
      } catch (error) {
        const code = replyCode(error)
        if (code === 'NOSCRIPT') return listOf(await to('EVAL', scripts[name], ...rest))
        // Some of its keys have moved with their slot, and the others will have in a moment.
        if (code !== 'TRYAGAIN' || attempt === ATTEMPTS) throw error
        await pause(PAUSE, true)
      }
    }
  }

  return {
    run: (name, keys, args) => evaluate((...command) => send(keys[0], ...command), name, keys, args),
    runOn: (to, name, args) => evaluate(to, name, [], args),
  }
}

function listOf(reply: Reply): readonly Reply[] {
  return typeof reply === 'string' || reply === null ? [reply] : reply
}

const OLDEST = 7

/**
 * Whether this Redis may hold sessions: one that evicts keys when its memory is full would forget endings, and with them
 * that a token does not count. @throws StoreUnavailableError that says what to set
 */
export async function checkEngine(masters: readonly Send[]): Promise<void> {
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
