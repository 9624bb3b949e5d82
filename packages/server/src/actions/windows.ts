/** The time in which wrong passwords are counted, in milliseconds. */
export const FAILURES = 15 * 60_000

/** Likewise new accounts and mails. */
export const HOUR = 60 * 60_000
