import { decodeText, encodeText, fingerprintOf } from './text.ts'

/** So many buckets the keys lie in; each is in one slot of a Cluster. As many as a Cluster of any size divides well. */
const BUCKETS = 1_024
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

/** The hash tags, such as `{ab}`: what Redis Cluster takes the slot from. */
const TAGS: readonly string[] = Array.from({ length: BUCKETS }, (_, i) => `{${LETTERS[i >> 5]}${LETTERS[i & 31]}}`)

const TAG_LENGTH = 4

/** The names of the keys of one namespace. What has to change in one step has one bucket. */
export interface Keys {
  readonly record: (id: string) => string
  /** A user's open sessions and user epoch: a sorted set. */
  readonly user: (userId: string) => string
  /**
   * The epoch that `endAll` raises and the highest that a user of the bucket has had, in the bucket of another key, so that
   * a script may read both.
   */
  readonly everyone: (key: string) => string
  readonly everyoneEverywhere: readonly string[]
  readonly mark: (name: string) => string
  /** How many records there are, a hash in the bucket of the log. */
  readonly counts: string
  readonly log: string
  readonly logNumber: string
  /** Drawn when a feed first follows the log, so that one begun anew is told from the one that is lost. */
  readonly logName: string
  /** Which sessions' endings and rotations the log has got lately. */
  readonly logged: string
  /** Until when each entry of the log is kept. */
  readonly logDue: string
  /** Until when the log has an entry of what was noted. */
  readonly noted: string
  /** For SCAN: what matches all records. */
  readonly records: string
  /** As `records`, for all users. */
  readonly users: string
  /** The id in a record's key, or in a user's. */
  readonly subjectOf: (key: string) => string
  /** The id of a record's key; null for a key of another kind, or of others. */
  readonly recordId: (key: string) => string | null
  /** A key that holds nothing for long, one in each bucket. */
  readonly probes: (name: string) => readonly string[]
}

export function makeKeys(namespace: string): Keys {
  // With its length, so that no namespace's keys can be another's.
  const space = namespace === 'default' ? 'cc.' : `cc${namespace.length}:${encodeText(namespace)}:`
  const named = (kind: string) => (subject: string) => `${tagOf(subject)}${space}${kind}${encodeText(subject)}`
  const pattern = `{??}${space.replaceAll(/[*?[\]\\^]/g, '\\$&')}`
  const first = TAGS[0] ?? ''
  const everyone = (key: string) => `${key.slice(0, TAG_LENGTH)}${space}e`
  const start = TAG_LENGTH + space.length + 1
  const subjectOf = (key: string) => decodeText(key.slice(start))
  return {
    record: named('s'),
    user: named('u'),
    mark: named('m'),
    counts: `${first}${space}c`,
    everyone,
    everyoneEverywhere: TAGS.map(everyone),
    log: `${first}${space}l`,
    logNumber: `${first}${space}n`,
    logName: `${first}${space}i`,
    logged: `${first}${space}r`,
    logDue: `${first}${space}d`,
    noted: `${first}${space}o`,
    records: `${pattern}s*`,
    users: `${pattern}u*`,
    subjectOf,
    recordId: (key) => (key.startsWith(`${space}s`, TAG_LENGTH) ? subjectOf(key) : null),
    probes: (name) => TAGS.map((tag) => `${tag}${space}p${name}`),
  }
}

function tagOf(subject: string): string {
  return TAGS[fingerprintOf(subject) % BUCKETS] ?? ''
}
