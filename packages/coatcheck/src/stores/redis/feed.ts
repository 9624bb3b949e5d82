import type { Feed, FeedListener } from '../../core/store/capabilities.ts'
import { type Bell, feedFrom, type Log } from '../feeding.ts'
import type { RedisClient } from './clients.ts'
import type { Keys } from './keys.ts'
import { followRemovals } from './removals.ts'
import { type Connection, machinesOf } from './subscribing.ts'
import { within } from './waiting.ts'

/** So long Redis holds back the answer that there is nothing new, in milliseconds. */
const BLOCK = 250

/** Tells changes as the log has them, and records that are removed without an ending. */
export function watchRedis(log: Log, client: RedisClient, keys: Keys, listener: FeedListener): Feed {
  const endings = feedFrom(log, logBell(client, keys), listener)
  const removals = followRemovals(client, keys, listener)
  return {
    get aliveAt() {
      return Math.min(endings.aliveAt, removals.aliveAt ?? endings.aliveAt)
    },
    get completeSince() {
      const { since } = removals
      if (since === null || endings.completeSince === 0) return endings.completeSince
      return since === 0 ? 0 : Math.max(endings.completeSince, since)
    },
    age: () => Math.max(endings.age(), removals.age() ?? 0),
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
function logBell(client: RedisClient, keys: Keys): Bell {
  const { log } = keys
  let connection: Promise<Connection> | null = null

  function drop(): void {
    // One that never came has nothing to close.
    connection?.then(({ close }) => close()).catch(() => undefined)
    connection = null
  }

  return {
    async wait(seq) {
      connection ??= connectToLog(client, keys)
      try {
        const { send } = await connection
        await within(send('XREAD', 'COUNT', '1', 'BLOCK', String(BLOCK), 'STREAMS', log, `${seq}-1`))
      } catch (error) {
        // The log may lie on another machine now, and a connection that says nothing may never say anything again.
        drop()
        throw error
      }
    },
    stop: drop,
  }
}

/** Of a Cluster's machines that one which does not send us elsewhere. */
async function connectToLog(client: RedisClient, { logNumber }: Keys): Promise<Connection> {
  const machines = await within(machinesOf(client))
  const asked = machines.map(async (machine) => {
    await within(machine.send('GET', logNumber))
    return machine
  })
  return await (await Promise.any(asked)).connect()
}
