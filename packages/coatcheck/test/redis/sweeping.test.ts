import { Redis as IoRedis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../../../../scripts/engines.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'
import { expectOneToSweep } from '../races/sweeping.ts'

test('of three processes on one Redis one sweeps, and another one when that is killed', async () => {
  const { port, stop, command } = await startRedis()
  onTestFinished(stop)
  await expectOneToSweep({ port })
  expect(Number(await command('DBSIZE'))).toBe(1)
})

test('a sweep finds what is over by its own clock, also where that of Redis has gone on since', async () => {
  const { port, stop } = await startRedis()
  const client = new IoRedis(port, '127.0.0.1')
  onTestFinished(async () => {
    client.disconnect()
    await stop()
  })
  const store = redisStore(client)
  const { add, request, start } = kitOf(store, Date.now() - 60_000)
  const { id } = await add({ userId: 'ada' })
  await store.end(id, request({ at: start, keepUntil: start }))
  expect(await store.sweep(start, { limit: 10, keepFor: 0 })).toMatchObject({ removed: 2, more: false })
  expect(await store.read(id)).toBeNull()
})

test('a sweep of more than it ends at once stops at its limit, and takes what it ended out of the sets of its users', async () => {
  const { port, stop, command } = await startRedis()
  const client = new IoRedis(port, '127.0.0.1')
  onTestFinished(async () => {
    client.disconnect()
    await stop()
  })
  const store = redisStore(client)
  const { add, start } = kitOf(store, Date.now() - 60_000)
  for (let i = 0; i < 70; i++) await add({ userId: `user ${i % 3}`, idleFor: 1_000 })
  const sets = async () => (await command('KEYS', '*}cc.u*')).split('\n').filter((key) => key !== '')
  expect(await sets()).toHaveLength(3)
  const sweep = async () => {
    const { expired, more } = await store.sweep(start + 1_000, { limit: 30, keepFor: 3_600_000 })
    return { expired: expired.length, more }
  }
  expect([await sweep(), await sweep(), await sweep()]).toEqual([
    { expired: 30, more: true },
    { expired: 30, more: true },
    { expired: 10, more: false },
  ])
  expect(await sets()).toEqual([])
})
