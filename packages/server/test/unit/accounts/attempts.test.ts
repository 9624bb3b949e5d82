import { expect, it } from 'vitest'
import { isRefusal, makeAttempts } from '../../../src/accounts/attempts.ts'
import { tables } from './tables.ts'

const LIMIT = { most: 2, window: 60_000 }

async function aTable() {
  const clock = { now: 1_000_000 }
  return { clock, attempts: makeAttempts(await tables(), () => clock.now) }
}

it('as many as the limit are taken in a window, which slides', async () => {
  const { attempts, clock } = await aTable()
  await attempts.take([['a', LIMIT]])
  clock.now += 20_000
  await attempts.take([['a', LIMIT]])
  expect(await attempts.take([['a', LIMIT]])).toEqual({ retryAfter: 40 })
  expect(isRefusal(await attempts.take([['b', LIMIT]]))).toBe(false)
  clock.now += 39_999
  expect(await attempts.take([['a', LIMIT]])).toEqual({ retryAfter: 1 })
  clock.now += 1
  expect(isRefusal(await attempts.take([['a', LIMIT]]))).toBe(false)
  expect(await attempts.take([['a', LIMIT]])).toEqual({ retryAfter: 20 })
})

it('what is given back, forgotten or swept does not count', async () => {
  const { attempts, clock } = await aTable()
  const first = await attempts.take([['a', LIMIT]])
  await attempts.take([['a', LIMIT]])
  if (!isRefusal(first)) await first.giveBack()
  expect(isRefusal(await attempts.take([['a', LIMIT]]))).toBe(false)
  await attempts.forget('a')
  await attempts.take([['a', LIMIT]])
  expect(isRefusal(await attempts.take([['a', LIMIT]]))).toBe(false)
  await attempts.sweep(clock.now)
  expect(isRefusal(await attempts.take([['a', LIMIT]]))).toBe(false)
})

it('where one of several limits is reached, nothing is counted under the others', async () => {
  const { attempts } = await aTable()
  await attempts.take([['full', { most: 1, window: 60_000 }]])
  for (let i = 0; i < 5; i++) {
    expect(
      await attempts.take([
        ['free', LIMIT],
        ['full', { most: 1, window: 60_000 }],
      ]),
    ).toHaveProperty('retryAfter')
  }
  expect(isRefusal(await attempts.take([['free', LIMIT]]))).toBe(false)
})

it('of many at once no more are taken than the limit', async () => {
  const { attempts } = await aTable()
  const answers = await Promise.all(Array.from({ length: 20 }, () => attempts.take([['a', LIMIT]])))
  expect(answers.filter((answer) => !isRefusal(answer))).toHaveLength(2)
})
