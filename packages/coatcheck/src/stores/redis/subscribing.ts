import type { RedisClient, Reply, Send } from './clients.ts'

/** A connection that hears what one machine publishes, and does nothing else. */
export interface Subscription {
  /** Resolves when all that was published before has been heard. */
  readonly caughtUp: () => Promise<unknown>
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
  return {
    address: `${host}:${port}`,
    send: async (...args) => (await (known.call?.(...args) ?? known.sendCommand?.(args))) as Reply,
    subscribe: (channels, ear) => {
      // Without this it would connect by itself, and one whose offline queue is off refuse commands until it has.
      const another = isOfIoRedis(known) ? known.duplicate({ lazyConnect: true }) : known.duplicate()
      return subscribe(another, channels, ear)
    },
  }
}

async function subscribe(client: MachineClient, channels: readonly string[], ear: Ear): Promise<Subscription> {
  let isOver = false
  const close = () => {
    if (isOver) return
    isOver = true
    if (client.destroy !== undefined) client.destroy()
    else client.disconnect?.()
  }
  const lost = () => {
    if (isOver) return
    // Clients would connect anew by themselves, and say nothing of what they have not heard meanwhile.
    close()
    ear.lost()
  }
  for (const event of ['error', 'close', 'end', 'reconnecting']) client.on(event, lost)
  try {
    await client.connect()
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

const isOfIoRedis = (client: object): boolean => 'call' in client
