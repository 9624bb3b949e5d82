import { join } from 'node:path'
import { redisStore } from 'coatcheck/stores/redis'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startRedis } from '../../../../scripts/engines.ts'
import { coatcheck, coatcheckJson, recorded, startedFolder } from './command.ts'

const COUNT = 1_200

/** As many sessions of as many users as take several batches. */
async function fill(path: string): Promise<readonly string[]> {
  const store = sqliteStore(path)
  const now = Date.now()
  const ids = Array.from({ length: COUNT }, (_, i) => `session-${i}`)
  await store.adopt(
    ids.map((id, i) => ({
      id,
      namespace: 'default',
      kind: 'opaque',
      userId: `user-${i % 100}`,
      generation: 3,
      minGeneration: 1,
      secretHash: `hash-${i}`,
      predecessor: null,
      data: new Map([['role', '"user"']]),
      schema: 1,
      createdAt: now,
      authenticatedAt: now,
      renewedAt: now,
      lastSeenAt: now,
      idleFor: null,
      persistent: false,
      expiresAt: now + 3_600_000,
      assurance: null,
      client: { address: null, userAgent: null, label: null },
      binding: null,
      version: 5,
      ended: null,
    })),
  )
  await store.close()
  return ids
}

it('sessions are copied to a Redis, from where a copy was broken off, and who works with the old store alone is told of', async () => {
  const data = await startedFolder()
  const file = join(data, 'coatcheck.db')
  const ids = await fill(file)
  const { port, stop } = await startRedis()
  const url = `redis://127.0.0.1:${port}`
  const client = new Redis(url)
  try {
    const to = redisStore(client)
    // As a copy leaves it that was killed behind the second batch.
    const cursor = (await sqliteStore(file).scan({ limit: 1_000 })).cursor
    const stand = JSON.stringify({ from: `sqlite:${file}`, cursor, done: 1_000 })
    await to.setMark('store-copy', { text: stand, ifText: null, at: Date.now() })
    expect(await coatcheckJson(data, ['store', 'copy', '--to', url])).toEqual([
      // What it began with, and what its look at all has found to be missing.
      { copied: COUNT, there: 0, users: 0, behind: 0 },
    ])
    expect(recorded(data).at(-1)).toEqual([
      'sessions-copied',
      'command',
      { from: `sqlite:${file}`, to: url, copied: COUNT },
    ])
    const twice = ['store', 'copy', '--from', url.replace('127.0.0.1', 'localhost'), '--to', url]
    const { code, err } = await coatcheck(data, twice)
    expect([code, err]).toEqual([1, `The sessions are in ${url} already.\n`])
    const moving = {
      COATCHECK_STORE_URL: url,
      COATCHECK_ONE_MACHINE: 'yes',
      COATCHECK_STORE_MOVING_FROM: `sqlite:${file}`,
    }
    const { out } = await coatcheck(data, ['doctor', '--json'], '', moving)
    expect(out).toContain(
      `sessions move from sqlite:${file} to ${url}; when coatcheck store copy finds nothing behind,`,
    )
    const source = sqliteStore(file)
    for (const id of [ids[0], ids[700], ids.at(-1)])
      expect(await to.read(id ?? '')).toEqual(await source.read(id ?? ''))

    await source.update(ids[3] ?? '', { at: Date.now(), set: new Map([['a', '1']]) })
    const late = await coatcheck(data, ['store', 'copy', '--to', url])
    expect([late.code, late.err]).toEqual([1, expect.stringContaining('One session was changed in sqlite:')])
    await source.close()
  } finally {
    client.disconnect()
    await stop()
  }
  // Nobody is there any more.
  const gone = await coatcheck(data, ['store', 'copy', '--to', url])
  expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('cannot be reached, since nobody listens there')])
}, 60_000)
