import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as IoRedis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Redis, startRedis, startRedisCluster } from '../../../../scripts/engines.ts'
import { engineOf } from '../../src/stores/redis/clients.ts'
import { makeKeys } from '../../src/stores/redis/keys.ts'
import { groundOf } from '../../src/stores/redis/walking.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'

const keys = makeKeys('default')

describe('a Redis whose memory is full', () => {
  test('ends a session, all of a user and all there are, and no sign-in under way outlives it', async () => {
    const redis = await startRedis()
    const client = createClient({ url: `redis://127.0.0.1:${redis.port}` })
    await client.connect()
    onTestFinished(async () => {
      client.destroy()
      await redis.stop()
    })
    const store = redisStore(client)
    const { add, record, request, stored, log, start } = kitOf(store, Date.now())
    const [one, adas, other] = [await add(), await add({ userId: 'ada' }), await add()]
    const epoch = (await store.userEpoch('ada')).epoch
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    expect((await store.end(one.id, request())).outcome).toBe('ended')
    expect(await store.endUser('ada', request())).toHaveLength(1)
    expect(await store.endAll(request())).toBe(1)
    // By which one process sweeps, and so makes room.
    expect(await store.setMark('sweeper', { at: start, ifText: null, text: 'me', until: start + 1_000 })).toBe(true)
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
    for (const { id } of [one, adas, other]) expect((await stored(id)).ended).not.toBeNull()
    expect((await log()).map(({ scope }) => scope)).toEqual(['session', 'user', 'all'])
    const late = await store.create(record({ userId: 'ada', createdAt: start }), { ifUserEpoch: epoch })
    expect(late.outcome).toBe('user-changed')
  })
})

describe('an ending of many', () => {
  async function opened() {
    const redis = await startRedis()
    const client = new IoRedis(redis.port)
    onTestFinished(async () => {
      client.disconnect()
      await redis.stop()
    })
    const store = redisStore(client)
    const kit = kitOf(store, Date.now())
    return { client, ...kit, store, scopes: async () => (await kit.log()).map(({ scope }) => scope) }
  }

  /** Lets the first `count` scripts that end a record go on, and no further one. */
  function failAfter(client: IoRedis, count: number) {
    let ends = 0
    intercept(client, 'call', async (proceed, args) => {
      const isEnd = args[0] === 'EVALSHA' && String(args[3]).includes('}cc.s') && args.includes('revoked')
      if (isEnd && ++ends > count) throw new Error('Connection is closed.')
      return await proceed()
    })
  }

  test('that fails in the middle is in the log all the same', async () => {
    for (const all of [true, false]) {
      const { client, store, add, request, scopes } = await opened()
      for (let i = 0; i < 3; i++) await add({ userId: 'ada' })
      failAfter(client, 1)
      await expect(all ? store.endAll(request()) : store.endUser('ada', request())).rejects.toThrow()
      expect(await scopes()).toEqual([all ? 'all' : 'user'])
    }
  })

  test('is in the log after its first batch, and behind its last', async () => {
    const { client, store, add, request, scopes } = await opened()
    await Promise.all(Array.from({ length: 450 }, () => add({ userId: 'ada' })))
    const seen: number[] = []
    const other = redisStore(client)
    let ends = 0
    intercept(client, 'call', async (proceed, args) => {
      const isEnd = args[0] === 'EVALSHA' && String(args[3]).includes('}cc.s') && args.includes('revoked')
      if (isEnd && ++ends === 201) seen.push((await other.changes(0)).length)
      return await proceed()
    })
    expect(await store.endUser('ada', request())).toHaveLength(450)
    expect(seen).toEqual([1])
    expect(await scopes()).toEqual(['user', 'user'])
  })
})

