/** The time in which wrong passwords are counted, in milliseconds. */
export const FAILURES = 15 * 60_000

/** Likewise new accounts, mails, and what an account does to itself. */
export const HOUR = 60 * 60_000

/** How recent a sign-in has to be for what cannot be undone (ASVS 7.5.1, 7.5.2). */
export const FRESH = { maxAge: '15m' } as const
