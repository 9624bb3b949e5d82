import { isLive } from '../../core/record/lifecycle.ts'
import type { CreateConditions, SessionLimit } from '../../core/store/store.ts'
import { allOf, broken } from './bench.ts'

const NO_LIMIT = { max: Number.MAX_SAFE_INTEGER, strategy: 'refuse', keepUntil: 0 } as const

function withLimit(conditions: CreateConditions = {}, change: (limit: SessionLimit) => SessionLimit): CreateConditions {
  return conditions.limit === undefined ? conditions : { ...conditions, limit: change(conditions.limit) }
}

export const brokenLimits = [
  broken(
    'a limit that is ignored',
    ['limit: refuse leaves those that are there', 'limit: 50 parallel creates with refuse never leave more'],
    ({ good }) => ({
      create: (record, conditions, options) =>
        good.create(
          record,
          withLimit(conditions, () => NO_LIMIT),
          options,
        ),
    }),
  ),

  broken(
    'a limit that races',
    [
      'limit: 50 parallel creates with refuse never leave more',
      'limit: 50 parallel creates with end-oldest never leave more',
      'limit: 50 parallel creates with end-idlest never leave more',
      'shared: of 20 parallel creates at a limit of 3 three are alive',
    ],
    ({ good, gap }) => ({
      async create(record, { ifUserEpoch, limit } = {}, options = {}) {
        const { userId, createdAt } = record
        if (userId === null || limit === undefined) return good.create(record, { ifUserEpoch }, options)
        const live = (await allOf(good, userId)).filter((other) => isLive(other, createdAt))
        await gap()
        if (live.length < limit.max) return good.create(record, { ifUserEpoch }, options)
        if (limit.strategy === 'refuse') return { outcome: 'limit' }
        // As many as are over by what was counted, whoever else has come or gone since.
        const max = (await allOf(good, userId)).length - (live.length - limit.max)
        return good.create(record, { ifUserEpoch, limit: { ...limit, max } }, options)
      },
    }),
  ),

  broken(
    'a limit that counts what has expired',
    ['limit: what has expired does not count, to the millisecond'],
    ({ good }) => ({
      async create(record, conditions, options) {
        const open = record.userId === null ? [] : await allOf(good, record.userId)
        const full = conditions?.limit?.strategy === 'refuse' && open.length >= conditions.limit.max
        return full ? { outcome: 'limit' } : good.create(record, conditions, options)
      },
    }),
  ),

  broken('a limit that counts what has ended', ['limit: what has ended does not count'], ({ good }) => {
    const counts = new Map<string | null, number>()
    return {
      async create(record, conditions, options) {
        const count = counts.get(record.userId) ?? 0
        counts.set(record.userId, count + 1)
        const full = conditions?.limit?.strategy === 'refuse' && count >= conditions.limit.max
        return full ? { outcome: 'limit' } : good.create(record, conditions, options)
      },
    }
  }),

  broken('a limit that counts everybody', ['limit: other users and the anonymous do not count'], ({ good }) => {
    let count = 0
    return {
      async create(record, conditions, options) {
        count += 1
        const full = conditions?.limit?.strategy === 'refuse' && count > conditions.limit.max
        return full ? { outcome: 'limit' } : good.create(record, conditions, options)
      },
    }
  }),

  broken(
    'a limit that takes the oldest for the idlest',
    [
      'limit: end-oldest ends by createdAt and says whom',
      'limit: end-idlest ends by lastSeenAt',
      'limit: activity is what makes one less idle',
    ],
    ({ good }) => ({
      create(record, conditions, options) {
        const other = { refuse: 'refuse', 'end-oldest': 'end-idlest', 'end-idlest': 'end-oldest' } as const
        const swapped = withLimit(conditions, (limit) => ({ ...limit, strategy: other[limit.strategy] }))
        return good.create(record, swapped, options)
      },
    }),
  ),

  broken('a limit that ends one at most', ['limit: as many are ended as needed'], ({ good }) => ({
    async create(record, conditions, options) {
      const open = record.userId === null ? [] : await allOf(good, record.userId)
      const lenient = withLimit(conditions, (limit) => ({ ...limit, max: Math.max(limit.max, open.length) }))
      return good.create(record, lenient, options)
    },
  })),

  broken(
    'a limit that is one too low',
    [
      'limit: up to the limit nobody is ended',
      'limit: 50 parallel creates with end-oldest never leave more',
      'limit: 50 parallel creates with end-idlest never leave more',
    ],
    ({ good }) => ({
      create(record, conditions, options) {
        const strict = withLimit(conditions, (limit) => ({ ...limit, max: limit.max - 1 }))
        return good.create(record, strict, options)
      },
    }),
  ),

  broken('a limit whose endings are not in the log', ['limit: each one ended is in the change log'], ({ good }) => ({
    async changes(...args) {
      return (await good.changes(...args)).filter(({ reason }) => reason !== 'limit')
    },
  })),
]
