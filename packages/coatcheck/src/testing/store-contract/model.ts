import { hasStats } from '../../core/store/capabilities.ts'
import { expectEqual } from '../assert.ts'
import type { Case } from '../cases.ts'
import { command } from '../model/commands.ts'
import { epochsOf, movesOf, stateOf } from '../model/state.ts'
import { type Command, MILLISECONDS_EACH, newWorld, type Subject, subjectOf } from '../model/world.ts'
import { modelStore } from '../model-store.ts'
import { seeded } from '../randomness.ts'
import { START, type StoreContext } from './kit.ts'

/** Commands of one run, and runs of the contract. */
const LENGTH = 80
const RUNS = 8

/** Random commands, always the same for a seed. */
export function commandsOf(seed: number | string, length = LENGTH): readonly Command[] {
  const random = seeded(`model ${seed}`)
  return Array.from({ length }, () => command(random))
}

/**
 * Does the same to a store and to the model, and compares what they answer, which epochs that has moved, and what it has
 * left. A failure shows the command, by its place in the run, and what it was given.
 */
export async function compareWithModel(
  { store, start = START, logsAgain = false }: Pick<StoreContext, 'store' | 'start' | 'logsAgain'>,
  commands: readonly Command[],
): Promise<void> {
  const [model, other] = [subjectOf(modelStore()), subjectOf(store)]
  const world = newWorld(model.store, start, !logsAgain)
  let before = await epochsOfBoth(model, other)
  for (const [i, one] of commands.entries()) {
    world.now += MILLISECONDS_EACH
    const step = await one.prepare(world)
    const expected = await step(model)
    expectEqual(await step(other), expected, `Command ${i}, ${one.shown}: it answers otherwise than the model.`)
    const after = await epochsOfBoth(model, other)
    const moves = [movesOf(before[0], after[0]), movesOf(before[1], after[1])] as const
    expectEqual(moves[1], moves[0], `Command ${i}, ${one.shown}: it moves other epochs than the model.`)
    before = after
  }
  const parts = { withStats: hasStats(store), withLog: !logsAgain }
  const [state, expected] = [await stateOf(other.store, parts), await stateOf(model.store, parts)]
  expectEqual(state, expected, 'It is in another state than the model.')
}

async function epochsOfBoth(model: Subject, other: Subject) {
  return [await epochsOf(model.store), await epochsOf(other.store)] as const
}

export const modelCases: readonly Case<StoreContext>[] = Array.from({ length: RUNS }, (_, i) => ({
  name: `model: ${LENGTH} random commands do what they do to the model, run ${i + 1}`,
  promise: 15,
  run: (context) => compareWithModel(context, commandsOf(i + 1)),
}))
