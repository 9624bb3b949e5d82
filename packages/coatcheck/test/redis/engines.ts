import { Cluster, Redis as IoRedis } from 'ioredis'
import { createClient, createCluster, createSentinel } from 'redis'
import { afterAll, beforeAll, expect } from 'vitest'
import { SENTINEL_MASTER, startRedis, startRedisCluster, startRedisSentinel } from '../../../../scripts/engines.ts'
import { engineOf } from '../../src/stores/redis/clients.ts'
import { redisStore } from '../../src/stores/redis.ts'
import type { StoreContext } from '../../src/testing/index.ts'

/** A client of each kind, and how it goes. */
interface Connected {
  readonly client: Parameters<typeof redisStore>[0]
  readonly close: () => Promise<unknown>
}

/** Every client on every kind of Redis; `ports` are those of its machines. */
const CLIENTS: Readonly<Record<string, (ports: readonly number[]) => Promise<Connected>>> = {
  async 'node-redis'([port]) {
    const client = createClient({ url: `redis://127.0.0.1:${port}` })
    await client.connect()
    return { client, close: () => client.close() }
  },
  async ioredis([port]) {
    const client = new IoRedis(`redis://127.0.0.1:${port}`)
    return { client, close: () => client.quit() }
  },
}

const CLUSTER_CLIENTS: typeof CLIENTS = {
  async 'node-redis, Cluster'(ports) {
    const client = createCluster({ rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })) })
    await client.connect()
    return { client, close: () => client.close() }
  },
  async 'ioredis, Cluster'(ports) {
    const client = new Cluster(ports.map((port) => ({ port, host: '127.0.0.1' })))
    return { client, close: () => client.quit() }
  },
}

const SENTINEL_CLIENTS: typeof CLIENTS = {
  async 'node-redis, Sentinel'([port = 0]) {
    const client = createSentinel({ name: SENTINEL_MASTER, sentinelRootNodes: [{ host: '127.0.0.1', port }] })
    await client.connect()
    return { client, close: () => client.close() }
  },
  async 'ioredis, Sentinel'([port = 0]) {
    const client = new IoRedis({ name: SENTINEL_MASTER, sentinels: [{ host: '127.0.0.1', port }] })
    return { client, close: () => client.quit() }
  },
}

/** Each way to a Redis, and the clients that go it. */
const KINDS = {
  single: { clients: CLIENTS, start: () => startRedis().then((one) => ({ ports: [one.port], stop: one.stop })) },
  sentinel: {
    clients: SENTINEL_CLIENTS,
    start: () => startRedisSentinel().then((one) => ({ ports: [one.port], stop: one.stop })),
  },
  cluster: { clients: CLUSTER_CLIENTS, start: startRedisCluster },
} as const

export type Kind = keyof typeof KINDS

export const clientsOf = (kind: Kind): readonly string[] => Object.keys(KINDS[kind].clients)

interface OpenedRedis {
  readonly store: ReturnType<typeof redisStore>
  readonly client: Connected['client']
  readonly namespace: string
}

let number = 0

/** What the tests of a file need of Redis; each context has a namespace of its own there. */
export function redisForTests(...kinds: readonly Kind[]): {
  readonly context: (client: string) => Promise<StoreContext>
  /** As `context`, with the store as what it is and the client behind it. */
  readonly opened: (client: string) => Promise<StoreContext & OpenedRedis>
} {
  const stops: (() => Promise<unknown>)[] = []
  const connected = new Map<string, Connected>()
  beforeAll(async () => {
    const starting = kinds.map(async (kind) => {
      const { clients, start } = KINDS[kind]
      const { ports, stop } = await start()
      stops.push(stop)
      for (const [name, connect] of Object.entries(clients)) connected.set(name, await connect(ports))
    })
    await Promise.all(starting)
  }, 60_000)
  afterAll(async () => {
    // A client that cannot close leaves no engine behind.
    const closed = await Promise.allSettled([...connected.values()].map(({ close }) => close()))
    for (const stop of stops) await stop()
    expect(closed.filter(({ status }) => status === 'rejected')).toEqual([])
  })
  async function opened(name: string): Promise<StoreContext & OpenedRedis> {
    const one = connected.get(name)
    if (one === undefined) throw new Error(`no client is called ${name}`)
    const namespace = `t${process.pid}.${number++}`
    return {
      client: one.client,
      namespace,
      store: redisStore(one.client, { namespace }),
      open: async () => redisStore(one.client, { namespace }),
      reopen: async () => redisStore(one.client, { namespace }),
      openNamespace: async (other) => redisStore(one.client, { namespace: `${namespace}.${other}` }),
      start: Date.now(),
      logsAgain: engineOf(one.client).isCluster,
      // A walk through the keys of others' cases would take longer than a case expects.
      close: () => empty(one.client),
    }
  }
  return { context: opened, opened }
}

async function empty(client: Connected['client']): Promise<void> {
  for (const send of await engineOf(client).masters()) await send('FLUSHALL')
}
