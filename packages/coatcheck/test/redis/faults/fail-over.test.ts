import { Redis as IoRedis } from 'ioredis'
import { createSentinel } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import { SENTINEL_MASTER, startRedisSentinel } from '../../../../../scripts/engines.ts'
import { OptionError, StoreTimeoutError } from '../../../src/index.ts'
import { type RedisClient, redisStore } from '../../../src/stores/redis.ts'
import { kitOf } from '../../../src/testing/store-contract/kit.ts'

const CLIENTS: Readonly<Record<string, (port: number) => Promise<{ client: RedisClient; close: () => void }>>> = {
  async 'node-redis'(port) {
    const client = createSentinel({
      name: SENTINEL_MASTER,
      sentinelRootNodes: [{ host: '127.0.0.1', port }],
      scanInterval: 500,
    })
    await client.connect()
    return { client, close: () => client.destroy() }
  },
  async ioredis(port) {
    const client = new IoRedis({ name: SENTINEL_MASTER, sentinels: [{ host: '127.0.0.1', port }] })
    return { client, close: () => client.disconnect() }
  },
}

test.each(Object.entries(CLIENTS))('after a fail-over sessions go on by themselves: %s', async (_, connect) => {
  const sentinel = await startRedisSentinel()
  onTestFinished(sentinel.stop)
  const { client, close } = await connect(sentinel.port)
  onTestFinished(close)
  // An ending is acknowledged when the replica has it.
  const store = redisStore(client, { replicas: 1 })
  const kit = kitOf(store, Date.now())
  const [alive, ended] = [await kit.add({ userId: 'ada' }), await kit.add({ userId: 'ada' })]
  await store.end(ended.id, kit.request())
  await sentinel.master.kill()
  const read = async () => await Promise.race([store.read(alive.id).catch(() => undefined), later(1_000)])
  await expect.poll(read, { timeout: 30_000, interval: 100 }).toEqual(alive)
  expect((await kit.stored(ended.id)).ended?.reason).toBe('revoked')
  await kit.add({ userId: 'ada' })
})

test('an ending that no replica has is not confirmed, and stands on the master', async () => {
  const sentinel = await startRedisSentinel()
  onTestFinished(sentinel.stop)
  const client = new IoRedis(`redis://127.0.0.1:${sentinel.master.port}`)
  onTestFinished(() => client.disconnect())
  const store = redisStore(client, { replicas: 1 })
  const kit = kitOf(store, Date.now())
  const { id } = await kit.add({ userId: 'ada' })
  sentinel.replica.signal('SIGSTOP')
  onTestFinished(() => sentinel.replica.signal('SIGCONT'))
  const fault: unknown = await store.end(id, kit.request()).catch((error: unknown) => error)
  expect(fault).toBeInstanceOf(StoreTimeoutError)
  expect(fault).toMatchObject({ outcome: 'unknown', operation: 'end' })
  expect((await kit.stored(id)).ended?.reason).toBe('revoked')
  // What can be written again is not waited for.
  await kit.add()
  sentinel.replica.signal('SIGCONT')
  await expect.poll(() => store.end(id, kit.request()).catch(() => null)).toMatchObject({ outcome: 'already' })
})

test.each([-1, 1.5, '1'])('%j replicas are refused', (replicas) => {
  const client = { on: () => undefined, call: async () => null }
  expect(() => redisStore(client, { replicas: replicas as number })).toThrow(OptionError)
})

async function later(milliseconds: number): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
}
