import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as IoRedis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Redis, startRedis } from '../../../../scripts/engines.ts'
import { engineOf } from '../../src/stores/redis/clients.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'
import { until } from '../../src/testing/waiting.ts'
import { clientsOf, type Kind, redisForTests } from './engines.ts'
import { followed } from './following.ts'

const kinds: readonly Kind[] = ['single', 'sentinel', 'cluster']
const redis = redisForTests(...kinds)

describe.each(kinds.flatMap(clientsOf))('records that are removed on Redis: %s', (name) => {
  test('one that is deleted by hand is told of, and then the feed says that it was alive', async () => {
    const { store, client, openNamespace, namespace } = await redis.opened(name)
    const { feed, gone } = await followed(store)
    expect(feed.seesRemovals).toBe(true)
    const { add } = kitOf(store, Date.now())
    const { id } = await add({ userId: 'ada' })
    const other = await openNamespace?.('other')
    if (other === undefined) throw new Error('there is no other namespace')
    const strangers = kitOf(other, Date.now())
    // Its first one has the id of ours.
    const ids = [(await strangers.add()).id, (await strangers.add()).id]
    expect(ids).toContain(id)
    for (const send of await engineOf(client).masters()) {
      for (const one of [`${namespace}.other`, namespace]) await deleteAll(send, one)
    }
    const removed = Date.now()
    await until(() => feed.aliveAt > removed, 'The feed stands still.')
    expect(gone).toEqual([id])
  })
})

/** As an operator would: what the pattern finds is deleted. */
async function deleteAll(send: (...command: [string, ...string[]]) => Promise<unknown>, namespace: string) {
  const keys = (await send('KEYS', `*:${namespace}:s*`)) as readonly string[]
  for (const key of keys) await send('UNLINK', key)
}

async function alone(options: readonly string[] = []): Promise<{ one: Redis; store: ReturnType<typeof redisStore> }> {
  const one = await startRedis({ options })
  const client = createClient({ url: `redis://127.0.0.1:${one.port}` })
  await client.connect()
  onTestFinished(async () => {
    client.destroy()
    await one.stop()
  })
  return { one, store: redisStore(client) }
}

describe('what a feed cannot have heard', () => {
  test('is told of as missed after its connection was lost, and then it hears again', async () => {
    const { one, store } = await alone()
    const { feed, gone, counts } = await followed(store)
    const { id } = await kitOf(store, Date.now()).add()
    await one.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await until(() => counts.missed === 1, 'What was missed is not told of.')
    const since = Date.now()
    await until(() => feed.aliveAt > since, 'The feed stands still.')
    await one.command('DEL', (await one.command('KEYS', '*cc.s*')).trim())
    await until(() => gone.includes(id), 'The feed hears no longer.')
  })

  test('is told of as missed again where its connection is lost before it has looked again', async () => {
    const one = await startRedis()
    const client = new IoRedis(one.port)
    const counts = { missed: 0 }
    const kill = () => client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    const missed = () => {
      counts.missed++
      // The connection was opened just now, and there was no look since.
      if (counts.missed === 1) void kill()
    }
    const feed = redisStore(client).watch({ ended: () => undefined, changed: () => undefined, missed })
    onTestFinished(async () => {
      await feed.stop()
      client.disconnect()
      await one.stop()
    })
    await until(() => feed.seesRemovals, 'The feed never began.')
    await kill()
    await until(() => counts.missed > 1, 'What was missed the second time is not told of.')
    await until(() => feed.seesRemovals, 'Removals are no longer seen.')
  })

  test('is told of as missed when all is flushed, also where nothing had ever ended', async () => {
    const { one, store } = await alone()
    const { counts } = await followed(store)
    await one.command('FLUSHALL')
    await until(() => counts.missed > 0, 'That all is lost is not told of.')
  })

  test.for(clientsOf('cluster'))('is told of as missed when one machine of a Cluster is flushed: %s', async (name) => {
    const { store, client } = await redis.opened(name)
    const { feed, counts } = await followed(store)
    const machines = await engineOf(client).masters()
    for (const [i, send] of machines.entries()) {
      const since = Date.now()
      await until(() => feed.aliveAt > since, 'The feed stands still.')
      expect(counts.missed).toBe(i)
      await send('FLUSHALL')
      const flushed = Date.now()
      await until(() => counts.missed > i || feed.aliveAt > flushed, 'Nothing is told of.')
      // As well where the log is lost, which is told of for itself.
      expect(counts.missed).toBeGreaterThan(i)
      await until(() => feed.aliveAt > flushed, 'The feed stands still.')
      counts.missed = i + 1
    }
  })

  test('leaves its `aliveAt` where it was while Redis stands still', async () => {
    const { one, store } = await alone()
    const { feed } = await followed(store)
    one.signal('SIGSTOP')
    const stopped = Date.now()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(feed.aliveAt).toBeLessThanOrEqual(stopped)
    one.signal('SIGCONT')
    await until(() => feed.aliveAt > stopped, 'The feed stands still.')
  })
})

