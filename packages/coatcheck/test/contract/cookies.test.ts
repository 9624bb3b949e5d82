import { describe, expect, test } from 'vitest'
import { type Judge, ourJar, toughCookie } from './cookies/judges.ts'
import {
  deletionDisputes,
  deletions,
  disputes,
  limitDispute,
  limits,
  stories,
  storyDispute,
} from './cookies/judging.ts'
import { combinations, type Difference, heldOf, isSame } from './cookies/matrix.ts'

describe.each([ourJar(), toughCookie()])('$name', (judge: Judge) => {
  test('takes of all combinations those that it has to, and holds them as they were meant', async () => {
    expect(combinations).toHaveLength(7_392)
    expect(await disputes(judge)).toEqual([])
  })

  test.each(Object.keys(deletions))('deletes what a line names that lacks %s, and nothing else', async (missing) => {
    expect(await deletionDisputes(judge, missing)).toEqual([])
  })

  test.each(limits)('$name', async (limit) => {
    expect(await limitDispute(judge, limit)).toBeNull()
  })

  test.each(stories)('$name', async (story) => {
    expect(await storyDispute(judge, story)).toBeNull()
  })
})

/** What is expected of a judge with these differences, of each combination and of its deletion without a Domain. */
function expectations(differences: readonly Difference[]) {
  return combinations.map((one) => {
    const held = heldOf(one, 'c', '1', differences)
    const deletion = heldOf({ ...one, domain: null }, 'c', '', differences)
    return [held, held !== null && isSame(held, deletion, differences)]
  })
}

test.each(toughCookie().differences)('without this it would be another judge: $reason', ({ reason }) => {
  const { differences } = toughCookie()
  const others = differences.filter((other) => other.reason !== reason)
  expect(expectations(others)).not.toEqual(expectations(differences))
})
