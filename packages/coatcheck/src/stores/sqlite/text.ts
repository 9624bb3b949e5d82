/**
 * Any JavaScript string as a text of SQLite, which is UTF-8 and whose tools stop at a NUL: a string that would not
 * survive that (lone surrogates, NUL) is written as a JSON string, which is ASCII there; so is one that looks like it.
 * Different strings give different texts, so encoded ones may be compared and indexed.
 */
export function encodeText(text: string): string {
  return text.charCodeAt(0) !== QUOTE && text.isWellFormed() && !text.includes('\0') ? text : JSON.stringify(text)
}

export function decodeText(text: string): string {
  return text.charCodeAt(0) === QUOTE ? (JSON.parse(text) as string) : text
}

export function encodeOptional(text: string | null): string | null {
  return text === null ? null : encodeText(text)
}

export function decodeOptional(text: string | null): string | null {
  return text === null ? null : decodeText(text)
}

const QUOTE = 0x22
