import { expect, test, vi } from 'vitest'
import { makeSignOutRetries } from '../../../src/core/sign-out-retries.ts'
import { runtime } from '../../../src/runtime/node.ts'

const token = (id: string, generation = 0) => ({ id, generation, hash: `hash of ${id}` })

function setUp() {
  const tried: string[] = []
  const state = { isOut: true, refused: '' }
  const retries = makeSignOutRetries(runtime, 5, async ({ id }) => {
    tried.push(id)
    if (state.isOut) return 'out'
    return id === state.refused ? 'refused' : 'done'
  })
  return { retries, tried, state }
}

test('what waits is tried in its order, each time after the first that fails, until it is done', async () => {
  const { retries, tried, state } = setUp()
  for (const id of ['a', 'b']) expect(retries.add(token(id))).toBe(true)
  await vi.waitUntil(() => tried.length >= 2)
  expect(new Set(tried)).toEqual(new Set(['a']))
  state.isOut = false
  await vi.waitUntil(() => retries.waiting === 0)
  expect(tried.slice(-2)).toEqual(['a', 'b'])
})

test('one that the store refuses alone waits on, and the others do not wait for it', async () => {
  const { retries, tried, state } = setUp()
  for (const id of ['damaged', 'b']) retries.add(token(id))
  Object.assign(state, { isOut: false, refused: 'damaged' })
  await vi.waitUntil(() => retries.waiting === 1)
  await vi.waitUntil(() => tried.at(-1) === 'damaged')
  state.refused = ''
  await vi.waitUntil(() => retries.waiting === 0)
})

test('one token waits once', () => {
  const { retries } = setUp()
  for (const generation of [0, 0, 1]) retries.add(token('a', generation))
  expect(retries.waiting).toBe(2)
})

test('more than ten thousand are not kept', () => {
  const { retries } = setUp()
  for (let i = 0; i < 10_000; i++) retries.add(token(String(i)))
  expect([retries.add(token('one more')), retries.add(token('0')), retries.waiting]).toEqual([false, true, 10_000])
})

test('closing tries once more, and takes no further ones', async () => {
  const { retries, tried, state } = setUp()
  retries.add(token('a'))
  state.isOut = false
  await retries.close()
  expect([tried, retries.waiting, retries.add(token('b'))]).toEqual([['a'], 0, false])
})

test.each([
  ['AAAA', 750],
  ['gAAA', 1_000],
  ['__AA', 1_249.8779296875],
])('the pause between two attempts is the given one, give or take a quarter: random bytes that read %s', (text, ms) => {
  const pauses: number[] = []
  const after = (pause: number) => {
    pauses.push(pause)
    return () => undefined
  }
  const retries = makeSignOutRetries({ ...runtime, random: () => text, after }, 1_000, async () => 'done')
  retries.add(token('a'))
  expect(pauses).toEqual([ms])
})
