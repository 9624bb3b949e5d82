import { setTimeout as pause } from 'node:timers/promises'
import type { Place } from './places.ts'

const HELD = 1_000
/** Redis writes down each change of an owner and tells all others, and answers nobody meanwhile. */
const [AT_ONCE, REST] = [50, 20]
const LONGEST_MOVE = '5000'
type Slots = readonly (readonly [first: number, last: number, master: readonly [host: string, port: number]])[]

/**
 * Moves all slots of the first master to the second by `MIGRATE`. All are on their way at once, so each key that has moved is
 * asked for at its new place for seconds, not for the moment that a resharding by one slot after the other takes.
 */
export async function migrate({ nodes: [from, to], ask }: Place): Promise<void> {
  if (from === undefined || to === undefined) throw new Error('a Cluster without machines')
  const fromId = String(await ask(from.port, 'CLUSTER', 'MYID'))
  const toId = String(await ask(to.port, 'CLUSTER', 'MYID'))
  const all = (await ask(from.port, 'CLUSTER', 'SLOTS')) as Slots
  const slots = all
    .filter(([, , [, port]]) => port === from.port)
    .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => String(first + i)))
  const each = async (port: number, ...state: string[]) => {
    for (let i = 0; i < slots.length; i += AT_ONCE) {
      await Promise.all(slots.slice(i, i + AT_ONCE).map((slot) => ask(port, 'CLUSTER', 'SETSLOT', slot, ...state)))
      await pause(REST)
    }
  }
  await each(to.port, 'IMPORTING', fromId)
  await each(from.port, 'MIGRATING', toId)
  const keys = (await ask(from.port, 'KEYS', '*')) as readonly string[]
  for (const key of keys) {
    await ask(from.port, 'MIGRATE', '127.0.0.1', String(to.port), key, '0', LONGEST_MOVE)
    await pause((2 * HELD) / keys.length)
  }
  await pause(HELD)
  // The others hear of it from the new owner. The old one then has nothing left, and becomes its replica.
  await each(to.port, 'NODE', toId)
}
