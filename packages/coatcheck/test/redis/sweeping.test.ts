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
