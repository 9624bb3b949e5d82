import { ReadOnlyError } from '../../errors.ts'
import type { SessionState } from './state.ts'

/** Refuses what needs a cookie, or writes, where the session was opened to be read alone. @throws ReadOnlyError */
export function refuseReadOnly({ readOnly }: Pick<SessionState, 'readOnly'>): void {
  if (readOnly) throw new ReadOnlyError()
}
