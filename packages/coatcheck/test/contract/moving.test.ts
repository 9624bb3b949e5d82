import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/stores/memory.ts'
import { movingStore } from '../../src/stores/moving.ts'
import { runCase, type StoreContext, storeContract } from '../../src/testing/index.ts'
import { begunBefore, movingContext } from './moving.ts'
import { serveWhileCopying } from './moving-load.ts'

const twoInMemory = (namespace: string) => ({ from: memoryStore({ namespace }), to: memoryStore({ namespace }) })

const contexts: Readonly<Record<string, () => StoreContext>> = {
  'all in the new one': () => movingContext(twoInMemory, (from, to) => movingStore({ from, to })),
  'each session begun in the old one': () => movingContext(twoInMemory, begunBefore),
}

const isLeftOut = (one: (typeof storeContract)[number]) =>
  Object.values(contexts).some((makeContext) => (one.skipFor?.(makeContext()) ?? null) !== null)

describe.each(Object.entries(contexts))('the store contract on a moving store, %s', (_, makeContext) => {
  test.each(storeContract.filter((one) => !isLeftOut(one)))('$name', async (one) => {
    expect((await runCase(one, makeContext)).outcome).toBe('passed')
  })
})

test('the cases that say nothing about a moving store are those of what it lacks', () => {
  const names = storeContract.filter(isLeftOut).map(({ name }) => name)
  const isTransfer = (name: string) => /^(scan|adopt|epochs|raiseEpoch|lastChange|adoptChanges):/.test(name)
  // It moves, and is not moved itself.
  expect(names.filter(isTransfer)).toEqual(storeContract.map(({ name }) => name).filter(isTransfer))
  expect(names.filter((name) => !isTransfer(name))).toEqual([
    // Two stores that hold the same session are no sum.
    'stats: counts the anonymous, the signed-in and the ended',
    // These two lie in memory.
    'marks: a durable store has them when it is opened again',
    'durable: opened again, it has all that was acknowledged, and goes on from there',
  ])
})

test.each(['one', 'two', 'three'])('three processes serve while the sessions are copied: %s', async (seed) => {
  const { from, to } = twoInMemory('load')
  await serveWhileCopying(from, to, Date.UTC(2026, 0, 1, 12), seed)
})
