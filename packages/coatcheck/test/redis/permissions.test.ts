import { Cluster, Redis as IoRedis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Redis, startRedis } from '../../../../scripts/engines.ts'
import { type RedisClient, redisStore } from '../../src/stores/redis.ts'
import { DAY, kitOf, MINUTE } from '../../src/testing/store-contract/kit.ts'
import { aMoment, until } from '../../src/testing/waiting.ts'
import { textOf } from '../package/workspace.ts'

/** The line of the guide. */
const LINE = /^ACL SETUSER .+$/m.exec(textOf('docs/guides/stores.md'))?.[0].split(' ') ?? []
const [username = '', password = ''] = [LINE[2], LINE.find((word) => word.startsWith('>'))?.slice(1)]
const permitted = LINE.filter((word) => /^\+(?!@)/.test(word)).map((word) => word.slice(1))

/** What clients send only while slots of a Cluster are on their way. */
const MOVING = 'asking'

const engines: Redis[] = []
beforeAll(async () => {
  const common = ['--notify-keyspace-events', 'Egxe']
  const cluster = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']
  engines.push(...(await Promise.all([common, [...common, ...cluster]].map((options) => startRedis({ options })))))
  await engines[1]?.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  for (const { command } of engines) {
    expect(await command(...LINE)).toBe('OK')
    await command('CONFIG', 'RESETSTAT')
  }
}, 60_000)
afterAll(async () => {
  for (const { stop } of engines) await stop()
})

const place = (engine: number) => ({ host: '127.0.0.1', port: engines[engine]?.port ?? 0 })
const user = { username, password }

interface Connected {
  readonly client: RedisClient
  readonly close: () => void
}

/** By the place of their Redis in `engines`. */
const clients: Readonly<Record<string, readonly [engine: number, connect: () => Promise<Connected>]>> = {
  ioredis: [
    0,
    async () => {
      const client = new IoRedis({ ...place(0), ...user, db: 1, connectionName: 'shop' })
      return { client, close: () => client.disconnect() }
    },
  ],
  'node-redis': [
    0,
    async () => {
      const client = createClient({ socket: place(0), ...user, database: 1, name: 'shop' })
      await client.connect()
      return { client, close: () => client.destroy() }
    },
  ],
  'ioredis, Cluster': [
    1,
    async () => {
      const client = new Cluster([place(1)], { redisOptions: user })
      return { client, close: () => client.disconnect() }
    },
  ],
  'node-redis, Cluster': [
    1,
    async () => {
      const client = createCluster({ rootNodes: [{ socket: place(1) }], defaults: user })
      await client.connect()
      return { client, close: () => client.destroy() }
    },
  ],
}

/** Far enough ahead that whatever has ended need not be kept any longer. */
const LATE = 30 * DAY

/** Each operation, with what makes its scripts use all of their commands. */
async function oneOfEach(store: ReturnType<typeof redisStore>): Promise<void> {
  const { start, record, add, request, rotation } = kitOf(store, Date.now())
  const limit = { max: 1, strategy: 'end-oldest', keepUntil: start + LATE } as const
  const signedIn = await add({ userId: 'ada' }, { ifUserEpoch: (await store.userEpoch('ada')).epoch, limit })
  const anonymous = await add()
  await store.update(signedIn.id, { at: start, set: new Map([['a', '1']]) })
  await store.touch(signedIn.id, start + MINUTE, { interval: 0 })
  await store.rotate(signedIn.id, rotation(signedIn))
  await store.updateUser('ada', { at: start, set: new Map([['b', '2']]) })
  await store.listUser('ada')
  await store.end(anonymous.id, request())
  await store.endUser('ada', request())
  await store.endAll(request())
  await store.setMark('a', { text: '1', ifText: null, at: start })
  await store.mark('a', start)
  await store.scan()
  await store.epochs()
  await store.adopt([record({ userId: 'eve' })], { ifEpochOfAll: await store.epochOfAll() })
  await store.raiseEpoch('ada', { epoch: 7, endEpoch: 7 })
  await store.raiseEpoch(null, { epoch: 9, endEpoch: 9 })
  const entries = await store.changes(0)
  await store.adoptChanges({ entries, last: (await store.lastChange()) + 1 })
  await store.stats()
  await store.sweep(start + LATE, { limit: 100, keepFor: 0 })
  await store.sweep(start + LATE, { limit: 100, keepFor: 0 })
}

async function removeOne(store: ReturnType<typeof redisStore>): Promise<void> {
  const { start, add, request } = kitOf(store, Date.now())
  await store.end((await add()).id, request())
  await store.sweep(start + LATE, { limit: 100, keepFor: 0 })
}

describe.each(Object.entries(clients))('the user of the guide, by %s', (namespace, [engine, connect]) => {
  test('may do all that a store, its feed and its client do', async () => {
    const { client, close } = await connect()
    onTestFinished(close)
    const store = redisStore(client, { namespace })
    const gone: string[] = []
    const feed = store.watch({
      ended: () => undefined,
      gone: (id) => gone.push(id),
      changed: () => undefined,
      missed: () => undefined,
    })
    onTestFinished(() => feed.stop())
    await until(() => feed.aliveAt > 0, 'The feed never began.')
    await oneOfEach(store)
    const { command } = engines[engine] as Redis
    await command('SCRIPT', 'FLUSH')
    const waiting = redisStore(client, { namespace, replicas: 1 })
    await expect(waiting.end('nobody', kitOf(store).request())).rejects.toThrow(/fewer than 1 replicas/)
    // A client of a Cluster learns of its machines by and by, and what goes meanwhile is told as missed: then one more goes.
    for (let more = 0; gone.length === 0 && more < 20; more++) {
      await removeOne(store)
      await aMoment(150)
    }
    expect(gone).not.toEqual([])
    expect(await command('ACL', 'LOG')).toBe('')
  })
})

test('the user of the guide may do nothing that nobody needs', async () => {
  const called = new Set([MOVING])
  for (const { command } of engines) {
    for (const [, name = ''] of (await command('INFO', 'commandstats')).matchAll(/^cmdstat_([^:]+):calls=[1-9]/gm)) {
      called.add(name)
    }
  }
  expect(permitted.filter((name) => !called.has(name))).toEqual([])
})
