import type { PolicySetting, Verdict, WordedValue } from '../console/policy-rows.ts'

/** The console's page of the policy. A figure is a number or a duration with its unit. */
export interface ConsolePolicyTexts {
  readonly tab: string
  readonly title: string
  readonly lead: string
  readonly caption: string
  readonly part: string
  readonly inEffect: string
  readonly asked: string
  readonly source: string
  readonly verdict: string
  readonly verdicts: Readonly<Record<Verdict, string>>
  readonly settings: Readonly<Record<PolicySetting, string>>
  readonly words: Readonly<Record<WordedValue, string>>
  readonly never: string
  readonly rate: (count: string, window: string) => string
  readonly between: (least: string, most: string) => string
  readonly atMost: (figure: string) => string
  readonly atLeast: (figure: string) => string
  readonly allowing: (figure: string) => string
  readonly inAll: (figure: string) => string
  readonly isAsked: string
  readonly notAsked: string
}

/** The console's page of the signing keys. */
export interface ConsoleKeysTexts {
  readonly tab: string
  readonly title: string
  readonly lead: string
  readonly id: string
  readonly state: string
  readonly states: { readonly newest: string; readonly needed: string; readonly free: string }
  readonly added: string
  readonly lastUsed: string
  readonly inUse: string
  readonly never: string
  readonly neededUntil: string
  readonly unreadable: string
  readonly change: string
  readonly changeLead: string
  readonly steps: { readonly add: string; readonly promote: string; readonly retire: string }
}
