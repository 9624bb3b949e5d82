import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Around, expectEqual, intercept, modelStore } from '../../src/testing/index.ts'
import { contexts } from './contexts.ts'
import { commands } from './model/commands.ts'
import { epochsOf, movesOf, stateOf } from './model/state.ts'
import { type Command, MILLISECONDS_EACH, newWorld, type Subject, subjectOf } from './model/world.ts'

/** More for a longer proof; the seed stays, so that a run can be had again. */
const RUNS = Number(process.env['COATCHECK_RUNS'] ?? 150)
const SEED = 20_260_101
const { model: _, ...others } = contexts

/** Does the same to both, and compares what they answer, whose epochs that has moved, and what it has left. */
async function compare(name: string, sequence: readonly Command[], model: Subject, other: Subject): Promise<void> {
  const world = newWorld(model.store)
  let before = [await epochsOf(model.store), await epochsOf(other.store)] as const
  for (const [i, command] of sequence.entries()) {
    world.now += MILLISECONDS_EACH
    const step = await command.prepare(world)
    const expected = await step(model)
    expectEqual(await step(other), expected, `Command ${i}: ${name} answers otherwise than the model.`)
    const after = [await epochsOf(model.store), await epochsOf(other.store)] as const
    const moves = [movesOf(before[0], after[0]), movesOf(before[1], after[1])] as const
    expectEqual(moves[1], moves[0], `Command ${i}: ${name} moves other epochs than the model.`)
    before = after
  }
  expectEqual(await stateOf(other.store), await stateOf(model.store), `${name} is in another state than the model.`)
}

describe.each(Object.entries(others))('the model and %s', (name, makeContext) => {
  test('answer the same to the same calls, and are left in the same state', async () => {
    const property = fc.asyncProperty(commands, async (sequence) => {
      const { store, close } = makeContext()
      try {
        await compare(name, sequence, subjectOf(modelStore()), subjectOf(store))
      } finally {
        await close?.()
      }
    })
    await fc.assert(property, { seed: SEED, numRuns: RUNS })
  }, 3_600_000)
})

/** What the contract can answer, by call. */
const OUTCOMES = {
  create: ['created', 'limit', 'taken', 'user-changed'],
  update: ['gone', 'replaced', 'stale', 'updated'],
  rotate: ['gone', 'kept', 'rotated', 'user-changed'],
  touch: ['gone', 'kept', 'touched'],
  end: ['already', 'ended', 'missing'],
}

test('the commands reach every outcome of the contract', async () => {
  const reached = new Map(Object.keys(OUTCOMES).map((method) => [method, new Set<string>()]))
  const around: Around = async ({ method }, proceed) => {
    const answer = await proceed()
    const outcome = typeof answer === 'object' && answer !== null && 'outcome' in answer ? answer.outcome : answer
    if (typeof outcome === 'string') reached.get(method)?.add(outcome)
    return answer
  }
  for (const sequence of fc.sample(commands, { seed: SEED, numRuns: 150 })) {
    const subject = subjectOf(intercept(modelStore(), around))
    const world = newWorld(subject.store)
    for (const command of sequence) {
      world.now += MILLISECONDS_EACH
      await (await command.prepare(world))(subject)
    }
  }
  expect(Object.fromEntries([...reached].map(([method, outcomes]) => [method, [...outcomes].toSorted()]))).toEqual(
    OUTCOMES,
  )
})
