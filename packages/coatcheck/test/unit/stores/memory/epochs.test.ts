import { expect, test } from 'vitest'
import { Epochs } from '../../../../src/stores/memory/epochs.ts'

const HOUR = 3_600_000

test('numbers are forgotten at the latest of the times that were asked for, so many at once as the limit says', () => {
  const epochs = new Epochs(10)
  epochs.raise('ada', 1, 2 * HOUR, true)
  epochs.raise('bob', 2, HOUR, false)
  // An earlier time than the one before counts for nothing.
  epochs.raise('ada', 3, HOUR, false)
  expect([epochs.isDue(HOUR - 1), epochs.sweep(HOUR - 1, 10)]).toEqual([false, 0])
  expect([epochs.isDue(HOUR), epochs.sweep(HOUR, 10), epochs.isDue(HOUR)]).toEqual([true, 1, false])
  expect(epochs.ofUsers).toMatchObject([{ userId: 'ada', epoch: 3, endEpoch: 1, forgetAt: 2 * HOUR }])
  epochs.raise('cyd', 4, HOUR, false)
  expect([epochs.sweep(2 * HOUR, 1), epochs.sweep(2 * HOUR, 1), epochs.sweep(2 * HOUR, 1)]).toEqual([1, 1, 0])
  expect([epochs.ofUsers, epochs.of('ada')]).toEqual([[], { epoch: 0, endEpoch: 0 }])
})

test('of more users than there is room for a tenth is forgotten, and everybody is at least where those were', () => {
  const epochs = new Epochs(20)
  for (let i = 1; i <= 20; i++) epochs.raise(`user ${i}`, i, HOUR, true)
  expect([epochs.ofUsers.length, epochs.floor]).toEqual([20, 0])
  epochs.raise('user 21', 21, HOUR, false)
  expect([epochs.ofUsers.length, epochs.floor]).toEqual([19, 2])
  expect([epochs.of('user 1'), epochs.of('nobody'), epochs.of('user 21')]).toEqual([
    { epoch: 2, endEpoch: 2 },
    { epoch: 2, endEpoch: 2 },
    { epoch: 21, endEpoch: 2 },
  ])
})

test('a raise of everybody forgets each, and the next number is above it', () => {
  const epochs = new Epochs(10)
  epochs.raise('ada', 5, HOUR, false)
  expect([epochs.raiseAll(3), epochs.floor, epochs.isDue(HOUR)]).toEqual([6, 6, false])
  expect(epochs.raise('ada', 4, HOUR, false)).toBe(7)
})
