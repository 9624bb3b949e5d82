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
