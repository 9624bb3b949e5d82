/** The page of recent activity: a sentence for each thing that happened. */
export interface ActivityTexts {
  readonly title: string
  readonly lead: string
  readonly none: string
  readonly older: string
  readonly hint: string
  readonly byOther: string
  /** Of several like it within an hour. */
  readonly times: (sentence: string, count: number) => string
  /** Where and on what: "Chrome on Android, 203.0.113.0/24"; what is not known is left out. */
  readonly place: (device: string | null, network: string | null) => string
  readonly sentences: ActivitySentences
}

export interface ActivitySentences {
  readonly signedIn: (place: string) => string
  readonly signedInNew: (place: string) => string
  readonly signInFailed: (place: string) => string
  readonly ended: (place: string) => string
  readonly reauthenticated: (place: string) => string
  /** Of a device that was signed out, whose page may stand open. */
  readonly refused: (place: string) => string
  /** Of a token that another one had replaced: its holder has a newer one. */
  readonly refusedCopy: (place: string) => string
  readonly allEnded: string
  readonly accountCreated: string
  readonly accountDisabled: string
  readonly accountEnabled: string
  readonly passwordChanged: string
  readonly passwordReset: string
  readonly preferencesChanged: string
  readonly emailSet: string
  readonly emailRemoved: string
  readonly roleChanged: (from: string, to: string) => string
}
