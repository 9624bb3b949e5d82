import type { SessionRecord } from '../../core/record/record.ts'
import type { EndRequest } from '../../core/store/store.ts'
import { expectEqual } from '../assert.ts'
import { DAY, ended, HOUR, type Kit, storeCase } from './kit.ts'
import { richRecord, type Write, writes } from './writes.ts'

/** What is reset shows in the one, what is filled in shows in the other. */
const beginnings: readonly (readonly [string, (kit: Kit) => SessionRecord])[] = [
  ['Every field has a value.', richRecord],
  ['Hardly any field has a value.', ({ record }) => record({ userId: 'ada', idleFor: null })],
]

const written = writes.map(({ name, on }: Write) =>
  storeCase(`whole record: ${name} changes what it names and nothing else`, 15, async (kit) => {
    for (const [what, make] of beginnings) {
      const before = await kit.add(make(kit))
      const neighbour = await kit.add({ ...richRecord(kit), userId: 'bob' })
      const { call, after } = on(kit, before)
      await call()
      const record = after(before)
      expectEqual(await kit.stored(before.id), record, what)
      expectEqual(await kit.listed('ada'), [record], `${what} As it is listed.`)
      expectEqual(await kit.stored(neighbour.id), neighbour, `${what} The record of somebody else.`)
      await kit.store.end(before.id, kit.request())
    }
  }),
)

/** What ends a record, and as what. */
const endings: readonly (readonly [string, (kit: Kit, record: SessionRecord) => Promise<EndRequest>])[] = [
  ['end', async (kit, { id }) => asked(kit, (request) => kit.store.end(id, request))],
  ['endUser', async (kit) => asked(kit, (request) => kit.store.endUser('ada', request))],
  ['endUser with except', async (kit) => asked(kit, (r) => kit.store.endUser('ada', { ...r, except: 'other' }))],
  ['endAll', async (kit) => asked(kit, (request) => kit.store.endAll(request))],
  [
    'the limit',
    async (kit) => {
      const createdAt = kit.start + HOUR / 4
      const limit = { max: 1, strategy: 'end-oldest', keepUntil: kit.start + DAY } as const
      const newcomer = await kit.add({ userId: 'ada', createdAt }, { limit })
      await kit.store.end(newcomer.id, kit.request())
      return { at: createdAt, reason: 'limit', note: null, keepUntil: limit.keepUntil }
    },
  ],
  [
    'a sweep',
    async (kit, { expiresAt, idleFor, lastSeenAt }) => {
      const idleAt = lastSeenAt + (idleFor ?? Number.POSITIVE_INFINITY)
      const at = Math.min(idleAt, expiresAt)
      await kit.store.sweep(at, { limit: 10, keepFor: DAY })
      return { at, reason: idleAt < expiresAt ? 'idle' : 'absolute', note: null, keepUntil: at + DAY }
    },
  ],
]

async function asked(kit: Kit, end: (request: EndRequest) => Promise<unknown>): Promise<EndRequest> {
  const request = kit.request({ note: 'stolen' })
  await end(request)
  return request
}

const finished = endings.map(([name, end]) =>
  storeCase(`whole record: ${name} leaves who, when and why, and nothing else`, 15, async (kit) => {
    for (const [what, make] of beginnings) {
      const before = await kit.add(make(kit))
      const ending = await end(kit, before)
      expectEqual(await kit.stored(before.id), ended(before, ending), what)
    }
  }),
)

export const wholeRecordCases = [...written, ...finished]
