const QUOTE = 34
const NOT_THE_SAME = -1

/**
 * Whether a value is what its stored text says: `encodeValue` would write that very text. Makes no text itself, since most
 * requests change nothing. False is no verdict: what needs escapes, or cannot be stored, is for `encodeValue` to look at.
 */
export function isUnchanged(value: unknown, text: string): boolean {
  return afterValue(value, text, 0) === text.length
}

/** Where the text goes on behind the value, or `NOT_THE_SAME`. */
function afterValue(value: unknown, text: string, at: number): number {
  switch (typeof value) {
    case 'string':
      return afterString(value, text, at)
    case 'boolean':
      return afterWord(value ? 'true' : 'false', text, at)
    case 'number':
      return afterWord(Object.is(value, -0) ? '-0' : String(value), text, at)
    case 'object':
      if (value === null) return afterWord('null', text, at)
      if (Object.getOwnPropertySymbols(value).length > 0) return NOT_THE_SAME
      return Array.isArray(value) ? afterArray(value, text, at) : afterObject(value, text, at)
    default:
      return NOT_THE_SAME
  }
}

function afterWord(word: string, text: string, at: number): number {
  return text.startsWith(word, at) ? at + word.length : NOT_THE_SAME
}

/** A value with quotes or backslashes could have the same letters and mean something else; whatever else JSON escapes has not. */
function afterString(value: string, text: string, at: number): number {
  const end = at + 1 + value.length
  const isQuoted = text.charCodeAt(at) === QUOTE && text.charCodeAt(end) === QUOTE
  const isSame = isQuoted && text.startsWith(value, at + 1) && !value.includes('"') && !value.includes('\\')
  return isSame ? end + 1 : NOT_THE_SAME
}

function afterArray(value: readonly unknown[], text: string, at: number): number {
  if (Object.getPrototypeOf(value) !== Array.prototype || Object.keys(value).length > value.length) return NOT_THE_SAME
  let next = afterWord('[', text, at)
  for (let i = 0; i < value.length && next !== NOT_THE_SAME; i++) {
    if (i > 0) next = afterWord(',', text, next)
    if (next !== NOT_THE_SAME) next = afterValue(value[i], text, next)
  }
  return next === NOT_THE_SAME ? next : afterWord(']', text, next)
}

function afterObject(value: object, text: string, at: number): number {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return NOT_THE_SAME
  let next = afterWord('{', text, at)
  let isFirst = true
  for (const name of Object.keys(value)) {
    const member: unknown = Reflect.get(value, name)
    if (member === undefined) continue
    if (!isFirst) next = afterWord(',', text, next)
    isFirst = false
    next = next === NOT_THE_SAME ? next : afterString(name, text, next)
    next = next === NOT_THE_SAME ? next : afterWord(':', text, next)
    next = next === NOT_THE_SAME ? next : afterValue(member, text, next)
    if (next === NOT_THE_SAME) return next
  }
  return afterWord('}', text, next)
}
