import { createClient, createCluster } from 'redis'
import type { Session } from '../../../src/core/sessions/session.ts'
import type { Store } from '../../../src/core/store/store.ts'
import { createSessions } from '../../../src/index.ts'
import { redisStore } from '../../../src/stores/redis.ts'
import { sqliteStore } from '../../../src/stores/sqlite.ts'
import type { Place } from './facts.ts'

export interface Data {
  role: string
  n: number
  [key: string]: unknown
}

export type RequestSession = Session<Partial<Data>>

/** One process's way to the sessions. */
export interface Opened {
  readonly store: Store
  readonly close: () => Promise<void>
}

export async function openPlace(place: Place): Promise<Opened> {
  if (place.engine === 'sqlite') {
    const store = sqliteStore(place.file, { timeout: '20s' })
    return { store, close: () => store.close() }
  }
  const urls = place.ports.map((port) => ({ url: `redis://127.0.0.1:${port}` }))
  const client =
    place.engine === 'redis' ? createClient({ url: urls[0]?.url ?? '' }) : createCluster({ rootNodes: urls })
  const store = redisStore(client, { namespace: place.namespace })
  await client.connect()
  return { store, close: () => client.close() as Promise<void> }
}

/** Tokens are renewed and activity is recorded all the time, so that both race with everything else. */
export function sessionsOn(store: Store) {
  return createSessions<Data>({
    store,
    keys: 'a-signing-key-of-the-load-0123456789abcd',
    policy: { renewal: '1s', touch: '5ms' },
    // Under this load a call may wait for its turn; that is what is measured elsewhere.
    storeTimeout: '20s',
    runtime: { warn: () => undefined },
  })
}
