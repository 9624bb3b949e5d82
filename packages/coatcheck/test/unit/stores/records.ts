import type { SessionRecord } from '../../../src/core/record/record.ts'
import type { EndRequest, Store } from '../../../src/core/store/store.ts'

const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const START = Date.UTC(2026, 0, 1, 12)

let made = 0

/** A record begun at `START`: idle after 30 minutes, over after 12 hours. Each has another id and another hash. */
export function aRecord(store: Store, fields: Partial<SessionRecord> = {}): SessionRecord {
  made += 1
  return {
    id: `session-${made}`,
    namespace: store.namespace,
    kind: 'opaque',
    userId: null,
    generation: 0,
    minGeneration: 0,
    secretHash: `hash-${made}`,
    predecessor: null,
    data: new Map(),
    schema: 1,
    createdAt: START,
    authenticatedAt: null,
    renewedAt: START,
    lastSeenAt: START,
    idleFor: 30 * MINUTE,
    persistent: false,
    expiresAt: START + 12 * HOUR,
    assurance: null,
    client: { address: null, userAgent: null, label: null },
    binding: null,
    version: 0,
    ended: null,
    ...fields,
  }
}

export async function add(store: Store, fields: Partial<SessionRecord> = {}): Promise<SessionRecord> {
  const record = aRecord(store, fields)
  const { outcome } = await store.create(record)
  if (outcome !== 'created') throw new Error(`not created: ${outcome}`)
  return record
}

export const ending: EndRequest = { at: START + MINUTE, reason: 'revoked', note: null, keepUntil: START + 24 * HOUR }

export async function isThere(store: Store, { id }: SessionRecord): Promise<boolean> {
  return (await store.read(id)) !== null
}

export function ids(records: readonly { readonly id: string }[]): readonly string[] {
  return records.map(({ id }) => id)
}

export const nastyKeys: readonly string[] = [
  '',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00x',
  'x\ud83d',
  '😀',
  '__proto__',
  'constructor',
  'a.b',
  '"',
  "it's",
  '\\',
  '\n',
  'ключ',
]

const nastyTexts: readonly string[] = [
  'null',
  '[]',
  '{}',
  '-0',
  '9007199254740993',
  '1e400',
  ' {"a" : 1} ',
  '{"a":1,"a":2}',
  '"\\u0000"',
  '"\\ud800"',
  '""',
  `${'['.repeat(32)}${']'.repeat(32)}`,
  '{"__proto__":{"x":1}}',
  '"it\'s; DROP TABLE coatcheck_sessions; --"',
]

/** Every nasty key, each with one of the nasty texts. */
export function nastyData(): ReadonlyMap<string, string> {
  return new Map(nastyKeys.map((key, index) => [key, nastyTexts[index % nastyTexts.length] ?? 'null']))
}
