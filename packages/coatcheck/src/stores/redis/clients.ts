import { OptionError } from '../../errors.ts'

/** Of node-redis, for one command: after so many milliseconds it is not sent any more; 0 for no timer. */
interface NodeRedisOptions {
  readonly timeout?: number
}

/** A client of the package `redis` (node-redis). */
export interface NodeRedisClient {
  sendCommand(args: readonly string[], options?: NodeRedisOptions): Promise<unknown>
  on(event: 'error', listener: (error: unknown) => void): unknown
}

/** A Cluster's client of the package `redis`: `createCluster(…)`. */
export interface NodeRedisCluster {
  readonly masters: readonly unknown[]
  /** Takes one of `masters`. */
  nodeClient(node: never): NodeRedisClient | Promise<NodeRedisClient>
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: string[],
    options?: NodeRedisOptions,
  ): Promise<unknown>
  on(event: 'error', listener: (error: unknown) => void): unknown
}

/** A client of the package `redis` that asks Sentinels for the master: `createSentinel(…)`. */
export interface NodeRedisSentinel {
  acquire(): unknown
  /** Lends the client that is connected to the master. */
  _execute<T>(isReadonly: boolean | undefined, work: (client: object) => Promise<T>): Promise<T>
  sendCommand(isReadonly: boolean | undefined, args: string[], options?: NodeRedisOptions): Promise<unknown>
  on(event: 'error', listener: (error: unknown) => void): unknown
}

/** A client of the package `ioredis`; with `sentinels` among its options it asks those for the master. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>
  on(event: 'error', listener: (error: unknown) => void): unknown
}

/** A Cluster's client of the package `ioredis`: `new Cluster(…)`. */
export interface IoRedisCluster extends IoRedisClient {
  nodes(role: 'master'): readonly IoRedisClient[]
}

/** Connected, or about to be, and closed by whoever made it. */
export type RedisClient = NodeRedisClient | NodeRedisSentinel | NodeRedisCluster | IoRedisClient | IoRedisCluster

export type Reply = string | null | readonly Reply[]

/** One command to one machine. */
export type Send = (command: string, ...args: string[]) => Promise<Reply>

/** Redis as the store sees it, whichever client is behind it. */
export interface Engine {
  /** Keys lie in slots, and a step may use those of one only. */
  readonly isCluster: boolean
  /** A command about a key: `args` begin with the key, or for scripts with what comes before it. */
  readonly send: (key: string, command: string, ...args: string[]) => Promise<Reply>
  /** Every machine that holds keys, for what is asked of each. */
  readonly masters: () => Promise<readonly Send[]>
}

/** node-redis's own timer for each command is a third of what a read costs; the library bounds each call itself. */
const UNTIMED: NodeRedisOptions = { timeout: 0 }

/** A client that fails without a listener would end the process; what it says reaches callers by their own calls. */
const silent = () => undefined
const heard = new WeakSet<RedisClient>()

/** @throws OptionError for what is no client, or one that cannot be used */
export function engineOf(client: RedisClient): Engine {
  if (typeof client !== 'object' || client === null) throw noClient()
  if ('totalClients' in client) throw aPool()
  if (prefixesKeys(client)) throw aPrefix()
  if (!heard.has(client)) {
    heard.add(client)
    client.on('error', silent)
  }
  if ('nodes' in client) {
    const { send } = alone(byCall(client))
    const masters = async () => {
      // Before it is connected it knows none; this waits until it is, or says that it is not.
      if (client.nodes('master').length === 0) await client.call('PING')
      return client.nodes('master').map(byCall)
    }
    return { isCluster: true, send, masters }
  }
  if ('call' in client) return alone(byCall(client))
  if ('masters' in client) return nodeCluster(client)
  if ('acquire' in client) return alone(async (...args) => (await client.sendCommand(false, args, UNTIMED)) as Reply)
  if ('sendCommand' in client) return alone(byList(client))
  throw noClient()
}

function noClient(): OptionError {
  return new OptionError('client', 'a client of the package `redis` or `ioredis`, for one Redis or for a Cluster.')
}

/** Of node-redis: `WAIT` counts for the connection that has written, and a pool would send it by another one. */
function aPool(): OptionError {
  const instead = 'one of `createClient`, `createCluster` or `createSentinel`'
  return new OptionError('client', `no pool, whose connections do not know of one another: ${instead}.`)
}

/**
 * What clients put before keys is in some commands only: not in patterns, replies and channels, nor, with node-redis, in
 * what is sent by `sendCommand`.
 */
function aPrefix(): OptionError {
  return new OptionError('client', "one without `keyPrefix`: the store's option `namespace` keeps applications apart.")
}

function prefixesKeys(client: object): boolean {
  const { options, _keyPrefix } = client as Prefixing
  return Boolean(_keyPrefix ?? (options?.keyPrefix || options?.redisOptions?.keyPrefix))
}

/** Where clients of both packages have it. */
interface Prefixing {
  readonly options?: { readonly keyPrefix?: unknown; readonly redisOptions?: { readonly keyPrefix?: unknown } }
  /** Of node-redis, whose Clusters and Sentinels show no options. */
  readonly _keyPrefix?: unknown
}

function alone(send: Send): Engine {
  return { isCluster: false, send: (_, ...command) => send(...command), masters: async () => [send] }
}

const byCall =
  (client: IoRedisClient): Send =>
  async (command, ...args) =>
    (await client.call(command, ...args)) as Reply

const byList =
  (client: NodeRedisClient): Send =>
  async (...args) =>
    (await client.sendCommand(args, UNTIMED)) as Reply

function nodeCluster(client: NodeRedisCluster): Engine {
  return {
    isCluster: true,
    // A replica may not know yet of an ending, so reads, too, go to the master.
    send: async (key, ...args) => (await client.sendCommand(key, false, args, UNTIMED)) as Reply,
    masters: async () =>
      await Promise.all(client.masters.map(async (node) => byList(await client.nodeClient(node as never)))),
  }
}
