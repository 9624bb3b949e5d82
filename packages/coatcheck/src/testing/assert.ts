import { CoatcheckError, type ErrorCode } from '../errors.ts'
import { differenceOf, show } from './compare.ts'

/** What the assertions of the suites throw. Both sides are in the message, and unabridged in the fields. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure'
  readonly actual: unknown
  readonly expected: unknown

  constructor(what: string, actual: unknown, expected: unknown, options?: ErrorOptions) {
    super(`${what}\n  expected: ${show(expected)}\n  actual:   ${show(actual)}`, options)
    this.actual = actual
    this.expected = expected
  }
}

/**
 * Fails unless both are deeply equal: maps by their entries in any order, sets by their members, objects by their own
 * keys (one that holds `undefined` is not one that is missing). `-0` is not `0`; `NaN` is `NaN`.
 */
export function expectEqual(actual: unknown, expected: unknown, what = 'The two differ.'): void {
  const difference = differenceOf(actual, expected)
  if (difference === null) return
  const { path } = difference
  if (path === '') throw new AssertionFailure(what, actual, expected)
  const where = `${what}\n  the first difference is at ${path}: ${show(difference.actual)} is not ${show(difference.expected)}`
  throw new AssertionFailure(where, actual, expected)
}

export function expectTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionFailure(what, false, true)
}

/** Fails unless `run` throws, or answers a promise that is rejected with, a `CoatcheckError` of this code; answers it. */
export async function expectThrows(
  code: ErrorCode,
  run: () => unknown,
  what = 'An error was expected.',
): Promise<CoatcheckError> {
  const thrown = await thrownBy(run)
  if (thrown instanceof CoatcheckError && thrown.code === code) return thrown
  throw new AssertionFailure(what, thrown, code, { cause: thrown })
}

async function thrownBy(run: () => unknown): Promise<unknown> {
  try {
    await run()
    return 'no error'
  } catch (error) {
    return error
  }
}
