import { createClient } from 'redis'
import type { SessionRecord } from '../../packages/coatcheck/src/core/record/record.ts'
import { createSessions } from '../../packages/coatcheck/src/index.ts'
import { redisStore } from '../../packages/coatcheck/src/stores/redis.ts'
import { startRedis } from '../../scripts/engines.ts'
import { DOCUMENT } from '../document.ts'

const KEY = 'a-signing-key-of-the-bench-0123456789abc'
const TEXTS: ReadonlyMap<string, string> = new Map(
  Object.entries(DOCUMENT).map(([key, value]) => [key, JSON.stringify(value)]),
)

/** On a machine that others use a process may stand still for longer than the usual second; no outage is measured here. */
const STORE_TIMEOUT = '10s'

/** A private Redis, and clients of it, each as a process has one. */
export async function privateRedis() {
  const redis = await startRedis()
  const clients: { destroy(): void }[] = []
  return {
    redis,
    /** @param commandOptions of the client; its own defaults where there are none */
    async open(commandOptions: { readonly timeout?: number } = {}) {
      const client = createClient({ url: `redis://127.0.0.1:${redis.port}`, commandOptions })
      const store = redisStore(client)
      await client.connect()
      clients.push(client)
      const sessions = createSessions<Record<string, unknown>>({ store, keys: KEY, storeTimeout: STORE_TIMEOUT })
      return { client, store, sessions }
    },
    async stop() {
      for (const client of clients) client.destroy()
      await redis.stop()
    },
  }
}

export type Opened = Awaited<ReturnType<Awaited<ReturnType<typeof privateRedis>>['open']>>

/** Signs a user in who holds the document; answers the id and the cookie. */
export async function signedIn({ sessions }: Opened, userId: string) {
  const session = await sessions.open(new Request('https://app.example/'))
  await session.signIn(await sessions.begin(userId), { data: DOCUMENT })
  const { cookies } = await sessions.save(session)
  return { id: session.id ?? '', cookie: cookies.map((line) => line.split(';', 1)[0]).join('; ') }
}

/** A record as `signedIn` makes it, without the work of making it. `at`: when it began. */
export function madeUp(id: string, userId: string, at: number): SessionRecord {
  const twelveHours = 12 * 60 * 60 * 1_000
  return {
    id,
    namespace: 'default',
    kind: 'opaque',
    userId,
    generation: 0,
    minGeneration: 0,
    secretHash: `${id}${id}`.slice(0, 43),
    predecessor: null,
    data: TEXTS,
    schema: 0,
    createdAt: at,
    authenticatedAt: at,
    renewedAt: at,
    lastSeenAt: at,
    // To fill and to sweep millions takes longer than a usual idle timeout.
    idleFor: twelveHours,
    persistent: false,
    expiresAt: at + twelveHours,
    assurance: { level: 1, methods: [] },
    client: { address: null, userAgent: null, label: null },
    binding: null,
    version: 0,
    ended: null,
  }
}

/** Runs `work` for each number below `count`, so many at once. */
export async function inFlight(count: number, atOnce: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane))
}
