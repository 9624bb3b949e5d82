import type { ActivityLine } from '../audit/folding.ts'
import type { Kept } from '../audit/kept.ts'
import type { ActivitySentences, ActivityTexts } from '../texts/activity-shapes.ts'
import { Entry } from './entry.tsx'
import { useTexts } from './frame.tsx'
import { Layout } from './layout.tsx'
import { Link } from './links.tsx'

/** Where something happened, as far as it is known. */
export interface Place {
  readonly device: string | null
  readonly network: string | null
}

interface ActivityProps {
  readonly entries: readonly { readonly line: ActivityLine; readonly place: Place }[]
  /** The number from which on older ones are shown; null where there are none. */
  readonly older: number | null
}

/** What happened to an account, in plain words. */
export function ActivityPage({ entries, older }: ActivityProps) {
  const { activity } = useTexts()
  return (
    <Layout title={activity.title} width="wide">
      <h1>{activity.title}</h1>
      <p class="lead">{entries.length === 0 ? activity.none : activity.lead}</p>
      <ol class="devices">
        {entries.map(({ line, place }) => (
          <Entry
            kept={line.kept}
            sentence={sentenceOf(line, place, activity)}
            by={line.kept.actor === null ? null : activity.byOther}
          />
        ))}
      </ol>
      {older === null ? null : (
        <p class="row">
          <Link class="button quiet" href={`/account/activity?before=${older}`}>
            {activity.older}
          </Link>
        </p>
      )}
    </Layout>
  )
}

/** Why a token was refused that was replaced by another one. */
const COPIES: ReadonlySet<string> = new Set(['superseded', 'reused'])

/** By type: the sentence. */
const SENTENCES: Readonly<Record<string, (texts: ActivitySentences, place: string, kept: Kept) => string>> = {
  'signed-in': (texts, place, { detail }) =>
    detail['isNew'] === true ? texts.signedInNew(place) : texts.signedIn(place),
  'sign-in-failed': (texts, place) => texts.signInFailed(place),
  ended: (texts, place) => texts.ended(place),
  reauthenticated: (texts, place) => texts.reauthenticated(place),
  refused: (texts, place, { detail }) =>
    COPIES.has(String(detail['reason'])) ? texts.refusedCopy(place) : texts.refused(place),
  'user-ended': (texts) => texts.allEnded,
  'sessions-ended': (texts, place, { sessionId }) => (sessionId === null ? texts.allEnded : texts.ended(place)),
  'account-created': (texts) => texts.accountCreated,
  'account-disabled': (texts) => texts.accountDisabled,
  'account-enabled': (texts) => texts.accountEnabled,
  'password-changed': (texts) => texts.passwordChanged,
  'password-reset': (texts) => texts.passwordReset,
  'preferences-changed': (texts) => texts.preferencesChanged,
  'email-changed': (texts, _, { detail }) => (detail['removed'] === true ? texts.emailRemoved : texts.emailSet),
  'role-changed': (texts, _, { detail }) => texts.roleChanged(String(detail['from']), String(detail['to'])),
}

/** What a person is told; the rest is for operators. With the sums of what was too much to be kept one by one. */
export const ACTIVITY_TYPES: readonly string[] = [...Object.keys(SENTENCES), 'not-kept']

/** Whether there is something to say of the line: a sum may be one of what only operators are told. */
export const isTold = ({ type }: ActivityLine): boolean => Object.hasOwn(SENTENCES, type)

function sentenceOf({ kept, type, count }: ActivityLine, { device, network }: Place, texts: ActivityTexts): string {
  const sentence = SENTENCES[type]?.(texts.sentences, texts.place(device, network), kept) ?? type
  return count === 1 ? sentence : texts.times(sentence, count)
}
