import type { SessionRecord } from '../../core/record/record.ts'
import { allOf, broken } from './bench.ts'

const pagings = (counts: readonly number[], limits: readonly number[]) =>
  counts.flatMap((count) => limits.map((limit) => `listUser: ${count} in pages of ${limit}, newest first`))

export const brokenLists = [
  broken(
    'listUser answers the oldest first',
    [...pagings([2, 250], [100]), 'listUser: pages of the size that the store thinks right'],
    ({ good }) => ({
      async listUser(...args) {
        const { items, cursor } = await good.listUser(...args)
        return { items: items.toReversed(), cursor }
      },
    }),
  ),

  broken(
    'listUser answers but one page',
    [
      ...pagings([2, 250], [1]),
      ...pagings([250], [2, 100]),
      'listUser: pages of the size that the store thinks right',
      'listUser: an ending between two pages hides no other session',
    ],
    ({ good }) => ({
      listUser: async (...args) => ({ items: (await good.listUser(...args)).items, cursor: null }),
    }),
  ),

  broken('listUser answers more than asked for', pagings([2, 250], [1]), ({ good }) => ({
    async listUser(userId, page, options) {
      const { items, cursor } = await good.listUser(userId, { ...page, limit: (page?.limit ?? 10) + 1 }, options)
      return { items, cursor }
    },
  })),

  broken('listUser leaves the last one out', pagings([1, 2, 250], [1, 2, 100]), ({ good }) => ({
    async listUser(...args) {
      const { items, cursor } = await good.listUser(...args)
      return { items: cursor === null ? items.slice(0, -1) : items, cursor }
    },
  })),

  broken(
    'listUser counts where it is',
    [
      'listUser: an ending between two pages hides no other session',
      'listUser: a beginning between two pages shows no session twice',
    ],
    ({ good }) => ({
      async listUser(userId, { cursor = null, limit = 100 } = {}) {
        const all = await allOf(good, userId)
        const start = Number(cursor)
        const end = start + limit
        return { items: all.slice(start, end), cursor: end < all.length ? String(end) : null }
      },
    }),
  ),

  broken(
    'listUser remembers where it is by the time alone',
    ['listUser: those begun in the same millisecond are all there'],
    ({ good }) => ({
      async listUser(userId, { cursor = null, limit = 100 } = {}) {
        const left = (await allOf(good, userId)).filter(
          ({ createdAt }) => cursor === null || createdAt < Number(cursor),
        )
        const items = left.slice(0, limit)
        return { items, cursor: left.length > limit ? String(items.at(-1)?.createdAt) : null }
      },
    }),
  ),

  broken(
    'listUser answers records as they began',
    ["listUser: the user's own records as they are, no one else's, none that has ended"],
    ({ good }) => {
      const firsts = new Map<string, SessionRecord>()
      return {
        create(record, ...rest) {
          firsts.set(record.id, record)
          return good.create(record, ...rest)
        },
        async listUser(...args) {
          const { items, cursor } = await good.listUser(...args)
          return { items: items.map((record) => firsts.get(record.id) ?? record), cursor }
        },
      }
    },
  ),

  broken("listUser of nobody answers somebody's", ["listUser: nobody's list is empty"], ({ good }) => ({
    async listUser(userId, ...rest) {
      const page = await good.listUser(userId, ...rest)
      return page.items.length > 0 ? page : good.listUser('ada', ...rest)
    },
  })),

  broken(
    'an index that is read, changed and written',
    ['listUser: parallel beginnings are all there', 'shared: of 20 parallel creates at a limit of 3 three are alive'],
    ({ good }) => {
      const index = new Map<string | null, readonly string[]>()
      return {
        async create(record, ...rest) {
          const listed = index.get(record.userId) ?? []
          const result = await good.create(record, ...rest)
          index.set(record.userId, [...listed, record.id])
          return result
        },
        async listUser(userId, ...rest) {
          const { items, cursor } = await good.listUser(userId, ...rest)
          return { items: items.filter(({ id }) => index.get(userId)?.includes(id)), cursor }
        },
      }
    },
  ),
]

export const brokenLogs = [
  broken(
    'a change log without order',
    [
      'changes: one session, one user, or all, in the order of their numbers',
      'changes: only those since, at most the limit',
    ],
    ({ good }) => ({
      changes: async (...args) => (await good.changes(...args)).toReversed(),
    }),
  ),

  broken('a change log that starts with entries', ['changes: none at first'], ({ good }) => ({
    async changes(...args) {
      const what = { kind: 'ended', scope: 'all', subject: null, reason: 'revoked' } as const
      const first = { seq: 0, ...what, at: 0, count: 0, keepUntil: 0 }
      return [first, ...(await good.changes(...args))]
    },
  })),

  broken('a change log that repeats the last one', ['changes: only those since, at most the limit'], ({ good }) => ({
    changes: (since, ...rest) => good.changes(Math.max(0, since - 1), ...rest),
  })),

  broken('a change log of a hundred', ['changes: a thousand unless told otherwise'], ({ good }) => ({
    changes: (since, page, options) => good.changes(since, { limit: 100, ...page }, options),
  })),

  broken(
    'a change log whose numbers start anew',
    ['changes: numbers go on after all entries were swept away'],
    ({ good }) => {
      let lowered = 0
      return {
        async changes(since, ...rest) {
          const entries = await good.changes(lowered === 0 ? since : lowered, ...rest)
          return entries.map((entry) => ({ ...entry, seq: entry.seq - lowered })).filter(({ seq }) => seq > since)
        },
        async sweep(...args) {
          lowered = (await good.changes(0)).at(-1)?.seq ?? lowered
          return good.sweep(...args)
        },
      }
    },
  ),

  broken(
    'a change log in which an early number shows late',
    ['changes: who follows the log while 50 end at once misses none'],
    ({ good }) => {
      const shown = new Set<number>()
      return {
        async changes(since, ...rest) {
          const entries = await good.changes(since, ...rest)
          // Every third entry is committed a look later than those beside it.
          const visible = entries.filter(({ seq }) => seq % 3 !== 0 || shown.has(seq))
          for (const { seq } of entries) shown.add(seq)
          return visible
        },
      }
    },
  ),
]