test('an authentication in place is void where the user is ended but for its session, between its two steps', async () => {
  const redis = await startRedis()
  const [client, others] = [new IoRedis(redis.port), new IoRedis(redis.port)]
  onTestFinished(async () => {
    client.disconnect()
    others.disconnect()
    await redis.stop()
  })
  const store = redisStore(client)
  const other = redisStore(others)
  const { add, request, rotation } = kitOf(store, Date.now())
  const one = await add({ userId: 'ada' })
  const { epoch } = await store.userEpoch('ada')
  const due = { ...rotation(one), predecessor: null, ifUserEpoch: epoch }
  let isBetween = true
  intercept(client, 'call', async (proceed, args) => {
    if (isBetween && args[0] === 'EVALSHA' && args.includes(due.to)) {
      isBetween = false
      await other.endUser('ada', { ...request(), except: one.id })
    }
    return await proceed()
  })
  expect(await store.rotate(one.id, due)).toEqual({ outcome: 'user-changed', record: one })
  expect(isBetween).toBe(false)
  expect(await other.changes(0)).toEqual([])
  const { epoch: present } = await store.userEpoch('ada')
  expect((await store.rotate(one.id, { ...due, ifUserEpoch: present })).outcome).toBe('rotated')
})

describe('ending all', () => {
  test('leaves nobody in when Redis is started again in the middle', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'coatcheck-endings-'))
    const options = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always']
    let redis: Redis = await startRedis({ options })
    const client = new IoRedis(redis.port)
    onTestFinished(async () => {
      client.disconnect()
      await redis.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    const store = redisStore(client)
    const { add, request, stored } = kitOf(store, Date.now())
    const all = await Promise.all(Array.from({ length: 4_000 }, () => add()))
    let steps = 0
    intercept(client, 'call', async (proceed, args) => {
      const reply = await proceed()
      // A step of the walk is a script about no key.
      if (args[0] === 'EVALSHA' && args[2] === '0' && ++steps === 2) {
        await redis.kill()
        redis = await startRedis({ port: redis.port, options })
      }
      return reply
    })
    await store.endAll(request())
    expect(steps).toBeGreaterThan(4)
    for (const { id } of all) expect((await stored(id)).ended).not.toBeNull()
  }, 60_000)
})

