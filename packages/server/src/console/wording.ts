import type { Kept } from '../audit/kept.ts'
import { ORDINARY } from '../roles.ts'
import type { ActivitySentences } from '../texts/activity-shapes.ts'
import type { ConsoleSessionsTexts, CsrfTexts, ReasonTexts } from '../texts/console-sessions-shapes.ts'
import type { HappeningTexts } from '../texts/console-shapes.ts'
import type { Texts } from '../texts/index.ts'

/** In words; what no text is known of, as it is. */
export const reasonText = (reasons: ReasonTexts | CsrfTexts, reason: string): string =>
  Object.entries(reasons).find(([known]) => known === reason)?.[1] ?? reason

/** What a type of the audit log is called; one of a later version by its code. */
export const kindOf = (happenings: HappeningTexts, type: string): string =>
  Object.hasOwn(happenings, type) ? happenings[type as keyof HappeningTexts] : type

interface Words {
  readonly session: ConsoleSessionsTexts
  readonly account: ActivitySentences
  readonly detail: Kept['detail']
  readonly sessionId: Kept['sessionId']
}

const placeOf = ({ device, network }: Kept['detail']) =>
  [device, network].filter((part) => typeof part === 'string').join(', ')
const whyOf = ({ session: { reasons }, detail: { reason, note } }: Words) =>
  [reasonText(reasons, String(reason)), ...(typeof note === 'string' ? [note] : [])].join(', ')

/** Null where the request did not say it, or not as a browser does. */
const knownOf = (said: unknown): string | null => (typeof said === 'string' && !UNKNOWN.has(said) ? said : null)
const UNKNOWN: ReadonlySet<string> = new Set(['null', 'other', 'malformed'])

/** By type: the sentence. */
const SENTENCES: Readonly<Record<string, (words: Words) => string>> = {
  'signed-in': ({ session: { sentences }, detail }) =>
    detail['isNew'] === true ? sentences.signedInNew(placeOf(detail)) : sentences.signedIn(placeOf(detail)),
  ended: (words) => words.session.sentences.ended(whyOf(words)),
  refused: (words) => {
    const { refused, cookieRefused } = words.session.sentences
    return words.sessionId === null ? cookieRefused(whyOf(words)) : refused(whyOf(words))
  },
  'csrf-blocked': ({ session, detail }) => {
    const { method, origin, reason } = detail
    const why = reasonText(session.csrfReasons, String(reason))
    return session.sentences.csrfBlocked(knownOf(method), knownOf(origin), why)
  },
  'write-refused': ({ session }) => session.sentences.writeRefused,
  reauthenticated: ({ session }) => session.sentences.reauthenticated,
  rotated: ({ session }) => session.sentences.rotated,
  'sessions-ended': ({ session }) => session.sentences.endedByOther,
  'answer-broken': ({ session }) => session.sentences.answerBroken,
  'read-late': ({ session }) => session.sentences.readLate,
  'sign-in-failed': ({ account, detail }) => account.signInFailed(placeOf(detail)),
  'user-ended': ({ account }) => account.allEnded,
  'account-created': ({ account, session, detail: { role } }) =>
    typeof role === 'string' && role !== ORDINARY ? session.sentences.accountCreatedAs(role) : account.accountCreated,
  'set-up-failed': ({ session, detail }) => session.sentences.setUpFailed(placeOf(detail)),
  'account-disabled': ({ account }) => account.accountDisabled,
  'account-enabled': ({ account }) => account.accountEnabled,
  'password-changed': ({ account }) => account.passwordChanged,
  'password-reset': ({ account }) => account.passwordReset,
  'preferences-changed': ({ account }) => account.preferencesChanged,
  'email-changed': ({ account, detail }) => (detail['removed'] === true ? account.emailRemoved : account.emailSet),
  'role-changed': ({ account, detail }) => account.roleChanged(String(detail['from']), String(detail['to'])),
}

/** What happened, in plain words; where there is no sentence for it, what else is known of it, and else what it is called. */
export function sentenceOf(
  { type, detail, sessionId }: Kept,
  { consoleSessions, activity, happenings }: Texts,
): string {
  const words = { session: consoleSessions, account: activity.sentences, detail, sessionId }
  if (Object.hasOwn(SENTENCES, type)) return SENTENCES[type]?.(words) ?? type
  return factsOf(detail) || kindOf(happenings, type)
}

/** `keyId` is said as `key id`. What is nothing is left out. */
function factsOf(detail: Kept['detail']): string {
  const known = Object.entries(detail).filter(([, value]) => value !== null && value !== undefined)
  const named = known.map(([name, value]) =>
    [name.replaceAll(/(?=[A-Z])/g, ' ').toLowerCase(), textOf(value)].join(': '),
  )
  return named.join(', ')
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(textOf).join(' ') : String(value))
