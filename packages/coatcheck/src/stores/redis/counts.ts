import type { StoreStats } from '../../core/capabilities.ts'
import type { Engine, Reply } from './clients.ts'
import type { Keys } from './keys.ts'

/**
 * How many records there are, as the scripts have counted each that came, ended and went. What was deleted by hand, or
 * removed by Redis's own expiry because nobody swept, is counted still.
 */
export async function statsOf(engine: Engine, { allCounts }: Keys): Promise<Awaited<ReturnType<StoreStats['stats']>>> {
  const all = (await Promise.all(
    allCounts.map((key) => engine.send(key, 'HMGET', key, 'a', 's', 'e')),
  )) as readonly (readonly Reply[])[]
  const sum = (place: number) => all.reduce((total, counts) => total + Number(counts[place] ?? 0), 0)
  return { anonymous: sum(0), signedIn: sum(1), ended: sum(2) }
}
