import { DataError } from '../../errors.ts'
import { isUnchanged } from './unchanged.ts'

/** How much data a session may hold: bytes of keys and texts in UTF-8, top-level keys, levels of nesting. */
export interface DataLimits {
  readonly bytes: number
  readonly keys: number
  readonly depth: number
}

/** What has to be written so that the record holds what the application's object holds. */
export interface DataDifference {
  readonly set: ReadonlyMap<string, string>
  readonly unset: readonly string[]
}

const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * The application's object from a record's texts: a plain object without prototype, so that no key means anything
 * special. `initial` fills keys that the record lacks.
 */
export function decodeData(texts: ReadonlyMap<string, string>, initial: object | null): Record<string, unknown> {
  const data: Record<string, unknown> = Object.create(null)
  if (initial !== null) Object.assign(data, initial)
  const values = parseAll(texts)
  let i = 0
  for (const key of texts.keys()) data[key] = values[i++]
  return data
}

/** One call of the parser for all texts costs half of one call for each. */
function parseAll(texts: ReadonlyMap<string, string>): readonly unknown[] {
  const values: readonly unknown[] = JSON.parse(`[${[...texts.values()].join(',')}]`)
  // Fewer or more only where a text is no JSON value; then the one that is not is to fail.
  return values.length === texts.size ? values : [...texts.values()].map((text) => JSON.parse(text) as unknown)
}

/**
 * A value as JSON text that reads back as the same value: -0 stays -0, absent properties stay absent. What JSON would
 * change silently (dates, maps, class instances, NaN, functions, symbols, holes, cycles) is refused.
 * @throws DataError that names the key and the path in it.
 */
export function encodeValue(value: unknown, key: string, limits: Pick<DataLimits, 'depth' | 'bytes'>): string {
  if (REFUSED_KEYS.has(key)) throw new DataError('key', key, key, `session.data: the key '${key}' is not allowed.`)
  return new Encoder(key, limits).encode(value)
}

/** No quote, backslash, control character or surrogate: what needs no escape, told faster than JSON writes it. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\ud7ff]*$/

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text)
}

class Encoder {
  readonly #key: string
  readonly #depth: number
  readonly #bytes: number
  readonly #above: object[] = []
  /** Where the encoder is, from the key down; spelt out only for an error. */
  readonly #path: (string | number)[] = []
  #visited = 0

  constructor(key: string, { depth, bytes }: Pick<DataLimits, 'depth' | 'bytes'>) {
    this.#key = key
    this.#depth = depth
    this.#bytes = bytes
  }

  encode(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return quoted(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'number':
        return this.#number(value)
      case 'object':
        return value === null ? 'null' : this.#object(value)
      default:
        throw this.#refuse('type', `a ${typeof value} cannot be stored`)
    }
  }

  #number(value: number): string {
    if (!Number.isFinite(value)) throw this.#refuse('type', 'NaN and infinite numbers cannot be stored')
    return Object.is(value, -0) ? '-0' : String(value)
  }

  #object(value: object): string {
    const above = this.#above
    if (above.length >= this.#depth) throw this.#refuse('depth', `nested deeper than ${this.#depth} levels`)
    // Each is a byte at least; a value that holds one object in many places would else take for ever to write.
    if (++this.#visited > this.#bytes) throw this.#refuse('size', `larger than ${this.#bytes} bytes`)
    if (Object.getOwnPropertySymbols(value).length > 0) throw this.#refuse('key', 'symbols cannot be keys')
    if (above.includes(value)) throw this.#refuse('cycle', 'a value holds itself')
    above.push(value)
    const text = Array.isArray(value) ? this.#array(value) : this.#plain(value)
    above.pop()
    return text
  }

  #array(value: readonly unknown[]): string {
    if (Object.getPrototypeOf(value) !== Array.prototype || Object.keys(value).length > value.length) {
      throw this.#refuse('type', 'of an array only its elements can be stored')
    }
    let text = ''
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + this.#member(i, value[i])
    return `[${text}]`
  }

  #plain(value: object): string {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype) {
      const why = 'only plain objects, arrays, strings, finite numbers, booleans and null can be stored'
      throw this.#refuse('type', why)
    }
    let text = ''
    for (const name of Object.keys(value)) {
      const member: unknown = Reflect.get(value, name)
      if (member === undefined) continue
      if (name === '__proto__') throw this.#refuse('key', `the key '__proto__' is not allowed`)
      text += `${text === '' ? '' : ','}${quoted(name)}:${this.#member(name, member)}`
    }
    return `{${text}}`
  }

  #member(name: string | number, value: unknown): string {
    this.#path.push(name)
    const text = this.encode(value)
    this.#path.pop()
    return text
  }

  #refuse(fault: 'type' | 'cycle' | 'depth' | 'key' | 'size', why: string): DataError {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    const path = this.#key + steps.join('')
    return new DataError(fault, this.#key, path, `session.data: ${path}: ${why}.`)
  }
}

