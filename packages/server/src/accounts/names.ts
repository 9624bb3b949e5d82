export const LONGEST_NAME = 64

/**
 * A name as it is kept (NFKC, without white space around it), or null where it cannot be one: empty, over 64 characters,
 * or with characters that nobody sees.
 */
export function normalizeName(text: string): string | null {
  if (!text.isWellFormed()) return null
  const name = text.normalize('NFKC').trim()
  const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Co}]/u.test(name)
  return name === '' || [...name].length > LONGEST_NAME || invisible ? null : name
}

/** What two names are compared by: without regard to case. ß is ss, and ı is i, but İ keeps its dot and is another. */
export function nameKey(name: string): string {
  return name.toLowerCase().normalize('NFKC').toUpperCase().toLowerCase()
}
