import { defaults } from 'coatcheck'
import { LONGEST_PASSWORD, LONGEST_QUEUE } from '../accounts/passwords.ts'
import { type LimitName, limitsOf } from '../actions/limits.ts'
import { FRESH, HOUR } from '../actions/windows.ts'
import { millisecondsOf } from '../config/settings.ts'
import type { Config } from '../config.ts'
import { LISTENING } from '../ending-notices.ts'
import { absoluteOf, idleOf, PER_USER } from '../sessions.ts'

const MINUTE = 60_000
const DAY = 24 * HOUR

/** What is in effect. Times in milliseconds; null: never. */
export type Value =
  | { readonly kind: 'time'; readonly value: number | null }
  | { readonly kind: 'count'; readonly value: number }
  /** So many in each window; whoever waits may go on. */
  | { readonly kind: 'rate'; readonly value: number; readonly window: number }
  /** What is so, and cannot be set. */
  | { readonly kind: 'words'; readonly words: WordedValue }

export type WordedValue = 'cookie' | 'untilClosed' | 'argon2id' | 'noRules' | 'blocklist'

/** What a source asks for. */
export type Demand =
  | { readonly kind: 'atMost'; readonly value: number }
  | { readonly kind: 'between'; readonly least: number; readonly most: number }
  | { readonly kind: 'atLeast'; readonly value: number }
  /** So much has to be allowed; more is as good. */
  | { readonly kind: 'allowing'; readonly value: number }
  /** In all, without a success between. */
  | { readonly kind: 'inAll'; readonly value: number }
  | { readonly kind: 'asked' }
  | { readonly kind: 'notAsked' }

export type Verdict = 'within' | 'stricter' | 'weaker'

export interface PolicyRow {
  readonly setting: PolicySetting
  /** The setting that changes it; null where none does. */
  readonly variable: string | null
  readonly value: Value
  readonly demands: readonly { readonly source: string; readonly demand: Demand }[]
}

export type PolicySetting =
  | 'idle'
  | 'absolute'
  | 'renewal'
  | 'fresh'
  | 'perUser'
  | 'secret'
  | 'cookie'
  | 'untilClosed'
  | 'passwordLeast'
  | 'passwordMost'
  | 'blocklist'
  | 'composition'
  | 'hash'
  | LimitName
  | CountName

/** How the value stands to what is asked. A shorter time is stricter, so is a longer password. */
export function verdictOf(value: Value, demand: Demand): Verdict {
  if (value.kind === 'words') return 'within'
  const size = value.value ?? Number.POSITIVE_INFINITY
  switch (demand.kind) {
    case 'atMost':
      return compared(demand.value - size)
    case 'atLeast':
      return compared(size - demand.value)
    case 'between':
      if (size > demand.most) return 'weaker'
      return size < demand.least ? 'stricter' : 'within'
    case 'allowing':
      return size >= demand.value ? 'within' : 'weaker'
    // A rate has no end: who waits often enough comes to any number.
    case 'inAll':
      return value.kind === 'rate' ? 'weaker' : compared(demand.value - size)
    case 'asked':
      return size === Number.POSITIVE_INFINITY ? 'weaker' : 'within'
    case 'notAsked':
      return size === Number.POSITIVE_INFINITY ? 'within' : 'stricter'
  }
}

/** By how much it is stricter. */
function compared(margin: number): Verdict {
  if (margin === 0) return 'within'
  return margin > 0 ? 'stricter' : 'weaker'
}

const NIST = 'NIST SP 800-63B-4'
const SESSIONS = 'OWASP Session Management'

const AUTOMATION = 'OWASP ASVS 5.0 2.4.1'
const GUESSING = 'OWASP ASVS 5.0 6.3.1'
const LOAD = 'OWASP ASVS 5.0 15.2.2'

const asked = (source: string) => ({ source, demand: { kind: 'asked' } as const })

/** Whence each limit is asked for, and what sets it; one that is new does not compile without. */
const LIMITS: Readonly<Record<LimitName, Pick<PolicyRow, 'variable' | 'demands'>>> = {
  failures: {
    variable: 'COATCHECK_FAILURES_PER_ACCOUNT',
    demands: [{ source: `${NIST} 3.2.2`, demand: { kind: 'inAll', value: 100 } }, asked(GUESSING)],
  },
  addressFailures: { variable: 'COATCHECK_FAILURES_PER_ADDRESS', demands: [asked(GUESSING)] },
  signIns: { variable: 'COATCHECK_SIGN_INS_PER_ACCOUNT', demands: [asked(AUTOMATION)] },
  signups: { variable: 'COATCHECK_SIGNUPS_PER_ADDRESS', demands: [asked(AUTOMATION)] },
  takenNames: { variable: null, demands: [asked(AUTOMATION)] },
  setUps: { variable: null, demands: [asked(GUESSING)] },
  changes: { variable: 'COATCHECK_CHANGES_PER_ACCOUNT', demands: [asked(AUTOMATION)] },
  administering: { variable: 'COATCHECK_CHANGES_PER_ACCOUNT', demands: [asked(AUTOMATION)] },
  verificationMails: { variable: null, demands: [asked(AUTOMATION)] },
  resetRequests: { variable: null, demands: [asked(AUTOMATION)] },
  resetMails: { variable: null, demands: [asked(AUTOMATION)] },
}

