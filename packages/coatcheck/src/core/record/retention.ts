import type { Policy } from './policy.ts'

const HOUR = 60 * 60_000
const MONTH = 30 * 24 * HOUR

/** Milliseconds for which a sign-in that has begun may still be completed. */
export const LONGEST_ATTEMPT = MONTH

/** Milliseconds after a change for which what tells of it is kept. */
export interface Retention {
  /**
   * Of an entry of the change log: as long as a token that it concerns can live without being looked up. Tokens of opaque
   * sessions are looked up, so an hour is enough for every cache; `keepEnded` where that is longer.
   */
  readonly log: number
  /** Of a user's numbers: as long as anything can live that carries them, which are sessions and sign-ins under way. */
  readonly epochs: number
}

export function retentionOf({ keepEnded, absolute, rememberMe }: Policy): Retention {
  return {
    log: Math.max(HOUR, keepEnded),
    epochs: Math.max(LONGEST_ATTEMPT, absolute, rememberMe?.absolute ?? 0),
  }
}
