/** The beginning of a text, at most `most` UTF-16 units, without half a character at its end; null where there is none. */
export function cut(text: string | null | undefined, most: number): string | null {
  if (text === null || text === undefined) return null
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, '')
}
