import type { HttpBindings } from '@hono/node-server'
import type { Accounts } from './accounts/accounts.ts'
import type { Attempts } from './accounts/attempts.ts'
import type { Codes } from './accounts/codes.ts'
import type { KnownBrowsers } from './accounts/known-browsers.ts'
import type { Passwords } from './accounts/passwords.ts'
import type { SentForms } from './accounts/sent-forms.ts'
import type { Audit } from './audit/audit.ts'
import type { Background } from './background.ts'
import type { Config } from './config.ts'
import type { EndingNotices } from './ending-notices.ts'
import type { KeyAgreement } from './keys/agreeing.ts'
import type { KeyKeeper } from './keys/keeping.ts'
import type { Log } from './log.ts'
import type { Mail } from './mail/mail.ts'
import type { Figures } from './measuring/figures.ts'
import type { Measures } from './measuring/measures.ts'
import type { ServerSession, ServerSessions } from './session-data.ts'

/** What the actions and the routes work with. */
export interface Services {
  /** The settings in effect. */
  readonly config: Config
  readonly sessions: ServerSessions
  readonly accounts: Accounts
  readonly keys: KeyKeeper
  readonly agreement: KeyAgreement
  readonly codes: Codes
  readonly attempts: Attempts
  readonly sentForms: SentForms
  readonly knownBrowsers: KnownBrowsers
  readonly passwords: Passwords
  readonly endings: EndingNotices
  /** Null where no mail server is set. */
  readonly mail: Mail | null
  readonly background: Background
  readonly audit: Audit
  readonly measures: Measures
  readonly figures: Figures
  /** How many sessions there are, by state; empty where the store cannot tell. */
  readonly stats: () => Promise<Readonly<Record<string, number>>>
  readonly log: Log
  readonly lifecycle: {
    /** From the first signal on. */
    isStopping: boolean
    /** Whether another process of the same server has taken its place. */
    isReplaced: boolean
  }
}

/** Hono's types: what middleware puts into a request's context, and what the server does. */
export interface Environment {
  Bindings: HttpBindings
  Variables: {
    /** The request's session, opened when first asked for. */
    openSession: () => Promise<ServerSession>
    /** Commits the session where it was opened, and gives the answer its cookies. */
    finishSession: (answer: Response) => Promise<Response>
    /** The session where somebody has asked for it. */
    session: ServerSession | undefined
    services: Services
  }
}