describe('in a Cluster', () => {
  test('ending all finds what moved meanwhile to a machine that was walked over, also while a slot is on its way', async () => {
    const { client, store, ports, masterOf, move } = await cluster()
    const { add, record, request, stored } = kitOf(store, Date.now())
    const [first = 0, , last = 0] = await walked(client)
    const wanderer = record()
    const moving = { ...wanderer, id: await idOn(masterOf, last, 'v') }
    await store.create(moving)
    await add()
    // For the first slot that a machine is given the Cluster raises its epoch, for those that follow it does not.
    await move(await idOn(masterOf, last, 'a'), last, first)
    const node = await client.nodeClient(client.masters.find((one) => portOf(one) === first) as never)
    let isDone = false
    intercept(node, 'sendCommand', async (proceed, [command]) => {
      const reply = await proceed()
      const [name, , count] = command as readonly string[]
      if (!isDone && /^EVAL/.test(name ?? '') && count === '0' && (reply as readonly string[])[0] === '0') {
        isDone = true
        await move(moving.id, last, first)
      }
      return reply
    })
    expect(await store.endAll(request())).toBe(2)
    expect(isDone).toBe(true)
    expect((await stored(moving.id)).ended).not.toBeNull()

    const half = { ...record(), id: await idOn(masterOf, last, 'h') }
    await store.create(half)
    await move(half.id, last, first, 'half')
    expect(await store.endAll(request())).toBe(1)
    expect((await stored(half.id)).ended).not.toBeNull()
    expect(ports.length).toBe(6)
  }, 60_000)

  test('an ending that the log could not take is logged when it is said again, and once', async () => {
    const { client, store, masterOf } = await cluster()
    const { record, request, log } = kitOf(store, Date.now())
    const logPort = await masterOf(keys.log)
    const other = portsOf(client).find((port) => port !== logPort) ?? 0
    const one = { ...record(), id: await idOn(masterOf, other, 'x') }
    await store.create(one)
    // Of another type, so that nothing can be appended.
    await client.set(keys.log, 'x')
    await expect(store.end(one.id, request())).rejects.toThrow('store.end')
    await client.del(keys.log)
    for (let again = 0; again < 3; again++) expect((await store.end(one.id, request())).outcome).toBe('already')
    expect((await log()).map(({ subject }) => subject)).toEqual([one.id])
  }, 60_000)

  test('a rotation that the log could not take is logged when it is said again, whatever became of the record', async () => {
    const { client, store, masterOf } = await cluster()
    const { record, rotation, log, start } = kitOf(store, Date.now())
    const logPort = await masterOf(keys.log)
    const other = portsOf(client).find((port) => port !== logPort) ?? 0
    const [same, renewed, changed] = await Promise.all(
      ['s', 'r', 'c'].map(async (id) => ({ ...record({ userId: id }), id: await idOn(masterOf, other, id) })),
    )
    if (same === undefined || renewed === undefined || changed === undefined) throw new Error('there are three')
    for (const each of [same, renewed, changed]) await store.create(each)
    const { epoch } = await store.userEpoch('c')
    const authentication = {
      assurance: { level: 1, methods: [] },
      expiresAt: start + 1_000_000,
      idleFor: null,
      persistent: false,
    } as const
    const rotations = [
      [same, rotation(same, { predecessor: null })],
      [renewed, rotation(renewed, { predecessor: null })],
      [changed, rotation(changed, { predecessor: null, authentication, ifUserEpoch: epoch })],
    ] as const
    await client.set(keys.log, 'x')
    for (const [{ id }, each] of rotations) await expect(store.rotate(id, each)).rejects.toThrow('store.rotate')
    await client.del(keys.log)
    const { to } = rotations[1][1]
    await store.rotate(renewed.id, rotation({ ...renewed, generation: 1, secretHash: to }))
    await store.updateUser('c', { at: start })
    for (let again = 0; again < 3; again++) {
      const outcomes = await Promise.all(
        rotations.map(async ([{ id }, each]) => (await store.rotate(id, each)).outcome),
      )
      expect(outcomes).toEqual(['rotated', 'kept', 'rotated'])
    }
    const logged = (await log())
      .filter(({ scope }) => scope === 'session')
      .map(({ subject, count }) => [subject, count])
    expect(logged.toSorted()).toEqual([same, renewed, changed].map(({ id }) => [id, 1]).toSorted())
  }, 60_000)

  test('what a sign-in ended by the limit is logged when the sign-in is said again, and once', async () => {
    const { client, store, masterOf } = await cluster()
    const { record, log, start } = kitOf(store, Date.now())
    const logPort = await masterOf(keys.log)
    const other = portsOf(client).find((port) => port !== logPort) ?? 0
    const [one, two] = await Promise.all(
      ['x', 'y'].map(async (prefix) => ({ ...record({ userId: 'ada' }), id: await idOn(masterOf, other, prefix) })),
    )
    if (one === undefined || two === undefined) throw new Error('there are two')
    const limit = { max: 1, strategy: 'end-oldest', keepUntil: start + 1_000_000 } as const
    await store.create(one)
    await client.set(keys.log, 'x')
    await expect(store.create(two, { limit })).rejects.toThrow('store.create')
    await client.del(keys.log)
    for (let again = 0; again < 3; again++) expect((await store.create(two, { limit })).outcome).toBe('created')
    expect((await log()).map(({ subject, reason }) => [subject, reason])).toEqual([[one.id, 'limit']])
    expect((await store.listUser('ada')).items.map(({ id }) => id)).toEqual([two.id])
  }, 60_000)

  test('one that the log could not take is logged by whoever ends it next, whatever was looked at meanwhile', async () => {
    const { client, store, masterOf } = await cluster()
    const { record, request, log } = kitOf(store, Date.now())
    const logPort = await masterOf(keys.log)
    const other = portsOf(client).find((port) => port !== logPort) ?? 0
    const [one, two] = await Promise.all(
      ['x', 'y'].map(async (prefix) => ({ ...record({ userId: 'ada' }), id: await idOn(masterOf, other, prefix) })),
    )
    if (one === undefined || two === undefined) throw new Error('there are two')
    for (const each of [one, two]) await store.create(each)
    await client.set(keys.log, 'x')
    await expect(store.endUser('ada', { ...request(), except: 'nobody' })).rejects.toThrow('store.endUser')
    await client.del(keys.log)
    expect((await store.listUser('ada')).items).toEqual([])
    expect((await store.end(one.id, { ...request(), reason: 'signed-out' })).outcome).toBe('already')
    expect((await log()).map(({ subject }) => subject)).toEqual([one.id])
    await store.endUser('ada', { ...request(), except: 'nobody' })
    const logged = (await log()).map(({ subject, reason }) => [subject, reason])
    expect(logged.toSorted()).toEqual([one, two].map(({ id }) => [id, request().reason]).toSorted())
  }, 60_000)
})

