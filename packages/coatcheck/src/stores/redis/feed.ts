import type { Feed, FeedListener } from '../../core/capabilities.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { type Bell, feedFrom, type Log } from '../feeding.ts'
import { type Engine, engineOf, type RedisClient } from './clients.ts'
import type { Keys } from './keys.ts'
import { followRemovals } from './removals.ts'
import { within } from './waiting.ts'

/** So long Redis holds back the answer that there is nothing new, in milliseconds. */
const BLOCK = 250

/** A connection beside the client, made as that one was. */
interface Another {
  readonly engine: Engine
  readonly isReady: Promise<unknown>
  readonly close: () => void
}

/** Endings as the log has them, and what is removed without one. */
export function watchRedis(log: Log, client: RedisClient, keys: Keys, listener: FeedListener): Feed {
  const endings = feedFrom(log, logBell(client, keys), listener)
  const removals = followRemovals(client, keys, listener)
  return {
    get aliveAt() {
      return Math.min(endings.aliveAt, removals.aliveAt ?? endings.aliveAt)
    },
    get seesRemovals() {
      return removals.aliveAt !== null && removals.aliveAt > 0
    },
    async stop() {
      removals.stop()
      await endings.stop()
    },
  }
}

/** Rings by `XREAD BLOCK` on a connection of its own, because that command keeps others waiting. */
function logBell(client: RedisClient, { log }: Keys): Bell {
  let another: Another | null = null

  function drop(): void {
    another?.close()
    another = null
  }

  return {
    async wait(seq) {
      another ??= makeAnother(client)
      try {
        await within(another.isReady)
        await within(
          another.engine.send(log, 'XREAD', 'COUNT', '1', 'BLOCK', String(BLOCK), 'STREAMS', log, `${seq}-1`),
        )
      } catch (error) {
        // A connection that says nothing may never say anything again; the next one is new.
        drop()
        throw error
      }
    },
    stop: drop,
  }
}

function makeAnother(client: RedisClient): Another {
  const duplicate: unknown = Reflect.get(client, 'duplicate')
  if (typeof duplicate !== 'function') {
    const why = 'this client has no `duplicate`, which a feed needs for a connection of its own.'
    throw new StoreUnavailableError('watch', `store.watch: ${why}`)
  }
  const other = Reflect.apply(duplicate, client, []) as RedisClient
  const engine = engineOf(other)
  // Clients of ioredis connect by themselves.
  const connect: unknown = 'call' in other ? null : Reflect.get(other, 'connect')
  const isReady =
    typeof connect === 'function' ? (Reflect.apply(connect, other, []) as Promise<unknown>) : Promise.resolve()
  return { engine, isReady, close: () => callAny(other, 'destroy', 'disconnect') }
}

function callAny(client: RedisClient, ...names: readonly string[]): void {
  for (const name of names) {
    const close: unknown = Reflect.get(client, name)
    if (typeof close === 'function') return void Reflect.apply(close, client, [])
  }
}
