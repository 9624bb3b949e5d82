/**
 * Any JavaScript string as a field of a record's value in Redis, which is UTF-8 with `SEPARATOR` between the fields:
 * control characters and lone surrogates are escaped. Different strings give different texts, so scripts may compare them.
 */
export function encodeText(text: string): string {
  return PLAIN.test(text) && text.isWellFormed() ? text : text.replace(ODD, escaped)
}

export function decodeText(text: string): string {
  return text.includes(ESCAPE)
    ? text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : text
}

/** Null is the empty field, so the empty text is written as an escape of its own. */
export function encodeOptional(text: string | null): string {
  if (text === null) return ''
  return text === '' ? EMPTY : encodeText(text)
}

export function decodeOptional(text: string): string | null {
  if (text === '') return null
  return text === EMPTY ? '' : decodeText(text)
}

/** FNV-1a: spreads ids evenly, and user ids that somebody chose well enough. From 0 to 2³² − 1. */
export function fingerprintOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

export const SEPARATOR = '\u001e'
const ESCAPE = '\u001b'
const EMPTY = `${ESCAPE}-`
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const PLAIN = /^[^\u0000-\u001f]*$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const ODD = /[\u0000-\u001f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const ESCAPED = /\u001b([0-9a-f]{4})/g

function escaped(unit: string): string {
  return ESCAPE + unit.charCodeAt(0).toString(16).padStart(4, '0')
}
