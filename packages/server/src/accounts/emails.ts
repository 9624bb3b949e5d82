const LONGEST = 254

/** A mail address as it is kept, or null where it can be none. What it really is, only a mail to it shows. */
export function normalizeEmail(text: string): string | null {
  const email = text.normalize('NFC').trim()
  const looksLikeOne = /^[^\s@<>"(),:;[\]\\]{1,64}@[^\s@<>"(),:;[\]\\]+\.[^\s@<>"(),:;[\]\\.]{2,}$/u.test(email)
  return looksLikeOne && email.length <= LONGEST && !/\p{C}/u.test(email) ? email : null
}

/** What two addresses are compared by. Hosts take both cases as one; so do those who type their own address. */
export const emailKey = (email: string): string => email.toLowerCase().normalize('NFC')
