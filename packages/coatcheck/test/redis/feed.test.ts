import type { LookupFunction } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis as IoRedis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../../../../scripts/engines.ts'
import { engineOf, type RedisClient } from '../../src/stores/redis/clients.ts'
import { makeKeys } from '../../src/stores/redis/keys.ts'
import { followRemovals } from '../../src/stores/redis/removals.ts'
import { machinesOf } from '../../src/stores/redis/subscribing.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'
import { until } from '../../src/testing/waiting.ts'
import { clientsOf, type Kind, redisForTests } from './engines.ts'
import { followed } from './following.ts'

/** A Redis that has no `CONFIG`, and so publishes nothing of what becomes of keys. */
const WITHOUT_EVENTS = ['--rename-command', 'CONFIG', '']

async function started(options: readonly string[] = []) {
  const redis = await startRedis({ options })
  const client = createClient({ url: `redis://127.0.0.1:${redis.port}` })
  await client.connect()
  onTestFinished(async () => {
    client.destroy()
    await redis.stop()
  })
  return { redis, client, store: redisStore(client) }
}

/** Of each machine the connections of applications: one line of `CLIENT LIST` each. */
async function connections(client: RedisClient) {
  const machines = await engineOf(client).masters()
  const listed = machines.map(async (send) => {
    const lines = String(await send('CLIENT', 'LIST')).split('\n')
    return lines.filter((line) => / flags=[NPb]/.test(line)).map((line) => ({ send, line }))
  })
  return (await Promise.all(listed)).flat()
}

const idOf = (line: string) => / ?id=(\d+)/.exec(line)?.[1] ?? ''

const kinds: readonly Kind[] = ['single', 'sentinel', 'cluster']
const redis = redisForTests(...kinds)

describe.each(kinds.flatMap(clientsOf))('the connections of a feed: %s', (name) => {
  test('one to each machine and one to that of the log, and none is left of those that were lost', async () => {
    const { store, client } = await redis.opened(name)
    const machines = (await engineOf(client).masters()).length
    await connections(client)
    const before = (await connections(client)).length
    const { feed } = await followed(store)
    for (let i = 0; i < 3; i++) {
      const reading = async () => (await connections(client)).filter(({ line }) => line.includes(' cmd=xread '))
      await expect.poll(async () => (await reading()).length, { timeout: 5_000 }).toBe(1)
      for (const { send, line } of await reading()) await send('CLIENT', 'KILL', 'ID', idOf(line))
    }
    await expect.poll(async () => (await connections(client)).length, { timeout: 5_000 }).toBe(before + machines + 1)
    await feed.stop()
    await expect.poll(async () => (await connections(client)).length, { timeout: 5_000 }).toBe(before)
  })

  test('none is left of a feed that is stopped while it begins', async () => {
    const { store, client } = await redis.opened(name)
    await connections(client)
    const before = (await connections(client)).length
    for (const delay of [0, 1, 2, 3, 5, 8, 13]) {
      const feed = store.watch({ ended: () => undefined, changed: () => undefined, missed: () => undefined })
      await pause(delay)
      await feed.stop()
    }
    // What is on its way comes first.
    await pause(500)
    await expect.poll(async () => (await connections(client)).length, { timeout: 5_000 }).toBe(before)
  })
})

test('of a connection that comes too late nothing is left', async () => {
  const { redis, client: admin } = await started()
  let delay = 0
  const lookup: LookupFunction = (_host, _options, found) => {
    setTimeout(() => found(null, [{ address: '127.0.0.1', family: 4 }]), delay)
  }
  const client = createClient({ socket: { host: 'localhost', port: redis.port, lookup } })
  await client.connect()
  onTestFinished(() => client.destroy())
  const before = (await connections(admin)).length
  // More than a feed waits for a connection.
  delay = 1_300
  const feed = redisStore(client).watch({ ended: () => undefined, changed: () => undefined, missed: () => undefined })
  await pause(2_000)
  await feed.stop()
  await pause(1_500)
  await expect.poll(async () => (await connections(admin)).length, { timeout: 5_000 }).toBe(before)
})

test('a feed that begins while the memory of Redis is full tells of endings and of removals', async () => {
  const { redis, store } = await started()
  const { add, request } = kitOf(store, Date.now())
  const [one, other] = [await add(), await add()]
  await redis.command('CONFIG', 'SET', 'maxmemory', '1')
  const gone: string[] = []
  const ended: (string | null)[] = []
  const feed = store.watch({
    ended: ({ subject }) => ended.push(subject),
    gone: (id) => gone.push(id),
    changed: () => undefined,
    missed: () => undefined,
  })
  onTestFinished(() => feed.stop())
  await until(() => feed.aliveAt > 0 && feed.seesRemovals, 'The feed never began.')
  await store.end(one.id, request())
  await redis.command('DEL', makeKeys('default').record(other.id))
  await until(() => ended.includes(one.id), 'The ending is not told of.')
  await until(() => gone.includes(other.id), 'The removal is not told of.')
})

