// A process that works on an SQLite file beside others; `children.ts` starts it.
import { writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { aRecord, ending, START } from '../unit/stores/records.ts'
import { perform, turn } from './child.ts'

/** What a task is given. */
export interface Input {
  readonly file: string
  /** Which of several children it is. */
  readonly number?: number
  readonly id?: string
  readonly count?: number
  readonly ms?: number
}

export type Task = keyof typeof tasks

const TIMEOUT = '20s'

const tasks = {
  /** Sets its share of the keys, all at once. */
  async keys({ file, number = 0, id = '', count = 0 }: Input) {
    const store = sqliteStore(file, { timeout: TIMEOUT })
    await store.read(id)
    await turn()
    const keys = Array.from({ length: count }, (_, index) => `key-${number}-${index}`)
    const change = (key: string) => store.update(id, { at: START, set: new Map([[key, '1']]) })
    const results = await Promise.all(keys.map(change))
    await store.close()
    return results.map(({ outcome }) => outcome)
  },

  /** Counts one key up, each time by a comparison with the text that it read. */
  async count({ file, id = '', count = 0 }: Input) {
    const store = sqliteStore(file, { timeout: TIMEOUT })
    await store.read(id)
    await turn()
    let lost = 0
    for (let done = 0; done < count; ) {
      const text = (await store.read(id))?.data.get('n') ?? null
      const set = new Map([['n', String(Number(text ?? '0') + 1)]])
      const { outcome } = await store.update(id, { at: START, set }, { ifValue: { key: 'n', text } })
      if (outcome === 'updated') done += 1
      else lost += 1
    }
    await store.close()
    return lost
  },

  /** Writes, touches and rotates until it is told that the record is gone; answers how often it wrote. */
  async write({ file, number = 0, id = '' }: Input) {
    const store = sqliteStore(file, { timeout: TIMEOUT })
    await store.read(id)
    await turn()
    for (let written = 0; ; written++) {
      const at = START + written
      const set = new Map([[`key-${number}`, String(written)]])
      const updated = await store.update(id, { at, set })
      const touched = await store.touch(id, at, { interval: 0 })
      const { record } = await rotateOnce(store, id, at, `${number}-${written}`)
      if (updated.outcome === 'gone' || touched === 'gone' || record?.ended) return written
    }
  },

  async end({ file, id = '', ms = 0 }: Input) {
    const store = sqliteStore(file, { timeout: TIMEOUT })
    await store.read(id)
    await turn()
    await new Promise((resolve) => setTimeout(resolve, ms))
    const { outcome } = await store.end(id, ending)
    const after = await store.read(id)
    await store.close()
    return [outcome, after]
  },

  /** Meets the file for the first time, when all do. */
  async migrate({ file, number = 0 }: Input) {
    const store = sqliteStore(file, { timeout: TIMEOUT })
    await turn()
    const { outcome } = await store.create(aRecord(store, { id: `session-of-${number}` }))
    await store.close()
    return outcome
  },

  /** Writes for ever and says of each write that it was acknowledged: `created`, `ended` or `counted`, id, number. */
  async acknowledge({ file, number = 0 }: Input) {
    const store = sqliteStore(file, { timeout: TIMEOUT })
    await store.read('')
    await turn()
    const say = (what: string, id: string, n: number) => writeSync(1, `${what} ${id} ${n}\n`)
    for (let round = 0; ; round++) {
      const id = `session-${number}-${round}`
      const data = new Map([['text', `"${'x'.repeat(round % 2_000)}"`]])
      await store.create(aRecord(store, { id, data, userId: round % 2 === 0 ? 'ada' : null }))
      say('created', id, 0)
      for (let n = 1; n <= 3; n++) {
        await store.update(id, { at: START, set: new Map([['n', String(n)]]) })
        say('counted', id, n)
      }
      if (round % 3 !== 0) continue
      await store.end(id, ending)
      say('ended', id, 0)
    }
  },

  /** Holds the write lock (with `count` 1 all locks) for a time. */
  async lock({ file, ms = 0, count = 0 }: Input) {
    const database = new DatabaseSync(file)
    if (count === 1) database.exec('PRAGMA locking_mode = EXCLUSIVE')
    await turn()
    database.exec('BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (x); INSERT INTO held VALUES (1)')
    say('locked')
    await new Promise((resolve) => setTimeout(resolve, ms))
    database.exec('ROLLBACK')
    database.close()
    return null
  },

  /**
   * Works on a file that is locked, with calls coming in all the time, and answers the longest time for which its event
   * loop stood still and what became of the calls.
   */
  async pause({ file, id = '', ms = 0, count = 0 }: Input) {
    const store = sqliteStore(file, { timeout: count })
    await store.read(id)
    await turn()
    let longest = 0
    let last = performance.now()
    const watch = setInterval(() => {
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }, 1)
    const calls: Promise<Call>[] = []
    const until = performance.now() + ms
    while (performance.now() < until) {
      calls.push(timed('read', store.read(id)), timed('update', store.update(id, { at: START })))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const answers = await Promise.all(calls)
    clearInterval(watch)
    await store.close()
    return { longest, answers }
  },
}

/** What became of a call, and how long that took. */
export interface Call {
  readonly method: string
  readonly outcome: string
  readonly ms: number
}

async function timed(method: string, call: Promise<unknown>): Promise<Call> {
  const start = performance.now()
  const outcome = await call.then(
    () => 'answered',
    (error: { code: string; outcome?: string }) => `${error.code} ${error.outcome ?? ''}`.trim(),
  )
  return { method, outcome, ms: performance.now() - start }
}

async function rotateOnce(store: ReturnType<typeof sqliteStore>, id: string, at: number, to: string) {
  const record = await store.read(id)
  if (record === null) return { record }
  const { secretHash: from, generation } = record
  return await store.rotate(id, { at, from, to, generation: generation + 1, predecessor: { nonce: 'n', keyId: 'k' } })
}

function say(line: string): void {
  writeSync(1, `${line}\n`)
}

await perform<Input>(tasks)
