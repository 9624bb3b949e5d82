import { describe, expect, it, onTestFinished } from 'vitest'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { freshFile } from '../unit/stores/folder.ts'
import { add, ending } from '../unit/stores/records.ts'
import { startChild } from './children.ts'
import type { Call } from './sqlite-child.ts'

const HELD = 3_000
const LIMIT = 1_000

/** Starts a process that holds the lock, and answers when it does. */
async function locked(file: string, input: { readonly ms: number; readonly count?: number }) {
  const holder = startChild('lock', { file, ...input })
  await holder.ready
  holder.go()
  while (holder.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  return holder
}

interface Observed {
  readonly longest: number
  readonly answers: readonly Call[]
}

/** A process of its own, so that nothing else is on its event loop, works on the file while it is locked for 3 s. */
async function observe(timeout: number): Promise<Observed> {
  const file = freshFile()
  const store = sqliteStore(file)
  const { id } = await add(store)
  await store.close()
  const observer = startChild('pause', { file, id, ms: HELD, count: timeout })
  await observer.ready
  const holder = await locked(file, { ms: HELD })
  observer.go()
  const observed = (await observer.result) as Observed
  await holder.closed
  return observed
}

/**
 * The shortest of up to six observations: the pause is ours each time if it is ours at all, and a busy machine's now
 * and then.
 */
async function shortest(timeout: number): Promise<Observed> {
  let best = await observe(timeout)
  for (let again = 0; again < 5 && best.longest >= 20; again++) {
    const next = await observe(timeout)
    if (next.longest < best.longest) best = next
  }
  return best
}

const outcomes = (calls: readonly Call[], method: string) => [
  ...new Set(calls.filter((call) => call.method === method).map(({ outcome }) => outcome)),
]

describe('a file that another process has locked for 3 s', () => {
  it('does not stop the process: reads are answered, writes end with the typed error at their limit', async () => {
    const { longest, answers } = await shortest(LIMIT)
    expect(longest).toBeLessThan(20)
    expect(outcomes(answers, 'read')).toEqual(['answered'])
    expect(outcomes(answers, 'update')).toContain('ERR_STORE_TIMEOUT none')
    const late = answers.filter(({ outcome }) => outcome !== 'answered')
    for (const { outcome } of late) expect(outcome).toBe('ERR_STORE_TIMEOUT none')
    for (const { ms } of late) expect(ms).toBeGreaterThan(LIMIT - 10)
    for (const { ms } of answers) expect(ms).toBeLessThan(LIMIT + 500)
  })

  it('does not stop the process: writes that may wait longer are done when it is free', async () => {
    const { longest, answers } = await shortest(20_000)
    expect(longest).toBeLessThan(20)
    expect(outcomes(answers, 'update')).toEqual(['answered'])
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeGreaterThan(1_000)
  })
})

describe('a file that is locked against readers too', () => {
  it('gives every call the typed error within its limit, and is of use again by itself', async () => {
    const file = freshFile()
    const store = sqliteStore(file, { timeout: '300ms' })
    onTestFinished(() => store.close())
    const holder = await locked(file, { ms: 1_000, count: 1 })
    const timeout = { code: 'ERR_STORE_TIMEOUT', outcome: 'none' }
    await expect(store.read('any')).rejects.toMatchObject({ ...timeout, operation: 'read' })
    await expect(store.end('any', ending)).rejects.toMatchObject({ ...timeout, operation: 'end' })
    await holder.closed
    const record = await add(store)
    expect(await store.read(record.id)).toEqual(record)
  })
})

describe('a process that was stopped while it held the lock', () => {
  it('does not stop the others, and goes on when it is continued', async () => {
    const file = freshFile()
    const store = sqliteStore(file, { timeout: '300ms' })
    onTestFinished(() => store.close())
    const record = await add(store)
    const holder = await locked(file, { ms: 100 })
    holder.kill('SIGSTOP')
    expect(await store.read(record.id)).toEqual(record)
    await expect(store.end(record.id, ending)).rejects.toMatchObject({ code: 'ERR_STORE_TIMEOUT', outcome: 'none' })
    holder.kill('SIGCONT')
    await holder.closed
    expect((await store.end(record.id, ending)).outcome).toBe('ended')
  })
})
