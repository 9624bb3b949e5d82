import type { Seeded } from '../randomness.ts'

/** Makes a random value; the same for the same sequence of random numbers. */
export type Generator<T> = (random: Seeded) => T

export const constant =
  <T>(value: T): Generator<T> =>
  () =>
    value

export const oneOf =
  <T>(...values: readonly T[]): Generator<T> =>
  ({ pick }) =>
    pick(values)

export const boolean: Generator<boolean> = ({ int }) => int(2) === 1

/** A whole number from `least` to `most`. */
export const integer =
  (least: number, most: number): Generator<number> =>
  ({ int }) =>
    least + int(most - least + 1)

/** By turns of chance what the generators make, each as often as its weight says. */
export function weighted<T>(...choices: readonly (readonly [weight: number, make: Generator<T>])[]): Generator<T> {
  const total = choices.reduce((sum, [weight]) => sum + weight, 0)
  return (random) => {
    let left = random.int(total)
    const chosen = choices.find(([weight]) => {
      left -= weight
      return left < 0
    })
    if (chosen === undefined) throw new RangeError('Nothing to choose from.')
    return chosen[1](random)
  }
}

/** One time in six null. */
export const nullable =
  <T>(make: Generator<T>): Generator<T | null> =>
  (random) =>
    random.int(6) === 0 ? null : make(random)

/** As often undefined as not. */
export const optional =
  <T>(make: Generator<T>): Generator<T | undefined> =>
  (random) =>
    random.int(2) === 0 ? undefined : make(random)

/** From none to `most`. */
export const listOf =
  <T>(make: Generator<T>, most: number): Generator<readonly T[]> =>
  (random) =>
    Array.from({ length: random.int(most + 1) }, () => make(random))

type Made<Fields> = { [Name in keyof Fields]: Fields[Name] extends Generator<infer T> ? T : never }

export function record<Fields extends Readonly<Record<string, Generator<unknown>>>>(
  fields: Fields,
): Generator<Made<Fields>> {
  return (random) =>
    Object.fromEntries(Object.entries(fields).map(([name, make]) => [name, make(random)])) as Made<Fields>
}

/** As `record`, of which each field may be left out. */
export function partial<Fields extends Readonly<Record<string, Generator<unknown>>>>(
  fields: Fields,
): Generator<Partial<Made<Fields>>> {
  return (random) => {
    const kept = Object.entries(fields).filter(() => random.int(2) === 1)
    return Object.fromEntries(kept.map(([name, make]) => [name, make(random)])) as Partial<Made<Fields>>
  }
}
