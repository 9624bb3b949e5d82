// What each language has to say, by area. A text with something in it is a function.
import type { Ended } from 'coatcheck'
import type { Language, Theme } from '../accounts/preferences.ts'
import type { BodyFault, RefusalCode } from '../actions/refusals.ts'

export interface AccountTexts {
  readonly name: string
  readonly nameOrEmail: string
  readonly password: string
  readonly passwordHint: (least: number, most: number) => string
  readonly signUp: {
    readonly title: string
    readonly button: string
    readonly already: string
    readonly closed: string
    readonly byInvitation: string
    readonly void: string
    readonly signedInTitle: string
    readonly signedIn: (name: string) => string
  }
  readonly signIn: {
    readonly title: string
    readonly button: string
    readonly newHere: string
    readonly welcome: string
    readonly goodbye: string
    /** Beside each refused password, so that it tells nobody whether one was locked. */
    readonly lockedHint: (minutes: number) => string
  }
  readonly setUp: { readonly title: string; readonly lead: string; readonly code: string; readonly button: string }
  readonly reauthenticate: {
    readonly title: string
    readonly why: (name: string) => string
    readonly button: string
  }
}

export interface PreferenceTexts {
  readonly title: string
  readonly lead: string
  readonly theme: string
  readonly themes: Readonly<Record<Theme, string>>
  readonly language: string
  readonly languages: Readonly<Record<Language, string>>
  readonly asBrowser: string
  readonly alerts: string
  readonly inEffect: string
  readonly save: string
  readonly saved: string
}

/** Why somebody was signed out; null where there is nothing to tell. */
export type EndingTexts = Readonly<
  Record<Ended['reason'] | 'disabled' | 'passwordChanged' | 'byAdministrator', string | null>
>

/** The session, the devices and the frame of the pages. */
export interface SessionTexts {
  readonly skip: string
  readonly navigation: string
  readonly dashboard: string
  readonly devices: string
  readonly signOut: string
  readonly start: string
  readonly stay: string
  readonly back: string
  readonly justNow: string
  readonly welcome: (name: string) => string
  readonly thisSession: string
  readonly device: string
  readonly unknownDevice: string
  readonly address: string
  readonly unknownAddress: string
  readonly signedIn: string
  readonly lastActive: string
  readonly endsIfIdle: string
  readonly endsAnyway: string
  readonly allDevices: string
  readonly role: string
  readonly permissions: string
  readonly none: string
  readonly yourDevices: string
  readonly onlyThisDevice: string
  readonly manyDevices: (count: number) => string
  readonly thisDevice: string
  readonly end: string
  readonly endOne: (device: string) => string
  readonly signOutOf: (device: string) => string
  readonly endOthers: (count: number) => string
  readonly endAll: string
  readonly ended: { readonly one: string; readonly others: string; readonly gone: string }
  readonly signOutTitle: string
  readonly signOutQuestion: (name: string) => string
  readonly preferences: string
  readonly over: { readonly text: string; readonly link: string }
}

/** Pages that say one thing: a title and a text. */
export interface MessageTexts {
  readonly forbidden: readonly [title: string, text: string]
  readonly notFound: readonly [title: string, text: string]
  readonly wrongMethod: readonly [title: string, text: string]
  readonly tooLarge: readonly [title: string, text: string]
  readonly unavailable: readonly [title: string, text: string]
  readonly signOutUnconfirmed: readonly [title: string, text: string]
  readonly failed: readonly [title: string, text: string]
  readonly foreign: readonly [title: string, text: string]
  readonly needsHttps: readonly [title: string, text: (host: string) => string]
}

/** Why an action was not done, in a sentence that says what to do. */
export type RefusalTexts = Readonly<Record<RefusalCode, (facts: RefusalFacts) => string>>

/** What a refusal may name. */
export interface RefusalFacts {
  readonly least: number
  readonly most: number
  /** Whole minutes until it may be tried again, at least 1. */
  readonly minutes: number
  /** Whether an administrator asks, who can do something about the settings. */
  readonly isAdministrator: boolean
  /** What is wrong in the body of a request to the API. */
  readonly faults: readonly BodyFault[]
}
