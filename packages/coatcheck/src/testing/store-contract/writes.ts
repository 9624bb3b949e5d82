import type { SessionRecord } from '../../core/record/record.ts'
import { fullRecord } from './create.ts'
import { HOUR, type Kit, MINUTE, texts } from './kit.ts'

/** What a call does to a live record of Ada's: how to make the call, and what the record is like afterwards. */
export interface Write {
  readonly name: string
  readonly on: (
    kit: Kit,
    read: SessionRecord,
  ) => {
    readonly call: () => Promise<unknown>
    /** From the record at the moment of the write, which others may have changed since it was read. */
    readonly after: (present: SessionRecord) => SessionRecord
  }
}

/** A live record of Ada's in which nothing has the value that a forgetful store would give it. */
export function richRecord(kit: Kit): SessionRecord {
  const predecessor = { hash: kit.random.bytes(32), nonce: kit.random.bytes(16), keyId: 'k2', seenAt: null }
  return { ...fullRecord(kit), idleFor: 45 * MINUTE, predecessor }
}

const withData = (record: SessionRecord, set: Readonly<Record<string, string>>, unset: readonly string[] = []) => {
  const kept = [...record.data].filter(([key]) => !unset.includes(key))
  return { ...record, data: new Map([...kept, ...Object.entries(set)]), version: record.version + 1 }
}

const updateOf = (what: string, fields: Partial<Pick<SessionRecord, 'schema' | 'client' | 'binding'>>): Write => ({
  name: `an update of ${what}`,
  on: ({ store, start }, { id }) => ({
    call: () => store.update(id, { at: start + MINUTE, fields }),
    after: (present) => ({ ...present, ...fields, version: present.version + 1 }),
  }),
})

const PHONE = { address: '203.0.113.9', userAgent: null, label: 'Phone' }

/** Later than the authentication, so that it is the last activity whichever of the two comes first. */
const TOUCHED = 2 * MINUTE

/** These change different things, so any two of them give the same record in either order. */
export const commuting = {
  update: {
    name: 'an update of data',
    on: ({ store, start }, { id }) => ({
      call: () => store.update(id, { at: start + MINUTE, set: texts({ colour: '"blue"' }), unset: ['cart'] }),
      after: (present) => withData(present, { colour: '"blue"' }, ['cart']),
    }),
  },

  fields: updateOf('all fields', { schema: 9, client: PHONE, binding: 'key-9' }),

  touch: {
    name: 'a touch',
    on: ({ store, start }, { id }) => ({
      call: () => store.touch(id, start + TOUCHED, { interval: MINUTE }),
      after: (present) => ({ ...present, lastSeenAt: start + TOUCHED }),
    }),
  },

  renewal: {
    name: 'a renewal',
    on: ({ store, rotation, random }, read) => {
      const predecessor = { nonce: random.bytes(16), keyId: 'k3' }
      const renewal = rotation(read, { predecessor })
      const { to, generation, at } = renewal
      return {
        call: () => store.rotate(read.id, renewal),
        after: (present) => ({
          ...present,
          generation,
          secretHash: to,
          predecessor: { hash: read.secretHash, ...predecessor, seenAt: null },
          renewedAt: at,
        }),
      }
    },
  },

  authentication: {
    name: 'an authentication',
    on: ({ store, start, rotation }, read) => {
      const lifetime = { expiresAt: start + 20 * HOUR, idleFor: 2 * HOUR, persistent: false }
      const how = { assurance: { level: 3, methods: ['hwk'] }, ...lifetime }
      const authentication = { ...how, set: texts({ step: '2' }) }
      const again = rotation(read, { predecessor: null, authentication })
      const { to, generation, at } = again
      return {
        call: () => store.rotate(read.id, again),
        after: (present) => ({
          ...withData(present, { step: '2' }),
          ...how,
          generation,
          minGeneration: generation,
          secretHash: to,
          predecessor: null,
          renewedAt: at,
          authenticatedAt: at,
          lastSeenAt: Math.max(present.lastSeenAt, at),
        }),
      }
    },
  },

  updateUser: {
    name: 'an updateUser',
    on: ({ store, start }) => ({
      call: () => store.updateUser('ada', { at: start + MINUTE, set: texts({ rank: '1' }), unset: ['role'] }),
      after: (present) => withData(present, { rank: '1' }, ['role']),
    }),
  },
} as const satisfies Readonly<Record<string, Write>>

/** All that is done to a record while it lives. */
export const writes: readonly Write[] = [
  ...Object.values(commuting),
  updateOf('the schema', { schema: 4 }),
  updateOf('the client', { client: PHONE }),
  updateOf('the binding', { binding: 'key-1' }),

  {
    name: 'a touch that has seen the successor',
    on: ({ store, start }, { id, generation }) => ({
      call: () => store.touch(id, start + TOUCHED, { interval: MINUTE, seen: generation }),
      after: (present) => ({
        ...present,
        lastSeenAt: start + TOUCHED,
        predecessor: present.predecessor && { ...present.predecessor, nonce: null, seenAt: start + TOUCHED },
      }),
    }),
  },

  {
    name: 'a rotation without predecessor',
    on: ({ store, rotation }, read) => {
      const bare = rotation(read, { predecessor: null })
      const { to, generation, at } = bare
      return {
        call: () => store.rotate(read.id, bare),
        after: (present) => ({
          ...present,
          generation,
          minGeneration: generation,
          secretHash: to,
          predecessor: null,
          renewedAt: at,
        }),
      }
    },
  },
]
