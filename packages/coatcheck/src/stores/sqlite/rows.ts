import type { Assurance, Client, Ending, Kind, Predecessor, SessionRecord } from '../../core/record/record.ts'
import { frameData, unframeData } from './data.ts'
import { unavailable } from './faults.ts'
import { decodeOptional, decodeText, encodeOptional, encodeText } from './text.ts'

/** What a column may hold. */
export type Value = string | number | null

/** What of a row makes the record, in the order of `COLUMNS`; a tuple, because arrays are read faster than objects. */
export type Row = readonly [
  kind: Kind,
  userId: string | null,
  generation: number,
  minGeneration: number,
  secretHash: string,
  predecessor: string | null,
  data: string,
  schema: number,
  createdAt: number,
  authenticatedAt: number | null,
  renewedAt: number,
  lastSeenAt: number,
  idleFor: number | null,
  persistent: number,
  expiresAt: number,
  assurance: string | null,
  address: string | null,
  userAgent: string | null,
  label: string | null,
  binding: string | null,
  version: number,
  ended: string | null,
]

interface Column {
  readonly name: string
  /** Never changes while the session is open; what an index names is one of these, or has a statement of its own. */
  readonly fixed?: true
}

const TABLE: readonly Column[] = [
  { name: 'kind', fixed: true },
  { name: 'user_id', fixed: true },
  { name: 'generation' },
  { name: 'min_generation' },
  { name: 'secret_hash' },
  { name: 'predecessor' },
  { name: 'data' },
  { name: 'schema' },
  { name: 'created_at', fixed: true },
  { name: 'authenticated_at' },
  { name: 'renewed_at' },
  { name: 'last_seen_at' },
  { name: 'idle_for' },
  { name: 'persistent' },
  { name: 'expires_at' },
  { name: 'assurance' },
  { name: 'address' },
  { name: 'user_agent' },
  { name: 'label' },
  { name: 'binding' },
  { name: 'version' },
  { name: 'ended', fixed: true },
]

export const COLUMNS = TABLE.map(({ name }) => name)
export const MUTABLE_COLUMNS = TABLE.filter(({ fixed }) => !fixed).map(({ name }) => name)

/** Of a whole row the values of `MUTABLE_COLUMNS`. */
export function mutableValues(row: Row): readonly Value[] {
  return row.filter((_, index) => !TABLE[index]?.fixed)
}

/**
 * A record as it was read. Its data is taken apart when somebody looks at it, because most requests only ask whose the
 * session is. It is an own property all the same, so that copies (`{ ...record }`, `structuredClone`) have it; the one
 * accessor for all records makes that cheap.
 */
class StoredRecord implements SessionRecord {
  declare readonly id: string
  declare readonly namespace: string
  declare readonly kind: Kind
  declare readonly userId: string | null
  declare readonly generation: number
  declare readonly minGeneration: number
  declare readonly secretHash: string
  declare readonly predecessor: Predecessor | null
  declare readonly data: ReadonlyMap<string, string>
  declare readonly schema: number
  declare readonly createdAt: number
  declare readonly authenticatedAt: number | null
  declare readonly renewedAt: number
  declare readonly lastSeenAt: number
  declare readonly idleFor: number | null
  declare readonly persistent: boolean
  declare readonly expiresAt: number
  declare readonly assurance: Assurance | null
  declare readonly client: Client
  declare readonly binding: string | null
  declare readonly version: number
  declare readonly ended: Ending | null
  readonly #framed: string
  #data: ReadonlyMap<string, string> | null = null

  constructor(namespace: string, id: string, row: Row) {
    this.id = id
    this.namespace = namespace
    this.kind = row[0]
    this.userId = decodeOptional(row[1])
    this.generation = row[2]
    this.minGeneration = row[3]
    this.secretHash = decodeText(row[4])
    this.predecessor = row[5] === null ? null : (JSON.parse(row[5]) as Predecessor)
    this.#framed = row[6]
    this.schema = row[7]
    this.createdAt = row[8]
    this.authenticatedAt = row[9]
    this.renewedAt = row[10]
    this.lastSeenAt = row[11]
    this.idleFor = row[12]
    this.persistent = row[13] === 1
    this.expiresAt = row[14]
    this.assurance = row[15] === null ? null : assuranceOf(row[15])
    this.client = clientOf(row[16], row[17], row[18])
    this.binding = decodeOptional(row[19])
    this.version = row[20]
    this.ended = row[21] === null ? null : (JSON.parse(row[21]) as Ending)
    Object.defineProperty(this, 'data', StoredRecord.#ownData)
  }

  static readonly #ownData = {
    enumerable: true,
    get(this: StoredRecord) {
      try {
        this.#data ??= unframeData(this.#framed)
        return this.#data
      } catch (error) {
        throw unavailable('read', error)
      }
    },
  }
}

export function recordOf(namespace: string, id: string, row: Row): SessionRecord {
  return new StoredRecord(namespace, id, row)
}

export function rowOf(record: SessionRecord): Row {
  const { predecessor, assurance, client, ended } = record
  return [
    record.kind,
    encodeOptional(record.userId),
    record.generation,
    record.minGeneration,
    encodeText(record.secretHash),
    predecessor && predecessorText(predecessor),
    frameData(record.data),
    record.schema,
    record.createdAt,
    record.authenticatedAt,
    record.renewedAt,
    record.lastSeenAt,
    record.idleFor,
    record.persistent ? 1 : 0,
    record.expiresAt,
    assurance && JSON.stringify({ level: assurance.level, methods: assurance.methods }),
    encodeOptional(client.address),
    encodeOptional(client.userAgent),
    encodeOptional(client.label),
    encodeOptional(record.binding),
    record.version,
    ended && endingText(ended),
  ]
}

export function endingText({ at, reason, note, keepUntil }: Ending): string {
  return JSON.stringify({ at, reason, note, keepUntil })
}

function predecessorText({ hash, nonce, keyId, seenAt }: Predecessor): string {
  return JSON.stringify({ hash, nonce, keyId, seenAt })
}

const UNKNOWN_CLIENT: Client = Object.freeze({ address: null, userAgent: null, label: null })

function clientOf(address: string | null, userAgent: string | null, label: string | null): Client {
  if (address === null && userAgent === null && label === null) return UNKNOWN_CLIENT
  return { address: decodeOptional(address), userAgent: decodeOptional(userAgent), label: decodeOptional(label) }
}

/** An application has few kinds of assurance and reads them all the time: those that were seen need no parsing. */
const assurances = new Map<string, Assurance>()
const MOST_ASSURANCES = 100

function assuranceOf(text: string): Assurance {
  const known = assurances.get(text)
  if (known !== undefined) return known
  const assurance = JSON.parse(text) as Assurance
  if (assurances.size < MOST_ASSURANCES) assurances.set(text, assurance)
  return assurance
}
