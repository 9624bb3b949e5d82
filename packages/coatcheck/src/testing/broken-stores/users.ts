import { ALIVE, allOf, broken, gap } from './bench.ts'

const PAGE = 100

export const brokenUserMethods = [
  broken(
    'endUser ends before it raises the epoch',
    [
      'race: a sign-in and endUser at once leave nothing alive',
      'race: a sign-in and endUser with except at once leave nothing alive',
    ],
    ({ good, patch }) => ({
      async endUser(userId, request, options) {
        const listed = new Set((await allOf(good, userId)).map(({ id }) => id))
        await gap()
        const missed = (await allOf(good, userId)).filter(({ id }) => !listed.has(id))
        for (const record of missed) patch(record.id, () => record)
        return (await good.endUser(userId, request, options)).filter(({ id }) => listed.has(id))
      },
    }),
  ),

  broken('endUser stops at the end of a page', ['endUser: ends 250 sessions'], ({ good, patch }) => ({
    async endUser(userId, request, options) {
      for (const record of (await allOf(good, userId)).slice(PAGE)) patch(record.id, () => record)
      return (await good.endUser(userId, request, options)).slice(0, PAGE)
    },
  })),

  broken(
    'endUser raises the epoch only of who has a session',
    [
      'endUser: raises the epoch, also of a user without a session',
      'userEpoch: each of 20 parallel calls raises it',
      'race: a sign-in and endUser at once leave nothing alive',
    ],
    ({ good }) => ({
      async endUser(userId, request, options) {
        const none = (await allOf(good, userId)).length === 0
        return none ? [] : good.endUser(userId, request, options)
      },
    }),
  ),

  broken('endUser with a raise that gets lost', ['userEpoch: each of 20 parallel calls raises it'], ({ good }) => {
    const epochs = new Map<string, number>()
    return {
      async endUser(userId, request, options) {
        const epoch = epochs.get(userId) ?? 0
        await gap()
        epochs.set(userId, epoch + 1)
        return good.endUser(userId, request, options)
      },
      userEpoch: async (userId) => epochs.get(userId) ?? 0,
    }
  }),

  broken(
    'endUser is one entry for each session',
    [
      'endUser: is one entry for the user in the log',
      'revocations: one session, one user, or all, in the order of their numbers',
    ],
    ({ good }) => ({
      endUser: (userId, request, options) =>
        good.endUser(userId, { ...request, except: request.except ?? '' }, options),
    }),
  ),

  broken(
    'endUser with except is one entry for the user',
    ['endUser: with except there is one entry for each session ended'],
    ({ good }) => ({
      async revocations(...args) {
        const entries = await good.revocations(...args)
        return entries.map((entry) => ({ ...entry, scope: 'user', subject: 'ada' }) as const)
      },
    }),
  ),

  broken(
    'endUser spares nobody',
    ['endUser: except leaves one as it was', 'endUser: with except there is one entry for each session ended'],
    ({ good }) => ({
      async endUser(userId, request, options) {
        const spared = request.except === undefined ? null : await good.read(request.except)
        const ended = await good.endUser(userId, request, options)
        if (spared !== null && spared.userId === userId) await good.end(spared.id, request)
        return ended
      },
    }),
  ),

  broken(
    "endUser spares all for somebody else's session",
    ["endUser: except somebody else's session spares nobody"],
    ({ good }) => ({
      async endUser(userId, request, options) {
        const spared = request.except === undefined ? null : await good.read(request.except)
        return spared !== null && spared.userId !== userId ? [] : good.endUser(userId, request, options)
      },
    }),
  ),

  broken(
    'endUser ends what had ended',
    ['endUser: what had ended keeps its reason and is not answered'],
    ({ good, patch }) => {
      const ids = new Map<string, string>()
      return {
        create(record, ...rest) {
          if (record.userId !== null) ids.set(record.id, record.userId)
          return good.create(record, ...rest)
        },
        async endUser(userId, request, options) {
          for (const [id, owner] of ids)
            if (owner === userId) patch(id, (record) => ({ ...record, ended: record.ended && request }))
          return good.endUser(userId, request, options)
        },
      }
    },
  ),

  broken(
    'endUser ends everybody',
    ['endUser: ends all sessions of the user and says which', 'endUser: except leaves one as it was'],
    ({ good, patch }) => {
      const ids = new Set<string>()
      return {
        create(record, ...rest) {
          ids.add(record.id)
          return good.create(record, ...rest)
        },
        async endUser(userId, request, options) {
          const { except, ...ending } = request
          for (const id of ids) if (id !== except) patch(id, (record) => ({ ...record, ended: record.ended ?? ending }))
          return good.endUser(userId, request, options)
        },
      }
    },
  ),

  broken(
    'updateUser leaves the epoch',
    ['create: user-changed after updateUser', 'updateUser: raises the epoch, also of a user without a session'],
    ({ good }) => {
      const raised = new Map<string, number>()
      return {
        updateUser(userId, ...rest) {
          raised.set(userId, (raised.get(userId) ?? 0) + 1)
          return good.updateUser(userId, ...rest)
        },
        create: (record, { ifUserEpoch, limit } = {}, options = {}) =>
          good.create(
            record,
            {
              limit,
              ifUserEpoch: ifUserEpoch === undefined ? undefined : ifUserEpoch + (raised.get(record.userId ?? '') ?? 0),
            },
            options,
          ),
        userEpoch: async (userId) => (await good.userEpoch(userId)) - (raised.get(userId) ?? 0),
      }
    },
  ),

  broken(
    'updateUser changes before it raises the epoch',
    [
      'race: a sign-in and updateUser at once leave no old role',
      'race: an authentication in place and updateUser at once leave no old role',
    ],
    ({ good, patch }) => ({
      async updateUser(userId, change, options) {
        const listed = new Map((await allOf(good, userId)).map((record) => [record.id, record]))
        await gap()
        for (const record of await allOf(good, userId)) {
          if (listed.get(record.id)?.generation !== record.generation) patch(record.id, () => record)
        }
        return good.updateUser(userId, change, options)
      },
    }),
  ),

  broken(
    'updateUser replaces all data',
    ['updateUser: loses no change that a session makes of other keys'],
    ({ good }) => ({
      async updateUser(userId, change, options) {
        for (const { id, data } of await allOf(good, userId)) {
          const unset = [...data.keys()].filter((key) => !change.set?.has(key))
          await good.update(id, { at: change.at, unset })
        }
        return good.updateUser(userId, change, options)
      },
    }),
  ),

  broken('updateUser changes what is over', ['updateUser: leaves alone what has ended or expired'], ({ good }) => ({
    updateUser: (userId, change, options) => good.updateUser(userId, { ...change, at: 0 }, options),
  })),

  broken(
    'updateUser revives what has ended',
    [
      'updateUser: leaves alone what has ended or expired',
      'end: nothing brings an ended record back',
      'race: an updateUser under way does not survive end',
      'race: an updateUser under way does not survive endUser',
      'race: an updateUser under way does not survive endUser with except',
      'race: an updateUser under way does not survive endAll',
    ],
    ({ good, patch }) => {
      const ids = new Set<string>()
      return {
        create(record, ...rest) {
          ids.add(record.id)
          return good.create(record, ...rest)
        },
        async updateUser(userId, ...rest) {
          for (const id of ids) if ((await good.read(id))?.userId === userId) patch(id, ALIVE)
          return good.updateUser(userId, ...rest)
        },
      }
    },
  ),

  broken(
    'updateUser forgets to remove',
    ['updateUser: changes the data of all live sessions of the user and says which'],
    ({ good }) => ({
      updateUser: (userId, { at, set }, options) => good.updateUser(userId, { at, set }, options),
    }),
  ),

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
          const ended = await good.endAll(...args)
          for (const [userId] of unknown) unknown.set(userId, (unknown.get(userId) ?? 0) + 1)
          return ended
        },
        create: (record, { ifUserEpoch, limit } = {}, options = {}) => {
          const lowered = unknown.get(record.userId ?? '') ?? 0
          return good.create(record, { limit, ifUserEpoch: ifUserEpoch && ifUserEpoch + lowered }, options)
        },
        async userEpoch(userId) {
          const known = (await good.listUser(userId)).items.length > 0
          if (!known && !unknown.has(userId)) unknown.set(userId, 0)
          return (await good.userEpoch(userId)) - (unknown.get(userId) ?? 0)
        },
      }
    },
  ),

  broken('endAll is not in the log', ['endAll: is one entry in the log'], ({ good }) => ({
    revocations: async (...args) => (await good.revocations(...args)).filter(({ scope }) => scope !== 'all'),
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
      userEpoch: async (...args) => (await good.userEpoch(...args)) - 1,
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
          lowered = await good.userEpoch('ada')
          return good.sweep(...args)
        },
        userEpoch: async (...args) => (await good.userEpoch(...args)) - lowered,
      }
    },
  ),
]
