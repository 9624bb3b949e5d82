import { allOf, broken } from './bench.ts'

const PAGE = 100

export const brokenEndUsers = [
  broken(
    'endUser ends before it raises the epoch',
    [
      'race: a sign-in and endUser at once leave nothing alive',
      'race: a sign-in and endUser with except at once leave nothing alive',
    ],
    ({ good, patch, gap }) => ({
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

  broken('endUser with a raise that gets lost', ['userEpoch: each of 20 parallel calls raises it'], ({ good, gap }) => {
    const epochs = new Map<string, number>()
    return {
      async endUser(userId, request, options) {
        const epoch = epochs.get(userId) ?? 0
        await gap()
        epochs.set(userId, epoch + 1)
        return good.endUser(userId, request, options)
      },
      userEpoch: async (userId) => ({ epoch: epochs.get(userId) ?? 0, endEpoch: 0 }),
    }
  }),

  broken(
    'endUser is one entry for each session',
    [
      'endUser: is one entry for the user in the log',
      'changes: one session, one user, or all, in the order of their numbers',
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
      async changes(...args) {
        const entries = await good.changes(...args)
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
]
