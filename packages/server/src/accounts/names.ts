export const LONGEST_NAME = 64

/** Names that would pass for somebody else's. Compared as all names are. */
const RESERVED: ReadonlySet<string> = new Set(
  'nobody anonymous system root administrator coatcheck support security abuse postmaster hostmaster webmaster null undefined me'.split(
    ' ',
  ),
)

/** Whether nobody may take the name: it is reserved, or looks like a mail address, which signs in as well. */
export const isReserved = (name: string): boolean => RESERVED.has(nameKey(name)) || name.includes('@')

/**
 * What nobody sees, so that a name with it looks like another one: controls, fillers, joiners, selectors, and blanks that
 * count as letters or symbols. Signs that U+200D joins into one, such as families, are refused with it.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Co}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/u

/** Keyboards put one behind an emoji, to ask for its colours or for none. */
const SELECTOR_OF_EMOJI = /(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]/gu

/**
 * A name as it is kept (NFKC, without white space around it and without the selectors of emoji), or null where it cannot
 * be one: empty, over 64 characters, or with characters that nobody sees.
 */
export function normalizeName(text: string): string | null {
  if (!text.isWellFormed()) return null
  const name = text.normalize('NFKC').replaceAll(SELECTOR_OF_EMOJI, '').trim()
  return name === '' || [...name].length > LONGEST_NAME || INVISIBLE.test(name) ? null : name
}

/** What two names are compared by: without regard to case. ß is ss, and ı is i, but İ keeps its dot and is another. */
export function nameKey(name: string): string {
  return name.toLowerCase().normalize('NFKC').toUpperCase().toLowerCase()
}