describe('a log that went back', () => {
  test('and has grown past where it was is told of as missed', async () => {
    // Without removals, whose connection would be lost as well.
    const folder = mkdtempSync(join(tmpdir(), 'coatcheck-feed-'))
    const options = ['--rename-command', 'CONFIG', '', '--dir', folder]
    let redis = await startRedis({ options })
    const [follower, other] = [0, 0].map(() => new IoRedis(redis.port, { retryStrategy: () => 100 }))
    onTestFinished(async () => {
      follower?.disconnect()
      other?.disconnect()
      await redis.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    const store = redisStore(other as IoRedis)
    const { add, request } = kitOf(store, Date.now())
    const endOne = async () => {
      const { id } = await add()
      await store.end(id, request())
      return id
    }
    await endOne()
    await redis.command('SAVE')
    const { ended, counts } = await followed(redisStore(follower as IoRedis))
    const lost = await endOne()
    await until(() => ended.includes(lost), 'The ending is not told of.')
    // What follows is not to see the log before it has grown again.
    follower?.disconnect()
    await redis.kill()
    redis = await startRedis({ port: redis.port, options })
    for (let i = 0; i < 3; i++) await endOne()
    void follower?.connect()
    await until(() => counts.missed > 0, 'What was missed is not told of.')
  }, 30_000)
})

describe('the setting of Redis', () => {
  test('is looked at again, so that somebody who takes the events away is noticed', async () => {
    const { one, store } = await alone()
    const { feed, counts, gone } = await followed(store)
    await one.command('CONFIG', 'SET', 'notify-keyspace-events', 'Ex')
    await expect.poll(() => counts.missed, { timeout: 15_000 }).toBeGreaterThan(0)
    await until(() => feed.seesRemovals, 'Removals are no longer seen.')
    const { id } = await kitOf(store, Date.now()).add()
    await one.command('DEL', (await one.command('KEYS', '*cc.s*')).trim())
    await until(() => gone.includes(id), 'The feed hears no longer.')
  })

  test('gets what the feed needs beside what it has', async () => {
    const { one, store } = await alone(['--notify-keyspace-events', 'Ks'])
    expect((await followed(store)).feed.seesRemovals).toBe(true)
    const flags = (await one.command('CONFIG', 'GET', 'notify-keyspace-events')).split('\n')[1] ?? ''
    expect([...flags].toSorted()).toEqual([...'EKegsx'].toSorted())
  })

  test('where it may not be changed endings are told of all the same, and the feed says what it does not see', async () => {
    const { store } = await alone(['--rename-command', 'CONFIG', ''])
    const { feed, ended } = await followed(store)
    expect(feed.seesRemovals).toBe(false)
    const { add, request } = kitOf(store, Date.now())
    const { id } = await add()
    await store.end(id, request())
    const at = Date.now()
    await until(() => feed.aliveAt > at, 'The feed stands still.')
    expect(ended).toEqual([id])
    // Its age is that of the endings alone, since nobody looks at what else is removed.
    expect(feed.age()).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  test('where it is set already nothing has to be changed', async () => {
    const { store } = await alone(['--notify-keyspace-events', 'Egxe', '--rename-command', 'CONFIG', ''])
    expect((await followed(store)).feed.seesRemovals).toBe(true)
  })

  test('a user who may not listen to channels gets a feed of endings', async () => {
    const { one } = await alone()
    await one.command('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', 'resetchannels')
    const client = createClient({ url: `redis://app:secret@127.0.0.1:${one.port}` })
    await client.connect()
    onTestFinished(() => client.destroy())
    expect((await followed(redisStore(client))).feed.seesRemovals).toBe(false)
  })
})