/** What there may be at once; more is refused for now. */
const COUNTS = {
  pagesOfSession: { value: LISTENING.ofSession, source: LOAD },
  pagesOfUser: { value: LISTENING.ofUser, source: LOAD },
  pagesOfAddress: { value: LISTENING.ofSite, source: LOAD },
  pagesInAll: { value: LISTENING.inAll, source: LOAD },
  waitingPasswords: { value: LONGEST_QUEUE, source: LOAD },
} as const

type CountName = keyof typeof COUNTS

/** The policy in effect, each part beside the figures of the standards. */
export function policyRows(config: Config): readonly PolicyRow[] {
  const words = (which: WordedValue): Value => ({ kind: 'words', words: which })
  const atMost = (source: string, value: number) => ({ source, demand: { kind: 'atMost', value } as const })
  return [
    {
      setting: 'idle',
      variable: 'COATCHECK_IDLE',
      value: { kind: 'time', value: idleOf(config) },
      demands: [
        { source: `${NIST} 2.1.3 (AAL1)`, demand: { kind: 'notAsked' } },
        atMost(`${NIST} 2.2.3 (AAL2)`, HOUR),
        atMost(`${NIST} 2.3.3 (AAL3)`, 15 * MINUTE),
        { source: `${SESSIONS}, high value`, demand: { kind: 'between', least: 2 * MINUTE, most: 5 * MINUTE } },
        { source: `${SESSIONS}, low risk`, demand: { kind: 'between', least: 15 * MINUTE, most: 30 * MINUTE } },
      ],
    },
    {
      setting: 'absolute',
      variable: 'COATCHECK_ABSOLUTE',
      value: { kind: 'time', value: absoluteOf(config) },
      demands: [
        atMost(`${NIST} 2.1.3 (AAL1)`, 30 * DAY),
        atMost(`${NIST} 2.2.3 (AAL2)`, DAY),
        atMost(`${NIST} 2.3.3 (AAL3)`, 12 * HOUR),
        { source: SESSIONS, demand: { kind: 'between', least: 4 * HOUR, most: 8 * HOUR } },
      ],
    },
    {
      setting: 'renewal',
      variable: null,
      value: { kind: 'time', value: millisecondsOf(defaults.policy.renewal) },
      demands: [asked(SESSIONS)],
    },
    {
      setting: 'fresh',
      variable: null,
      value: { kind: 'time', value: millisecondsOf(FRESH.maxAge) },
      demands: [asked('OWASP ASVS 5.0 7.5.1')],
    },
    {
      setting: 'perUser',
      variable: null,
      value: { kind: 'count', value: PER_USER },
      demands: [asked('OWASP ASVS 5.0 7.1.2')],
    },
    {
      setting: 'secret',
      variable: null,
      value: { kind: 'count', value: 256 },
      demands: [
        { source: `${NIST} 5.1`, demand: { kind: 'atLeast', value: 64 } },
        { source: 'OWASP ASVS 5.0 7.2.3', demand: { kind: 'atLeast', value: 128 } },
      ],
    },
    {
      setting: 'cookie',
      variable: null,
      value: words('cookie'),
      demands: [asked(`${NIST} 5.1.1`), asked('OWASP ASVS 5.0 3.3.1–3.3.4')],
    },
    { setting: 'untilClosed', variable: null, value: words('untilClosed'), demands: [asked(`${NIST} 5.1`)] },
    {
      setting: 'passwordLeast',
      variable: 'COATCHECK_PASSWORD_LENGTH',
      value: { kind: 'count', value: config.passwordLength },
      demands: [
        { source: `${NIST} 3.1.1.2`, demand: { kind: 'atLeast', value: 15 } },
        { source: 'OWASP ASVS 5.0 6.2.1', demand: { kind: 'atLeast', value: 8 } },
      ],
    },
    {
      setting: 'passwordMost',
      variable: null,
      value: { kind: 'count', value: LONGEST_PASSWORD },
      demands: [
        { source: `${NIST} 3.1.1.2`, demand: { kind: 'allowing', value: 64 } },
        { source: 'OWASP ASVS 5.0 6.2.9', demand: { kind: 'allowing', value: 64 } },
      ],
    },
    {
      setting: 'blocklist',
      variable: null,
      value: words('blocklist'),
      demands: [asked(`${NIST} 3.1.1.2`), asked('OWASP ASVS 5.0 6.2.4')],
    },
    {
      setting: 'composition',
      variable: null,
      value: words('noRules'),
      demands: [asked(`${NIST} 3.1.1.2`), asked('OWASP ASVS 5.0 6.2.5')],
    },
    { setting: 'hash', variable: null, value: words('argon2id'), demands: [asked('OWASP Password Storage')] },
    ...Object.entries(limitsOf(config)).map(([name, { most, window }]): PolicyRow => {
      const { variable, demands } = LIMITS[name as LimitName]
      return { setting: name as LimitName, variable, value: { kind: 'rate', value: most, window }, demands }
    }),
    ...Object.entries(COUNTS).map(([name, { value, source }]): PolicyRow => {
      return { setting: name as CountName, variable: null, value: { kind: 'count', value }, demands: [asked(source)] }
    }),
  ]
}
