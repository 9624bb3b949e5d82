import { CoatcheckError, type ErrorCode } from '../errors.ts'

/** What the assertions of the suites throw. Both sides are in the message, and as they are in the fields. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure'
  readonly actual: unknown
  readonly expected: unknown

  constructor(what: string, actual: unknown, expected: unknown) {
    super(`${what}\n  expected: ${show(expected)}\n  actual:   ${show(actual)}`)
    this.actual = actual
    this.expected = expected
  }
}

/**
 * Fails unless both are deeply equal: maps by their entries in any order, sets by their members, objects by their own
 * keys (one that holds `undefined` is not one that is missing). `-0` is not `0`; `NaN` is `NaN`.
 */
export function expectEqual(actual: unknown, expected: unknown, what = 'The two differ.'): void {
  if (!equal(actual, expected)) throw new AssertionFailure(what, actual, expected)
}

export function expectTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionFailure(what, false, true)
}

/** Fails unless `run` throws, or answers a promise that is rejected with, a `CoatcheckError` of this code; answers it. */
export async function expectThrows(code: ErrorCode, run: () => unknown, what = ''): Promise<CoatcheckError> {
  let answer: unknown
  try {
    answer = await run()
  } catch (error) {
    if (error instanceof CoatcheckError && error.code === code) return error
    throw new AssertionFailure(`${what} Another error than the one expected.`.trim(), error, code)
  }
  throw new AssertionFailure(`${what} No error was thrown.`.trim(), answer, code)
}

export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Map || b instanceof Map) return equalMaps(a, b)
  if (a instanceof Set || b instanceof Set) return equalSets(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(at(a, key), at(b, key)))
  )
}

function equalMaps(a: object, b: object): boolean {
  if (!(a instanceof Map && b instanceof Map) || a.size !== b.size) return false
  return [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)))
}

function equalSets(a: object, b: object): boolean {
  return a instanceof Set && b instanceof Set && a.size === b.size && [...a].every((member) => b.has(member))
}

function at(value: object, key: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[key]
}

const LONGEST_TEXT = 200

/** The value as one line in which nothing is invisible: NUL, lone surrogates, `-0` and `undefined` are spelt out. */
export function show(value: unknown): string {
  if (typeof value === 'string') return showText(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'function') return `[function ${value.name}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (value instanceof Map)
    return `Map {${[...value].map(([key, item]) => `${show(key)} => ${show(item)}`).join(', ')}}`
  if (value instanceof Set) return `Set {${[...value].map(show).join(', ')}}`
  return `{${Object.entries(value)
    .map(([key, item]) => `${showText(key)}: ${show(item)}`)
    .join(', ')}}`
}

function showText(text: string): string {
  if (text.length <= LONGEST_TEXT) return JSON.stringify(text)
  return `${JSON.stringify(text.slice(0, LONGEST_TEXT))}… (${text.length} characters)`
}
