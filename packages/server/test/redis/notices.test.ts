import { createSessions } from 'coatcheck'
import { redisStore } from 'coatcheck/stores/redis'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startRedis } from '../../../../scripts/engines.ts'
import { type Ending, makeEndingNotices } from '../../src/ending-notices.ts'
import type { SessionData } from '../../src/session-data.ts'

test('an open page is told when its session is deleted by hand, without anybody asking for it', async () => {
  const redis = await startRedis()
  const client = new Redis(redis.port)
  const store = redisStore(client)
  const sessions = createSessions<SessionData>({ store, keys: 'a-signing-key-of-the-notices-0123456789' })
  const notices = makeEndingNotices(sessions, 2_000_000_000)
  onTestFinished(async () => {
    notices.close()
    await sessions.close()
    client.disconnect()
    await redis.stop()
  })
  const session = await sessions.open(new Request('http://localhost/'))
  await session.signIn(await sessions.begin('ada'))
  const told: (Ending | null)[] = []
  notices.subscribe({ sessionId: session.id ?? '', userId: session.userId ?? '', site: '203.0.113.7' }, (ending) =>
    told.push(ending),
  )
  // Until the feed has begun nothing is told.
  const witness = store.watch({ ended: () => undefined, changed: () => undefined, missed: () => undefined })
  await vi.waitUntil(() => witness.seesRemovals, 10_000)
  await witness.stop()
  await redis.command('DEL', await redis.command('KEYS', '*cc.s*'))
  await vi.waitUntil(() => told.length > 0, 10_000)
  expect(told).toEqual([{ reason: 'unknown', note: null }])
})
