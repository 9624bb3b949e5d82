/** Where two values differ first, and what they have there. The path is empty where the whole differs. */
export interface Difference {
  readonly path: string
  readonly actual: unknown
  readonly expected: unknown
}

/** Stands for what is not there, so that it differs from `undefined`. */
const NOTHING: unknown = Object.freeze({ toString: () => 'nothing' })

/**
 * The first difference of two values, or null where they are deeply equal: maps by their entries in any order, sets by
 * their members, objects by their own keys. `-0` is not `0`; `NaN` is `NaN`.
 */
export function differenceOf(actual: unknown, expected: unknown, path = ''): Difference | null {
  if (Object.is(actual, expected)) return null
  const here = { path, actual, expected }
  if (!isObject(actual) || !isObject(expected) || actual === NOTHING || expected === NOTHING) return here
  if (kindOf(actual) !== kindOf(expected)) return here
  const [left, right] = [partsOf(actual), partsOf(expected)]
  if (left === null || right === null) return here
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const one = left.has(key) ? left.get(key) : NOTHING
    const other = right.has(key) ? right.get(key) : NOTHING
    const difference = differenceOf(one, other, `${path}[${show(key)}]`)
    if (difference !== null) return difference
  }
  return null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** `[object Map]` and the like: not the prototype, which says where a record came from and not what is in it. */
function kindOf(value: object): string {
  return Object.prototype.toString.call(value)
}

/** What a value is made of, by key; null for those that are equal only to themselves. */
function partsOf(value: object): ReadonlyMap<unknown, unknown> | null {
  if (value instanceof Map) return value
  if (value instanceof Set) return new Map([...value].map((member) => [member, true]))
  if (value instanceof Error || value instanceof Promise) return null
  return new Map(Object.entries(value))
}

const LONGEST_TEXT = 200
const MOST_PARTS = 20

/** The value as one line in which nothing is invisible: NUL, lone surrogates, `-0` and `undefined` are spelt out. */
export function show(value: unknown): string {
  if (typeof value === 'string') return showText(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value === 'function') return `[function ${value.name}]`
  if (!isObject(value) || value === NOTHING) return String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (Array.isArray(value)) return `[${showParts(value, show)}]`
  if (value instanceof Set) return `Set {${showParts([...value], show)}}`
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  const parts = showParts(entries, ([key, part]) => `${show(key)}: ${show(part)}`)
  return value instanceof Map ? `Map {${parts}}` : `{${parts}}`
}

function showParts<T>(parts: readonly T[], showPart: (part: T) => string): string {
  const shown = parts.slice(0, MOST_PARTS).map(showPart)
  if (parts.length > MOST_PARTS) shown.push(`… (${parts.length} in all)`)
  return shown.join(', ')
}

function showText(text: string): string {
  if (text.length <= LONGEST_TEXT) return JSON.stringify(text)
  return `${JSON.stringify(text.slice(0, LONGEST_TEXT))}… (${text.length} characters)`
}
