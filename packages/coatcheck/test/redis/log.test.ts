import { expect, test } from 'vitest'
import { engineOf } from '../../src/stores/redis/clients.ts'
import { makeKeys } from '../../src/stores/redis/keys.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'
import { redisForTests } from './engines.ts'

const { opened } = redisForTests('single', 'cluster')

test('in a Cluster the rotation of one session keeps no ending of another out of the log', async () => {
  const { store, start } = await opened('node-redis, Cluster')
  const { add, rotation, request, log } = kitOf(store, start ?? 0)
  const [one, other] = [await add({ id: 'x' }), await add({ id: 'x 1' })]
  await store.rotate(one.id, { ...rotation(one), predecessor: null })
  await store.end(other.id, request())
  expect((await log()).map(({ kind, subject }) => [kind, subject])).toEqual([
    ['changed', 'x'],
    ['ended', 'x 1'],
  ])
})

test('a sweep removes no more notes than its limit lets, and says that more are left', async () => {
  const { store, client, namespace } = await opened('ioredis')
  const { noted } = makeKeys(namespace)
  const { send } = engineOf(client)
  const at = Date.now()
  for (let i = 0; i < 25; i++) await send(noted, 'ZADD', noted, String(at - 1), `session ${i}`)
  const sweep = async () => {
    const { more } = await store.sweep(at, { limit: 10, keepFor: 0 })
    return [Number(await send(noted, 'ZCARD', noted)), more]
  }
  expect([await sweep(), await sweep(), await sweep()]).toEqual([
    [15, true],
    [5, true],
    [0, false],
  ])
})
