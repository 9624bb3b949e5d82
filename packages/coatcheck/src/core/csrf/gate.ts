/** Refuses to let a session be read or changed until something is proven, such as that the visitor made the request. */
export interface Gate {
  readonly toReading: boolean
  /** @throws what the one who closed the gate says */
  readonly check: (to: 'reading' | 'changing') => void
}