type Proceed = () => Promise<unknown>

/** What a client does of its own accord stays; `around` stands between. */
function intercept(
  client: object,
  method: string,
  around: (proceed: Proceed, args: readonly unknown[]) => Promise<unknown>,
) {
  const own = Reflect.get(client, method) as (...args: readonly unknown[]) => Promise<unknown>
  Reflect.set(client, method, (...args: readonly unknown[]) => around(() => Reflect.apply(own, client, args), args))
}

const portOf = (node: unknown) => Number(Reflect.get(Object(node), 'port'))
const portsOf = (client: { readonly masters: readonly unknown[] }) => client.masters.map(portOf)

/** The machines in the order in which a walk goes over them. */
async function walked(client: Parameters<typeof redisStore>[0] & { readonly masters: readonly unknown[] }) {
  const { machines } = await groundOf(engineOf(client))
  const ports = machines.map(async ({ send }) =>
    Number(/tcp_port:(\d+)/.exec(String(await send('INFO', 'server')))?.[1]),
  )
  return await Promise.all(ports)
}

/** An id whose record lies on the machine. */
async function idOn(masterOf: (key: string) => Promise<number>, port: number, prefix: string): Promise<string> {
  for (let i = 0; ; i++) if ((await masterOf(keys.record(`${prefix}${i}`))) === port) return `${prefix}${i}`
}

async function cluster() {
  const { ports, stop } = await startRedisCluster()
  const client = createCluster({ rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })) })
  await client.connect()
  const direct = new Map(await Promise.all(ports.map(async (port) => [port, await connected(port)] as const)))
  onTestFinished(async () => {
    for (const one of direct.values()) one.destroy()
    client.destroy()
    await stop()
  })
  const say = async (port: number, ...command: readonly string[]) => await direct.get(port)?.sendCommand(command)
  const nodes = async () => String(await say(ports[0] ?? 0, 'CLUSTER', 'NODES')).split('\n')
  const idOf = async (port: number) => (await nodes()).find((line) => line.includes(`:${port}@`))?.split(' ')[0] ?? ''
  const slotOf = async (key: string) => Number(await say(ports[0] ?? 0, 'CLUSTER', 'KEYSLOT', key))

  async function masterOf(key: string): Promise<number> {
    const slot = await slotOf(key)
    const owner = (await nodes()).find((line) =>
      line.split(' ').some((word) => {
        const [from, to = from] = (/^(\d+)(?:-(\d+))?$/.exec(word) ?? []).slice(1)
        return from !== undefined && line.includes('master') && slot >= Number(from) && slot <= Number(to)
      }),
    )
    return Number(/:(\d+)@/.exec(owner ?? '')?.[1])
  }

  /** As `redis-cli --cluster reshard` does; `half` leaves the slot where it is when its keys have gone. */
  async function move(id: string, from: number, to: number, half?: 'half'): Promise<void> {
    const slot = String(await slotOf(keys.record(id)))
    await say(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(from))
    await say(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', await idOf(to))
    const found = (await say(from, 'CLUSTER', 'GETKEYSINSLOT', slot, '1000')) as unknown as readonly string[]
    for (const key of found) await say(from, 'MIGRATE', '127.0.0.1', String(to), key, '0', '5000')
    if (half !== undefined) return
    const target = await idOf(to)
    for (const port of portsOf(client)) await say(port, 'CLUSTER', 'SETSLOT', slot, 'NODE', target)
  }

  return { client, store: redisStore(client), ports, masterOf, move }
}

async function connected(port: number) {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  return client
}
