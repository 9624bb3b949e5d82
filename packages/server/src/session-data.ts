import type { Session, Sessions } from 'coatcheck'
import type { Language, Theme } from './accounts/preferences.ts'

/** What the server keeps in a session. It follows the account: who changes one changes the other. */
export interface SessionData {
  /** The account's name, as its owner wrote it. */
  name: string
  role: string
  theme: Theme | null
  language: Language | null
}

export type ServerSessions = Sessions<Partial<SessionData>, SessionData>
export type ServerSession = Session<Partial<SessionData>>
