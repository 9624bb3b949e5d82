import { deadlineOf } from '../../core/record/lifecycle.ts'
import type { Assurance, Client, EndReason, Kind, SessionRecord } from '../../core/record/record.ts'
import { decodeOptional, decodeText, encodeOptional, encodeText, SEPARATOR } from './text.ts'

/**
 * A record as one string: fields in a fixed order with a separator between them, then the data as keys and texts, or in
 * their place the ending. One string is half of what a hash takes, and a read is one GET. The scripts (`scripts.ts`) know
 * the fields by the numbers of `FIELDS`. Times are in base 36; one that is the time of the beginning is left empty.
 */
export const FORMAT = '1'

/** What stands where a record is not to be created, because its user's sessions were ended or changed meanwhile. */
export const BARRED = 'x'

/** How long it stands there, in milliseconds: longer than any command is on its way. */
export const BARRED_FOR = 600_000

/** Lua's positions, from 1. */
export const FIELDS = {
  format: 1,
  endedAt: 2,
  secretHash: 3,
  generation: 4,
  minGeneration: 5,
  version: 6,
  expiresAt: 7,
  idleFor: 8,
  createdAt: 9,
  lastSeenAt: 10,
  renewedAt: 11,
  authenticatedAt: 12,
  predecessorHash: 13,
  predecessorNonce: 14,
  predecessorKeyId: 15,
  predecessorSeenAt: 16,
  /** The user epoch of the last change to all of the user's sessions: a sign-in that began before it does not count. */
  userEpoch: 17,
  userId: 18,
  schema: 19,
  kind: 20,
  persistent: 21,
  assurance: 22,
  client: 23,
  binding: 24,
  data: 25,
} as const

/**
 * What each field that is a number has to be: `whole` in base 10, `time` in base 36; an `optional` one may be empty. Scripts
 * and `decodeRecord` check the same list, because a record that only one of them takes for whole would be read as none and
 * changed all the same.
 */
export const NUMBERS = [
  { field: FIELDS.generation, is: 'whole', optional: false },
  { field: FIELDS.minGeneration, is: 'whole', optional: false },
  { field: FIELDS.version, is: 'whole', optional: false },
  { field: FIELDS.schema, is: 'whole', optional: false },
  { field: FIELDS.userEpoch, is: 'whole', optional: true },
  { field: FIELDS.expiresAt, is: 'time', optional: false },
  { field: FIELDS.createdAt, is: 'time', optional: false },
  { field: FIELDS.endedAt, is: 'time', optional: true },
  { field: FIELDS.idleFor, is: 'time', optional: true },
  { field: FIELDS.lastSeenAt, is: 'time', optional: true },
  { field: FIELDS.renewedAt, is: 'time', optional: true },
  { field: FIELDS.authenticatedAt, is: 'time', optional: true },
  { field: FIELDS.predecessorSeenAt, is: 'time', optional: true },
] as const

/** In place of the data, an ended record has its reason, its note and until when it is kept. */
export const ENDING = { reason: FIELDS.data, note: FIELDS.data + 1, keepUntil: FIELDS.data + 2 } as const

/** So long the engine keeps a record behind its deadline, for the sweep that ends it; its own expiry is garbage collection. */
export const KEPT_AFTER = 7 * 24 * 60 * 60_000
/** So far the engine's clock may be ahead of that of a process, in milliseconds, before sweeps come late. */
export const CLOCKS_APART = 86_400_000

export function encodeTime(at: number): string {
  return at.toString(36)
}

/** When a record is over: live ones by their deadline, ended ones when they may be removed. */
export function overAt(record: SessionRecord): number {
  return record.ended === null ? deadlineOf(record).at : record.ended.keepUntil
}

export function encodeRecord(record: SessionRecord): string {
  const { createdAt, predecessor, ended } = record
  const since = (at: number) => (at === createdAt ? '' : encodeTime(at))
  const fields = [
    FORMAT,
    ended === null ? '' : encodeTime(ended.at),
    encodeText(record.secretHash),
    String(record.generation),
    String(record.minGeneration),
    String(record.version),
    encodeTime(record.expiresAt),
    record.idleFor === null ? '' : encodeTime(record.idleFor),
    encodeTime(createdAt),
    since(record.lastSeenAt),
    since(record.renewedAt),
    record.authenticatedAt === null ? '' : encodeTime(record.authenticatedAt),
    predecessor === null ? '' : encodeText(predecessor.hash),
    encodeOptional(predecessor?.nonce ?? null),
    predecessor === null ? '' : encodeText(predecessor.keyId),
    predecessor === null || predecessor.seenAt === null ? '' : encodeTime(predecessor.seenAt),
    '',
    encodeOptional(record.userId),
    String(record.schema),
    record.kind === 'opaque' ? '' : record.kind,
    record.persistent ? '1' : '',
    encodeAssurance(record.assurance),
    encodeClient(record.client),
    encodeOptional(record.binding),
  ]
  if (ended === null) fields.push(...encodePairs(record.data))
  else fields.push(ended.reason, encodeOptional(ended.note), encodeTime(ended.keepUntil))
  return fields.join(SEPARATOR)
}

export function encodePairs(texts: ReadonlyMap<string, string>): string[] {
  return [...texts].flatMap(([key, text]) => [encodeText(key), encodeText(text)])
}

export function encodeAssurance(assurance: Assurance | null): string {
  return assurance === null ? '' : encodeText(JSON.stringify([assurance.level, ...assurance.methods]))
}

