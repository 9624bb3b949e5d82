// `npm run bench -- moving`: how fast sessions are copied from SQLite to Redis by a process of its own, and what requests
// in another one wait meanwhile. `--sessions 100000` copies more, `--rate 1000` asks more often in a second.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Store } from 'coatcheck'
import { type CopyResult, copyStore, movingStore } from 'coatcheck/stores/moving'
import { redisStore } from 'coatcheck/stores/redis'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import { Redis } from 'ioredis'
import { startRedis } from '../scripts/engines.ts'
import { markdownTable } from './markdown.ts'
import { percentile } from './statistics.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '20000' },
    rate: { type: 'string', default: '500' },
    copy: { type: 'string', multiple: true },
  },
})
const [sessions, rate] = [Number(values.sessions), Number(values.rate)]
/** How long requests are made without a copy, in seconds. */
const ALONE = 5
/** In a hundred requests, how many change something. */
const CHANGES = 10
const BATCH = 500

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-moving-'))
  const redis = await startRedis()
  const url = `redis://127.0.0.1:${redis.port}`
  const client = new Redis(url)
  const file = join(folder, 'sessions.db')
  const from = sqliteStore(file)
  const store = movingStore({ from, to: redisStore(client) })
  try {
    await fill(from)
    await requestsUntil(store, pause(1_000))
    const before = await requestsUntil(store, pause(ALONE * 1_000))
    const began = performance.now()
    const copying = copyIn(file, url)
    const during = await requestsUntil(store, copying)
    const result = await copying
    const seconds = (performance.now() - began) / 1_000
    const after = await requestsUntil(store, pause(ALONE * 1_000))
    const rows = [
      ['both stores, before the copy', before],
      ['while it is copied', during],
      ['both stores, after the copy', after],
    ] as const
    console.log(
      markdownTable(
        [`${rate} requests a second, ${CHANGES} % of them changes`, 'reads', 'p50, ms', 'p99, ms', 'longest, ms'],
        rows.map(([what, times]) => [
          what,
          String(times.length),
          ...[50, 99, 100].map((percent) => percentile(times, percent).toFixed(2)),
        ]),
      ),
    )
    const copied = result.seconds.toFixed(1)
    const each = Math.round(result.looked / result.seconds)
    console.log(`\n${JSON.stringify(result.counts)}`)
    console.log(
      `${sessions} sessions copied and checked in ${copied} s, ${each} records a second (${seconds.toFixed(1)} s with its start)`,
    )
  } finally {
    await store.close()
    client.disconnect()
    await redis.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Copied {
  readonly counts: CopyResult
  readonly looked: number
  readonly seconds: number
}

async function copyIn(file: string, url: string): Promise<Copied> {
  const child = fork(fileURLToPath(import.meta.url), ['--copy', file, '--copy', url])
  const [result] = (await once(child, 'message')) as [Copied]
  return result
}

async function copyAlone(file: string, url: string): Promise<void> {
  const client = new Redis(url)
  const from = sqliteStore(file)
  const began = performance.now()
  const counts = await copyStore(from, redisStore(client))
  const seconds = (performance.now() - began) / 1_000
  await from.close()
  client.disconnect()
  // Each is looked at twice: to copy it, and to check it.
  process.send?.({ counts, looked: 2 * (counts.copied + counts.there), seconds } satisfies Copied)
  process.disconnect()
}

const idOf = (i: number) => `session-${String(i).padStart(14, '0')}`

async function fill(store: ReturnType<typeof sqliteStore>): Promise<void> {
  const now = Date.now()
  for (let start = 0; start < sessions; start += BATCH) {
    const count = Math.min(BATCH, sessions - start)
    await store.adopt(
      Array.from({ length: count }, (_, i) => ({
        id: idOf(start + i),
        namespace: store.namespace,
        kind: 'opaque',
        userId: `user-${(start + i) % (sessions / 2)}`,
        generation: 2,
        minGeneration: 0,
        secretHash: 'h'.repeat(43),
        predecessor: null,
        data: new Map([
          ['role', '"user"'],
          ['cart', JSON.stringify({ items: ['hat', 'scarf'], note: 'x'.repeat(200) })],
        ]),
        schema: 1,
        createdAt: now,
        authenticatedAt: now,
        renewedAt: now,
        lastSeenAt: now,
        idleFor: 3_600_000,
        persistent: false,
        expiresAt: now + 36_000_000,
        assurance: { level: 1, methods: ['pwd'] },
        client: { address: '203.0.113.7', userAgent: null, label: 'Firefox on Windows' },
        binding: null,
        version: 1,
        ended: null,
      })),
    )
  }
}

/** Asks at an even rate, whether what was asked before is answered or not; answers what reads took, in milliseconds. */
async function requestsUntil(store: Store, over: Promise<unknown>): Promise<readonly number[]> {
  const state = { isOver: false }
  const end = over.finally(() => {
    state.isOver = true
  })
  const times: number[] = []
  const asked: Promise<void>[] = []
  const began = performance.now()
  while (!state.isOver) {
    const due = Math.floor(((performance.now() - began) / 1_000) * rate)
    while (asked.length < due) asked.push(request(store, asked.length, times))
    await pause(1)
  }
  await Promise.all([...asked, end])
  return times
}

async function request(store: Store, number: number, times: number[]): Promise<void> {
  const id = idOf(Math.floor(Math.random() * sessions))
  if (number % 100 < CHANGES) {
    const { outcome } = await store.update(id, { at: Date.now(), set: new Map([['last', String(number)]]) })
    if (outcome !== 'updated') throw new Error(`An update answered ${outcome}.`)
    return
  }
  const began = performance.now()
  const record = await store.read(id)
  times.push(performance.now() - began)
  if (record === null || record.ended !== null) throw new Error('A session was signed out.')
}

if (values.copy === undefined) await main()
else await copyAlone(values.copy[0] ?? '', values.copy[1] ?? '')
