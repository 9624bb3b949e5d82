import { expect, test } from 'vitest'
import { kitOf } from '../../src/testing/store-contract/kit.ts'
import { redisForTests } from './engines.ts'

const { opened } = redisForTests('cluster')

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
