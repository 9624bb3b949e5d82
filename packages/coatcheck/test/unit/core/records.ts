import type { SessionRecord } from '../../../src/core/record/record.ts'

const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const START = Date.UTC(2026, 0, 1)

/** A live record of `ada`, begun at `START`: idle after 30 minutes, over after 12 hours. */
export function aRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  return {
    id: 'the-session',
    namespace: 'default',
    kind: 'opaque',
    userId: 'ada',
    generation: 0,
    minGeneration: 0,
    secretHash: 'present-hash',
    predecessor: null,
    data: new Map(),
    schema: 0,
    createdAt: START,
    authenticatedAt: START,
    renewedAt: START,
    lastSeenAt: START,
    idleFor: 30 * MINUTE,
    persistent: false,
    expiresAt: START + 12 * HOUR,
    assurance: { level: 1, methods: ['pwd'] },
    client: { address: null, userAgent: null, label: null },
    binding: null,
    version: 0,
    ended: null,
    ...fields,
  }
}
