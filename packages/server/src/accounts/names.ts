export const LONGEST_NAME = 64

/** Names that would pass for somebody else's. Compared as all names are. */
const RESERVED: ReadonlySet<string> = new Set(
  'nobody anonymous system root support security abuse postmaster hostmaster webmaster null undefined me'.split(' '),
)

/** Whether nobody may take the name: it is reserved, or looks like a mail address, which signs in as well. */
export const isReserved = (name: string): boolean => RESERVED.has(nameKey(name)) || name.includes('@')

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
