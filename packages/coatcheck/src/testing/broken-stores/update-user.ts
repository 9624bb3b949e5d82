import { ALIVE, allOf, broken } from './bench.ts'

export const brokenUpdateUsers = [
  broken(
    'updateUser leaves the epoch',
    ['create: user-changed after updateUser', 'updateUser: raises the epoch, also of a user without a session'],
    ({ good }) => {
      const hidden = new Map<string, { readonly before: number; readonly after: number }>()
      const isHidden = (userId: string, epoch: number) => hidden.get(userId)?.after === epoch
      const shown = async (userId: string) => {
        const numbers = await good.userEpoch(userId)
        const before = hidden.get(userId)?.before ?? 0
        return isHidden(userId, numbers.epoch) ? { ...numbers, epoch: before } : numbers
      }
      return {
        async updateUser(userId, ...rest) {
          const { epoch: before } = await shown(userId)
          const ids = await good.updateUser(userId, ...rest)
          hidden.set(userId, { before, after: (await good.userEpoch(userId)).epoch })
          return ids
        },
        async create(record, { ifUserEpoch, limit } = {}, options = {}) {
          const { before, after } = hidden.get(record.userId ?? '') ?? {}
          const asked = ifUserEpoch === before ? after : ifUserEpoch
          return await good.create(
            record,
            { limit, ifUserEpoch: ifUserEpoch === undefined ? undefined : asked },
            options,
          )
        },
        userEpoch: shown,
      }
    },
  ),

  broken(
    'updateUser changes before it raises the epoch',
    [
      'race: a sign-in and updateUser at once leave no old role',
      'race: an authentication in place and updateUser at once leave no old role',
    ],
    ({ good, patch, gap }) => ({
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
]
