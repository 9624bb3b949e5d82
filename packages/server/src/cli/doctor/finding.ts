/** What one look found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string
  readonly state: 'well' | 'wrong'
  /** What was found, in a sentence. */
  readonly found: string
  /** What to do; null where all is well. */
  readonly remedy: string | null
}

/** One that needs nothing. */
export const well = (check: string, found: string): Finding => ({ check, state: 'well', found, remedy: null })

/** One that somebody has to see to. */
export const wrong = (check: string, found: string, remedy: string): Finding => ({
  check,
  state: 'wrong',
  found,
  remedy,
})

/** How an error of the system is named; '' where it is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