describe('where Redis does not publish what becomes of keys', () => {
  /** Follows removals, and asks again whether they are published after a moment already. */
  async function removalsOf(client: RedisClient) {
    const counts = { missed: 0 }
    const listener = { ended: () => undefined, changed: () => undefined, missed: () => counts.missed++ }
    const removals = followRemovals(client, makeKeys('default'), listener, 50)
    onTestFinished(() => removals.stop())
    return { removals, counts }
  }

  test('nothing is told of as missed when it is asked again', async () => {
    const { redis, client } = await started(WITHOUT_EVENTS)
    const { removals, counts } = await removalsOf(client)
    const asked = async () =>
      Number(/^cmdstat_subscribe:calls=(\d+)/m.exec(await redis.command('INFO', 'commandstats'))?.[1] ?? 0)
    await expect.poll(asked, { timeout: 10_000 }).toBeGreaterThan(2)
    expect(removals.aliveAt).toBeNull()
    expect(counts.missed).toBe(0)
  })

  test('all that was removed before is told of as missed once it does', async () => {
    const { redis } = await started()
    await redis.command('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-config')
    const client = createClient({ url: `redis://app:secret@127.0.0.1:${redis.port}` })
    await client.connect()
    onTestFinished(() => client.destroy())
    const { removals, counts } = await removalsOf(client)
    await until(() => removals.aliveAt === null, 'It is published.')
    expect(counts.missed).toBe(0)
    await redis.command('CONFIG', 'SET', 'notify-keyspace-events', 'Egxe')
    await until(() => removals.aliveAt !== null, 'It is not asked again.')
    expect(counts.missed).toBe(1)
  })

  test('a log that was flushed while it was empty, and begun anew by another feed, is told of as missed', async () => {
    const { redis, store } = await started(WITHOUT_EVENTS)
    const follower = new IoRedis(redis.port)
    onTestFinished(() => follower.disconnect())
    const { counts } = await followed(redisStore(follower))
    follower.disconnect()
    await redis.command('FLUSHALL')
    await followed(store)
    void follower.connect()
    await until(() => counts.missed > 0, 'That all is lost is not told of.')
  })
})

test('a feed that goes on for longer tells of nothing as missed, and keeps what it has put there', async () => {
  const { redis, client, store } = await started()
  const { feed, counts } = await followed(store)
  const renewed = async () => (await redis.command('INFO', 'commandstats')).includes('cmdstat_pexpire:')
  await expect.poll(renewed, { timeout: 15_000 }).toBe(true)
  const since = Date.now()
  await until(() => feed.aliveAt > since, 'The feed stands still.')
  expect(counts.missed).toBe(0)
  const [witness = ''] = await client.keys('*}cc.p*')
  expect(await client.pTTL(witness)).toBeGreaterThan(55_000)
}, 20_000)

test.for(clientsOf('cluster'))('a feed follows its log to another machine: %s', async (name) => {
  const { store, client, namespace } = await redis.opened(name)
  const { ended } = await followed(store)
  const { add, request } = kitOf(store, Date.now())
  const endOne = async () => {
    const { id } = await add()
    await store.end(id, request())
    return id
  }
  const [first, second] = [await endOne(), await moveLog(client, namespace).then(endOne)]
  await until(() => ended.includes(second), 'The ending is not told of.')
  expect(ended).toEqual([first, second])
  const reading = async () => (await connections(client)).filter(({ line }) => line.includes(' cmd=xread '))
  await expect.poll(async () => (await reading()).length, { timeout: 5_000 }).toBe(1)
})

/** Moves the slot of the log, as `redis-cli --cluster reshard` does. */
async function moveLog(client: RedisClient, namespace: string): Promise<void> {
  const { log, logNumber } = makeKeys(namespace)
  const machines = await machinesOf(client)
  const holds = await Promise.all(machines.map(({ send }) => send('GET', logNumber).then(Boolean, () => false)))
  const from = machines[holds.indexOf(true)] ?? expect.fail('No machine has the log.')
  const to = machines[holds.indexOf(false)] ?? expect.fail('Each machine has the log.')
  const slot = String(await from.send('CLUSTER', 'KEYSLOT', log))
  const [fromId, toId] = [await from.send('CLUSTER', 'MYID'), await to.send('CLUSTER', 'MYID')].map(String)
  await to.send('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId ?? '')
  await from.send('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId ?? '')
  const found = (await from.send('CLUSTER', 'GETKEYSINSLOT', slot, '1000')) as readonly string[]
  const [host = '', port = ''] = to.address.split(':')
  await from.send('MIGRATE', host, port, '', '0', '5000', 'KEYS', ...found)
  for (const { send } of [to, from]) await send('CLUSTER', 'SETSLOT', slot, 'NODE', toId ?? '')
}

test('a feed that is stopped while it connects anew tells nothing more', async () => {
  const { redis, store } = await started()
  const { feed, counts } = await followed(store)
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
  redis.signal('SIGSTOP')
  // Longer than between two of its looks, and shorter than it waits for an answer.
  await pause(400)
  const before = counts.missed
  await feed.stop()
  redis.signal('SIGCONT')
  await pause(500)
  expect(counts.missed).toBe(before)
})
