import type { RedisClient, Reply, Send } from './clients.ts'
import { within } from './waiting.ts'

/** A connection that hears what one machine publishes, and does nothing else. */
export interface Subscription {
  /** Resolves when all that was published before has been heard. */
  readonly caughtUp: () => Promise<unknown>
  readonly close: () => void
}

/** One beside the client's, for commands that keep others waiting. */
export interface Connection {
  readonly send: Send
  readonly close: () => void
}

/** What a subscription calls. */
export interface Ear {
  readonly heard: (message: string) => void
  /** Once, where the connection has failed: from then on nothing is heard. */
  readonly lost: () => void
}

/** One machine that holds keys, of those that a client knows. */
export interface Machine {
  readonly address: string
  readonly send: Send
  /** Ends with its first failure. */
  readonly connect: () => Promise<Connection>
  readonly subscribe: (channels: readonly string[], ear: Ear) => Promise<Subscription>
}

/** What the clients of both packages have, for one machine. */
interface MachineClient {
  readonly options?: Place & { readonly socket?: Place }
  duplicate(changes?: { readonly lazyConnect: boolean }): MachineClient
  on(event: string, listener: (...args: readonly string[]) => void): unknown
  subscribe(...args: readonly unknown[]): Promise<unknown>
  ping(): Promise<unknown>
  connect(): Promise<unknown>
  /** Of node-redis. */
  sendCommand?(args: readonly string[]): Promise<unknown>
  destroy?(): void
  /** Of ioredis. */
  call?(...args: readonly string[]): Promise<unknown>
  disconnect?(): void
}

interface Place {
  readonly host?: string
  readonly port?: number
}

/** A machine's own client inside of a client for several; each kind has another way to it. */
export async function machinesOf(client: RedisClient): Promise<readonly Machine[]> {
  if ('nodes' in client) return client.nodes('master').map(machine)
  if ('masters' in client) {
    const nodes = client.masters.map((node) => client.nodeClient(node as never))
    return (await Promise.all(nodes)).map(machine)
  }
  // A lease holds a client of a Sentinel's pool only while the work is done.
  if ('acquire' in client) return [await client._execute(false, async (one) => machine(one))]
  return [machine(client)]
}

function machine(client: object): Machine {
  const known = client as MachineClient
  const { host, port } = known.options?.socket ?? known.options ?? {}
  // Without this it would connect by itself, and one whose offline queue is off refuse commands until it has.
  const another = () => (isOfIoRedis(known) ? known.duplicate({ lazyConnect: true }) : known.duplicate())
  return {
    address: `${host}:${port}`,
    send: sendBy(known),
    connect: async () => {
      const client = another()
      return { send: sendBy(client), close: await connect(client, () => undefined) }
    },
    subscribe: (channels, ear) => subscribe(another(), channels, ear),
  }
}

const sendBy =
  (client: MachineClient): Send =>
  async (...args) =>
    (await (client.call?.(...args) ?? client.sendCommand?.(args))) as Reply

async function subscribe(client: MachineClient, channels: readonly string[], ear: Ear): Promise<Subscription> {
  const close = await connect(client, ear.lost)
  try {
    if (isOfIoRedis(client)) {
      client.on('message', (_, message = '') => ear.heard(message))
      await client.subscribe(...channels)
    } else {
      await client.subscribe(channels, ear.heard)
    }
  } catch (error) {
    close()
    throw error
  }
  return { caughtUp: () => client.ping(), close }
}

/** Answers how to close it. After a failure it is closed: clients would connect anew, and not say what was missed meanwhile. */
async function connect(client: MachineClient, lost: () => void): Promise<() => void> {
  let isOver = false
  /** node-redis forgets a socket that is closed while it is being opened, and opens it all the same. */
  let isOpening = !isOfIoRedis(client)
  const end = () => (client.destroy === undefined ? client.disconnect?.() : client.destroy())
  const close = () => {
    if (isOver) return
    isOver = true
    if (!isOpening) end()
  }
  const settled = () => {
    if (isOver && isOpening) end()
    isOpening = false
  }
  client.on('connect', settled)
  for (const event of ['error', 'close', 'end', 'reconnecting']) {
    client.on(event, () => {
      settled()
      if (isOver) return
      close()
      lost()
    })
  }
  try {
    await within(client.connect())
  } catch (error) {
    close()
    throw error
  }
  return close
}

const isOfIoRedis = (client: object): boolean => 'call' in client
