import { ALIVE, broken, lowered as lower } from './bench.ts'

export const brokenEndAlls = [
  broken(
    'endAll leaves the anonymous',
    ["endAll: ends everybody's sessions, the anonymous ones too, and counts them", 'endAll: ends 1,200 sessions'],
    ({ good, patch }) => {
      const anonymous = new Set<string>()
      return {
        create(record, ...rest) {
          if (record.userId === null) anonymous.add(record.id)
          return good.create(record, ...rest)
        },
        endAll(...args) {
          for (const id of anonymous) patch(id, ALIVE)
          return good.endAll(...args)
        },
      }
    },
  ),

  broken(
    'endAll counts what had ended',
    ["endAll: ends everybody's sessions, the anonymous ones too, and counts them"],
    ({ good }) => {
      let count = 0
      return {
        create(...args) {
          count += 1
          return good.create(...args)
        },
        async endAll(...args) {
          await good.endAll(...args)
          return count
        },
      }
    },
  ),

  broken('endAll stops after a thousand', ['endAll: ends 1,200 sessions'], ({ good, patch }) => {
    const ids: string[] = []
    return {
      create(record, ...rest) {
        ids.push(record.id)
        return good.create(record, ...rest)
      },
      endAll(...args) {
        for (const id of ids.slice(1_000)) patch(id, ALIVE)
        return good.endAll(...args)
      },
    }
  }),

  broken(
    'endAll raises the epochs it knows',
    ['endAll: raises every epoch, of unknown users too', 'create: user-changed after endAll'],
    ({ good }) => {
      const unknown = new Map<string, number>()
      return {
        async endAll(...args) {
          const before = new Map<string, number>()
          for (const userId of unknown.keys()) before.set(userId, (await good.userEpoch(userId)).epoch)
          const ended = await good.endAll(...args)
          for (const [userId, epoch] of before) {
            unknown.set(userId, (unknown.get(userId) ?? 0) + (await good.userEpoch(userId)).epoch - epoch)
          }
          return ended
        },
        create: (record, { ifUserEpoch, limit } = {}, options = {}) => {
          const lowered = unknown.get(record.userId ?? '') ?? 0
          return good.create(record, { limit, ifUserEpoch: ifUserEpoch && ifUserEpoch + lowered }, options)
        },
        async userEpoch(userId) {
          const known = (await good.listUser(userId)).items.length > 0
          if (!known && !unknown.has(userId)) unknown.set(userId, 0)
          return lower(await good.userEpoch(userId), unknown.get(userId) ?? 0)
        },
      }
    },
  ),

  broken('endAll is not in the log', ['endAll: is one entry in the log'], ({ good }) => ({
    changes: async (...args) => (await good.changes(...args)).filter(({ scope }) => scope !== 'all'),
  })),

  broken(
    'endAll is final for those to come, too',
    ['endAll: does not stand in the way of new sessions'],
    ({ good }) => {
      let over = false
      return {
        endAll(...args) {
          over = true
          return good.endAll(...args)
        },
        create: async (...args) => (over ? { outcome: 'user-changed' } : good.create(...args)),
      }
    },
  ),

  broken(
    'an epoch that is no number from 0',
    ['userEpoch: a whole number from 0, also for unknown users'],
    ({ good }) => ({
      userEpoch: async (...args) => lower(await good.userEpoch(...args), 1),
    }),
  ),

  broken(
    'an epoch that each change raises',
    ['userEpoch: raised by nothing that leaves the user as a whole alone'],
    ({ good }) => ({
      async end(id, request, options) {
        const result = await good.end(id, request, options)
        const userId = result.outcome === 'ended' ? result.record.userId : null
        if (userId !== null) await good.updateUser(userId, { at: request.at })
        return result
      },
    }),
  ),

  broken(
    'an epoch that goes with the last session',
    ['userEpoch: only grows, also when all of the user has been swept away'],
    ({ good }) => {
      let lowered = 0
      return {
        async sweep(...args) {
          lowered = (await good.userEpoch('ada')).epoch
          return good.sweep(...args)
        },
        userEpoch: async (...args) => lower(await good.userEpoch(...args), lowered),
      }
    },
  ),
]
