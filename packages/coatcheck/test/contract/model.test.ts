import { describe, expect, test } from 'vitest'
import { type Around, intercept, modelStore } from '../../src/testing/index.ts'
import { MILLISECONDS_EACH, newWorld, subjectOf } from '../../src/testing/model/world.ts'
import { START } from '../../src/testing/store-contract/kit.ts'
import { commandsOf, compareWithModel } from '../../src/testing/store-contract/model.ts'
import { contexts } from './contexts.ts'

/** More for a longer proof; the seeds stay, so that a run can be had again. */
const RUNS = Number(process.env['COATCHECK_RUNS'] ?? 150)
const { model: _, ...others } = contexts

describe.each(Object.entries(others))('the model and %s', (_, makeContext) => {
  test('answer the same to the same calls, and are left in the same state', async () => {
    for (let run = 0; run < RUNS; run++) {
      const { store, close } = makeContext()
      try {
        await compareWithModel({ store }, commandsOf(`of many ${run}`))
      } finally {
        await close?.()
      }
    }
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
  for (let run = 0; run < 150; run++) {
    const subject = subjectOf(intercept(modelStore(), around))
    const world = newWorld(subject.store, START)
    for (const command of commandsOf(run)) {
      world.now += MILLISECONDS_EACH
      await (await command.prepare(world))(subject)
    }
  }
  expect(Object.fromEntries([...reached].map(([method, outcomes]) => [method, [...outcomes].toSorted()]))).toEqual(
    OUTCOMES,
  )
})