/**
 * What changed between a record's texts and the application's object, nested changes included; null for nothing.
 * A key that is undefined or deleted is removed. `filled` are texts of the initial values of keys that the record lacks.
 * @throws DataError where a changed value cannot be stored or the limits would be passed.
 */
export function diffData(
  texts: ReadonlyMap<string, string>,
  data: Readonly<Record<string, unknown>>,
  initial: ReadonlyMap<string, string> | null,
  limits: DataLimits,
): DataDifference | null {
  const set = new Map<string, string>()
  let kept = 0
  for (const key of Object.keys(data)) {
    const value = data[key]
    if (value === undefined) continue
    const stored = texts.get(key)
    if (stored !== undefined) kept++
    const before = stored ?? initial?.get(key)
    if (before !== undefined && isUnchanged(value, before)) continue
    const text = encodeValue(value, key, limits)
    if (text !== before) set.set(key, text)
  }
  if (set.size === 0 && kept === texts.size) return null
  const unset = [...texts.keys()].filter((key) => !isPresent(data, key))
  if (set.size > 0) checkLimits(applied(texts, { set, unset }), limits, texts)
  return { set, unset }
}

function isPresent(data: object, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(data, key) && Reflect.get(data, key) !== undefined
}

/** The texts after a change. */
export function applied(
  texts: ReadonlyMap<string, string>,
  change: { readonly set?: ReadonlyMap<string, string> | undefined; readonly unset?: readonly string[] | undefined },
): ReadonlyMap<string, string> {
  const next = new Map(texts)
  for (const key of change.unset ?? []) next.delete(key)
  for (const [key, text] of change.set ?? []) next.set(key, text)
  return next
}

/**
 * @throws DataError where the texts are more, or longer together, than a session may hold. What makes a session no larger
 * than it is (`before`) is let through: else one that is too large already could not be made smaller.
 */
export function checkLimits(
  texts: ReadonlyMap<string, string>,
  limits: DataLimits,
  before?: ReadonlyMap<string, string>,
): void {
  if (texts.size > limits.keys && texts.size > (before?.size ?? 0)) {
    throw new DataError('keys', null, '', `session.data: ${texts.size} keys, but at most ${limits.keys} are allowed.`)
  }
  const bytes = bytesOf(texts)
  if (bytes <= limits.bytes || (before !== undefined && bytes <= bytesOf(before))) return
  const key = largestKey(texts)
  const why = `${bytes} bytes, but at most ${limits.bytes} are allowed; the largest key is '${key}'.`
  throw new DataError('size', key, key, `session.data: ${why}`)
}

/** By how many bytes a change makes the texts longer; negative where it makes them shorter. */
export function growthBy(texts: ReadonlyMap<string, string>, { set, unset }: DataDifference): number {
  let bytes = bytesOf(set)
  for (const key of [...set.keys(), ...unset]) {
    const text = texts.get(key)
    if (text !== undefined) bytes -= utf8Length(key) + utf8Length(text)
  }
  return bytes
}

function bytesOf(texts: ReadonlyMap<string, string>): number {
  let bytes = 0
  for (const [key, text] of texts) bytes += utf8Length(key) + utf8Length(text)
  return bytes
}

function largestKey(texts: ReadonlyMap<string, string>): string {
  let largest = ''
  let most = -1
  for (const [key, text] of texts) {
    const bytes = utf8Length(key) + utf8Length(text)
    if (bytes > most) [largest, most] = [key, bytes]
  }
  return largest
}

function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2
  }
  return bytes
}