export function encodeClient({ address, userAgent, label }: Client): string {
  if (address === null && userAgent === null && label === null) return ''
  return encodeText(JSON.stringify([address, userAgent, label]))
}

const UNKNOWN_CLIENT: Client = Object.freeze({ address: null, userAgent: null, label: null })
const NO_DATA: SessionRecord['data'] = new Map()

/** The record that a value says, or null where it says none. @throws SyntaxError for a value that is none of ours */
export function decodeRecord(value: string | null, id: string, namespace: string): SessionRecord | null {
  if (value === null || value === BARRED) return null
  const fields = value.split(SEPARATOR)
  if (!isWhole(fields)) throw new SyntaxError('a record of another format')
  const at = (field: number) => fields[field - 1] ?? ''
  const whole = (field: number) => Number.parseInt(at(field), 10)
  const time = (field: number) => Number.parseInt(at(field), 36)
  const optionalTime = (field: number) => (at(field) === '' ? null : time(field))
  const createdAt = time(FIELDS.createdAt)
  const isOpen = at(FIELDS.endedAt) === ''
  const hasOdd = value.includes('\u001b')
  return {
    id,
    namespace,
    kind: (at(FIELDS.kind) || 'opaque') as Kind,
    userId: decodeOptional(at(FIELDS.userId)),
    generation: whole(FIELDS.generation),
    minGeneration: whole(FIELDS.minGeneration),
    secretHash: decodeText(at(FIELDS.secretHash)),
    predecessor:
      at(FIELDS.predecessorHash) === ''
        ? null
        : {
            hash: decodeText(at(FIELDS.predecessorHash)),
            nonce: decodeOptional(at(FIELDS.predecessorNonce)),
            keyId: decodeText(at(FIELDS.predecessorKeyId)),
            seenAt: optionalTime(FIELDS.predecessorSeenAt),
          },
    data: isOpen ? decodePairs(fields, hasOdd) : NO_DATA,
    schema: whole(FIELDS.schema),
    createdAt,
    authenticatedAt: optionalTime(FIELDS.authenticatedAt),
    renewedAt: optionalTime(FIELDS.renewedAt) ?? createdAt,
    lastSeenAt: optionalTime(FIELDS.lastSeenAt) ?? createdAt,
    idleFor: optionalTime(FIELDS.idleFor),
    persistent: at(FIELDS.persistent) === '1',
    expiresAt: time(FIELDS.expiresAt),
    assurance: decodeAssurance(at(FIELDS.assurance)),
    client: decodeClient(at(FIELDS.client)),
    binding: decodeOptional(at(FIELDS.binding)),
    version: whole(FIELDS.version),
    ended: isOpen
      ? null
      : {
          at: time(FIELDS.endedAt),
          reason: at(ENDING.reason) as EndReason,
          note: decodeOptional(at(ENDING.note)),
          keepUntil: time(ENDING.keepUntil),
        },
  }
}

/** As `load` in the scripts: what is no record there is none here. */
function isWhole(fields: readonly string[]): boolean {
  const [format, endedAt = ''] = fields
  if (format !== FORMAT) return false
  const places = fields.length - (FIELDS.data - 1)
  if (endedAt === '' && (places < 0 || places % 2 !== 0)) return false
  if (endedAt !== '' && (places !== 3 || !isNumber(fields[ENDING.keepUntil - 1] ?? '', 'time'))) return false
  return NUMBERS.every(({ field, is, optional }) => {
    const text = fields[field - 1] ?? ''
    return (optional && text === '') || isNumber(text, is)
  })
}

const WHOLE = /^[0-9]+$/
const TIME = /^[0-9a-z]+$/

function isNumber(text: string, is: 'whole' | 'time'): boolean {
  return is === 'whole'
    ? WHOLE.test(text) && Number.isSafeInteger(Number.parseInt(text, 10))
    : TIME.test(text) && Number.isSafeInteger(Number.parseInt(text, 36))
}

function decodePairs(fields: readonly string[], hasOdd: boolean): ReadonlyMap<string, string> {
  if (fields.length < FIELDS.data) return NO_DATA
  const data = new Map<string, string>()
  for (let i = FIELDS.data - 1; i + 1 < fields.length; i += 2) {
    const key = fields[i] ?? ''
    const text = fields[i + 1] ?? ''
    if (hasOdd) data.set(decodeText(key), decodeText(text))
    else data.set(key, text)
  }
  return data
}

/**
 * The list that a field says, or null for what is none. The scripts do not look into lists, so a damaged one must not make the
 * record none: it would be read as none and changed all the same.
 */
function listIn(text: string): readonly unknown[] | null {
  if (text === '') return null
  try {
    const value: unknown = JSON.parse(decodeText(text))
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

/** Null where it is damaged: whoever asks for an assurance asks for the authentication again. */
function decodeAssurance(text: string): Assurance | null {
  const [level, ...methods] = listIn(text) ?? []
  if (typeof level !== 'number' || !methods.every((method) => typeof method === 'string')) return null
  return { level, methods }
}

/** Unknown where it is damaged. */
function decodeClient(text: string): Client {
  const list = listIn(text)
  if (list === null) return UNKNOWN_CLIENT
  const [address = null, userAgent = null, label = null] = list.map((one) => (typeof one === 'string' ? one : null))
  return { address, userAgent, label }
}
