import type { SessionRecord } from '../../core/record/record.ts'

/** A record of which nothing was written, as a store that forgets it shows one. */
export const BLANK: SessionRecord = {
  id: '',
  namespace: '',
  kind: 'opaque',
  userId: null,
  generation: 0,
  minGeneration: 0,
  secretHash: '',
  predecessor: null,
  data: new Map(),
  schema: 1,
  createdAt: 0,
  authenticatedAt: null,
  renewedAt: 0,
  lastSeenAt: 0,
  idleFor: null,
  persistent: false,
  expiresAt: Number.MAX_SAFE_INTEGER,
  assurance: null,
  client: { address: null, userAgent: null, label: null },
  binding: null,
  version: 0,
  ended: null,
}
