import type { HappeningType } from '../audit/happenings.ts'

/** What each kind of thing that happens is called, in a few words. */
export type HappeningTexts = Readonly<Record<HappeningType, string>>

/** The administrator's console. */
export interface ConsoleTexts {
  readonly title: string
  readonly overview: string
  readonly users: string
  readonly events: string
  readonly signedIn: string
  readonly anonymous: string
  readonly ended: string
  readonly accounts: string
  readonly what: string
  readonly howOften: string
  readonly nothing: string
  readonly search: string
  readonly searchHint: string
  readonly find: string
  readonly name: string
  readonly email: string
  readonly role: string
  readonly state: string
  readonly enabled: string
  readonly disabled: string
  readonly since: string
  readonly next: string
  readonly sessions: string
  readonly story: string
  readonly change: string
  readonly disable: string
  readonly enable: string
  readonly endAll: string
  readonly endOne: string
  readonly remove: string
  readonly removeWarning: (name: string) => string
  readonly done: string
  readonly when: string
  readonly who: string
  readonly whoHint: string
  readonly sessionHint: string
  readonly anything: string
  readonly details: string
  readonly all: string
  readonly exportAs: string
  readonly self: string
  readonly invite: string
  readonly invitation: string
  readonly copy: string
  readonly copied: string
  readonly invitationHint: (role: string) => string
  readonly select: string
  readonly endSelected: string
}
