import { Redis as IoRedis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Redis, startRedis } from '../../../../scripts/engines.ts'
import type { Store } from '../../src/index.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { kitOf } from '../../src/testing/store-contract/kit.ts'

let redis: Redis
let client: IoRedis
let watching: IoRedis
let store: Store
let seen: string[] = []

beforeAll(async () => {
  redis = await startRedis()
  client = new IoRedis(`redis://127.0.0.1:${redis.port}`)
  watching = await new IoRedis(`redis://127.0.0.1:${redis.port}`).monitor()
  watching.on('monitor', (_, [command = ''], source) => {
    if (source !== 'lua') seen.push(command.toUpperCase())
  })
  store = redisStore(client)
}, 60_000)

afterAll(async () => {
  watching.disconnect()
  client.disconnect()
  await redis.stop()
})

/** What Redis itself was sent while `run` ran; a PING behind it says that all of it has been told. */
async function commandsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
  await settled()
  seen = []
  await run()
  await settled()
  return seen.filter((command) => command !== 'PING')
}

async function settled(): Promise<void> {
  const before = seen.filter((command) => command === 'PING').length
  await client.ping()
  await expect.poll(() => seen.filter((command) => command === 'PING').length).toBe(before + 1)
}

let seed = 0

async function oneOfEach(): Promise<Readonly<Record<string, readonly string[]>>> {
  const kit = kitOf(store, Date.now(), `commands ${seed++}`)
  const { start, request, rotation, record } = kit
  const userId = `user ${seed}`
  const said: Record<string, readonly string[]> = {}
  const anonymous = record()
  const signedIn = record({ userId })
  said['create, anonymous'] = await commandsOf(() => store.create(anonymous))
  said['create, signed in'] = await commandsOf(() => store.create(signedIn, { ifUserEpoch: 0 }))
  said['read'] = await commandsOf(() => store.read(signedIn.id))
  said['update'] = await commandsOf(() => store.update(signedIn.id, { at: start, set: new Map([['a', '1']]) }))
  said['touch'] = await commandsOf(() => store.touch(signedIn.id, start + 1_000, { interval: 0 }))
  said['rotate'] = await commandsOf(() => store.rotate(signedIn.id, rotation(signedIn)))
  said['user epoch'] = await commandsOf(() => store.userEpoch(userId))
  said['list a user with one session'] = await commandsOf(() => store.listUser(userId))
  said['end'] = await commandsOf(() => store.end(anonymous.id, request()))
  said['end a user with one session'] = await commandsOf(() => store.endUser(userId, request()))
  said['changes'] = await commandsOf(() => store.changes(0))
  return said
}

describe('as Redis itself counts them', () => {
  test('a session costs one command, and a second one where its user is concerned', async () => {
    // What is sent once: the look at the engine, and each script.
    await oneOfEach()
    expect(await oneOfEach()).toEqual({
      'create, anonymous': ['EVALSHA'],
      'create, signed in': ['EVALSHA', 'EVALSHA'],
      read: ['GET'],
      update: ['EVALSHA'],
      touch: ['EVALSHA'],
      rotate: ['EVALSHA'],
      'user epoch': ['EVALSHA'],
      'list a user with one session': ['EVALSHA', 'GET'],
      end: ['EVALSHA'],
      // The epoch, the session, the log, and the set that forgets it.
      'end a user with one session': ['EVALSHA', 'EVALSHA', 'EVALSHA', 'ZREM'],
      changes: ['EVALSHA'],
    })
  })
})
