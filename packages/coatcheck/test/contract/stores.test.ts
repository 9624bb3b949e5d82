import { describe, expect, test } from 'vitest'
import { runCase, storeContract } from '../../src/testing/index.ts'
import { contexts } from './contexts.ts'

/** Why a case says nothing about a store, by its name; decided before the tests are named, so that none is skipped. */
async function reasonsOf(makeContext: (typeof contexts)[string]): Promise<ReadonlyMap<string, string>> {
  const context = makeContext()
  const reasons = storeContract.map((one) => [one.name, one.skipFor?.(context) ?? null] as const)
  await context.close?.()
  return new Map(reasons.flatMap(([name, reason]) => (reason === null ? [] : [[name, reason]])))
}

const leftOut = new Map<string, ReadonlyMap<string, string>>()
for (const [name, makeContext] of Object.entries(contexts)) leftOut.set(name, await reasonsOf(makeContext))

describe.each(Object.entries(contexts))('the store contract: %s', (name, makeContext) => {
  test.each(storeContract.filter((one) => !leftOut.get(name)?.has(one.name)))('$name', async (one) => {
    expect((await runCase(one, makeContext)).outcome).toBe('passed')
  })
})

test('the cases that say nothing about a store are these, and no others', () => {
  const alone = 'No second instance can be opened over the same records.'
  const again = [
    'durable: opened again, it has all that was acknowledged, and goes on from there',
    'The store does not outlive its process.',
  ] as const
  const feed = [
    'tells of endings of a session, a user and all, as the log has them',
    'tells of changes of a session and a user, as the log has them',
    'says since when it is complete and how old it is, and is endlessly old when it is stopped',
    'tells of what other instances end',
    'misses none of many that come at once',
    'has told of each ending before it says that it was alive after it',
    'tells nothing when it is stopped',
  ].map((name) => [`feed: ${name}`, 'The store has no feed.'] as const)
  const marks = ['marks: a durable store has them when it is opened again', again[1]] as const
  expect(Object.fromEntries(leftOut)).toEqual({
    model: new Map([again, marks, ...feed]),
    // A memory store is the memory of one process: there is no other instance that could see its records.
    memory: new Map([
      again,
      marks,
      ['feed: tells of what other instances end', alone],
      ['shared: what one instance has done the other sees at once', alone],
      ['shared: an ending of the user in one instance refuses a sign-in begun in the other', alone],
      ['shared: 50 parallel changes of different keys are 50 keys', alone],
      ['shared: of 20 parallel creates at a limit of 3 three are alive', alone],
      ['shared: of 20 rotations of one secret one wins', alone],
      ['shared: the change log has one order', alone],
      ['marks: what one instance has set the other sees at once', alone],
      ['shared: closing one instance leaves the other at work', alone],
    ]),
    sqlite: new Map(),
  })
})
