import type { CsrfReason, EndReason } from 'coatcheck'

/** Why a session ended, or a token was refused, in a few words. */
export type ReasonTexts = Readonly<
  Record<EndReason | 'malformed' | 'forged' | 'unknown-key' | 'unknown' | 'superseded' | 'ambiguous', string>
>

/** Why a request was refused that another site's page may have made, as the end of a sentence. */
export type CsrfTexts = Readonly<Record<CsrfReason, string>>

/** The console's search of sessions, and the story of one. */
export interface ConsoleSessionsTexts {
  readonly name: string
  readonly nameHint: string
  readonly address: string
  readonly addressHint: string
  readonly device: string
  readonly deviceHint: string
  readonly state: string
  readonly any: string
  readonly alive: string
  readonly endedWhy: (reason: string) => string
  readonly ended: string
  readonly reasons: ReasonTexts
  readonly csrfReasons: CsrfTexts
  readonly tooMany: (count: number) => string
  readonly noAddress: string
  readonly lookedOn: string
  readonly user: string
  readonly noUser: string
  readonly network: string
  readonly endEvery: string
  readonly endEveryWarning: string
  readonly confirm: string
  readonly endedCount: (count: number) => string
  readonly session: string
  readonly facts: string
  readonly due: string
  readonly endThis: string
  readonly key: string
  readonly newestKey: (id: string) => string
  readonly earlierKey: (id: string) => string
  readonly story: string
  readonly noStory: string
  readonly own: string
  readonly allEvents: string
  readonly by: (name: string) => string
  readonly sentences: {
    readonly signedIn: (place: string) => string
    readonly signedInNew: (place: string) => string
    readonly ended: (reason: string) => string
    readonly refused: (reason: string) => string
    /** Of no session that is known. */
    readonly cookieRefused: (reason: string) => string
    /** What is null is not known. */
    readonly csrfBlocked: (method: string | null, origin: string | null, reason: string) => string
    readonly accountCreatedAs: (role: string) => string
    readonly setUpFailed: (place: string) => string
    readonly writeRefused: string
    readonly reauthenticated: string
    readonly rotated: string
    readonly endedByOther: string
    readonly answerBroken: string
    readonly readLate: string
  }
}
