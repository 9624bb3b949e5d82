import type { SessionRecord } from '../../core/record/record.ts'
import { allOf, broken } from './bench.ts'

const FOREVER = Number.MAX_SAFE_INTEGER

export const brokenCreates = [
  broken(
    'create overwrites',
    [
      'create: a taken id is not overwritten',
      'create: the id of an expired record is taken',
      'create: an ended record does not come back',
      'end: nothing brings an ended record back',
      'race: a repeated create under way does not survive end',
      'race: a repeated create under way does not survive endUser',
      'race: a repeated create under way does not survive endUser with except',
      'race: a repeated create under way does not survive endAll',
      'race: everything at once, and end is final',
    ],
    ({ good, patch }) => ({
      async create(record, conditions, options) {
        const result = await good.create(record, conditions, options)
        if (result.outcome !== 'taken') return result
        patch(record.id, () => record)
        return { outcome: 'created', ended: [] }
      },
    }),
  ),

  broken('create forgets that a number may be null', ['create: a full record is read as it was given'], ({ good }) => ({
    create: (record, ...rest) => good.create({ ...record, idleFor: record.idleFor ?? 0 }, ...rest),
  })),

  broken('create makes up a user', ['create: a bare record is read as it was given'], ({ good }) => ({
    create: (record, ...rest) => good.create({ ...record, userId: record.userId ?? '' }, ...rest),
  })),

  broken('create, repeated, is taken', ['create: repeated, it answers created and changes nothing'], ({ good }) => ({
    async create(record, conditions, options) {
      const present = await good.read(record.id)
      return present === null ? good.create(record, conditions, options) : { outcome: 'taken' }
    },
  })),

  broken(
    'create, repeated, counts itself for the limit',
    ['create: repeated, it is not one more for the limit'],
    ({ good }) => ({
      async create(record, conditions, options) {
        const open = record.userId === null ? [] : await allOf(good, record.userId)
        const full = conditions?.limit?.strategy === 'refuse' && open.length >= conditions.limit.max
        return full ? { outcome: 'limit' } : good.create(record, conditions, options)
      },
    }),
  ),

  broken(
    'create looks before it writes',
    ['create: of parallel ones with one id, one is created'],
    ({ good, patch, gap }) => ({
      async create(record, conditions, options) {
        const present = await good.read(record.id)
        await gap()
        const result = await good.create(record, conditions, options)
        if (present !== null || result.outcome !== 'taken') return result
        patch(record.id, () => record)
        return { outcome: 'created', ended: [] }
      },
    }),
  ),

  broken(
    'create ignores the user epoch',
    [
      'create: the present user epoch lets it pass, one of before does not',
      'create: user-changed after endUser',
      'create: user-changed after updateUser',
      'create: user-changed after endAll',
      'race: a sign-in begun before endUser does not outlive it',
      'race: a sign-in begun before endUser with except does not outlive it',
      'race: a sign-in begun before endAll does not outlive it',
      'race: a sign-in and endUser at once leave nothing alive',
      'race: a sign-in and updateUser at once leave no old role',
      'shared: an ending of the user in one instance refuses a sign-in begun in the other',
    ],
    ({ good }) => ({
      create: (record, conditions, options) => good.create(record, { ...conditions, ifUserEpoch: undefined }, options),
    }),
  ),

  broken(
    'create compares the user epoch before it writes',
    [
      'race: a sign-in and endUser at once leave nothing alive',
      'race: a sign-in and endUser with except at once leave nothing alive',
      'race: a sign-in and endAll at once leave nothing alive',
      'race: a sign-in and updateUser at once leave no old role',
    ],
    ({ good, gap }) => ({
      async create(record, { ifUserEpoch, limit } = {}, options = {}) {
        const epoch = record.userId === null ? undefined : (await good.userEpoch(record.userId)).epoch
        if (ifUserEpoch !== undefined && epoch !== ifUserEpoch) return { outcome: 'user-changed' }
        await gap()
        return good.create(record, { limit }, options)
      },
    }),
  ),

  broken(
    'one epoch for all users',
    [
      'create: the epoch of another user does not matter',
      'userEpoch: raised by nothing that leaves the user as a whole alone',
    ],
    ({ good }) => {
      const one = 'the only user'
      return {
        create: async (record, { ifUserEpoch, limit } = {}, options = {}) => {
          const changed = ifUserEpoch !== undefined && (await good.userEpoch(one)).epoch !== ifUserEpoch
          return changed ? { outcome: 'user-changed' } : good.create(record, { limit }, options)
        },
        async endUser(userId, request, options) {
          await good.updateUser(one, { at: request.at })
          return good.endUser(userId, request, options)
        },
        userEpoch: (_, options) => good.userEpoch(one, options),
      }
    },
  ),

  broken(
    'create makes room before it is sure',
    ['create: refused, it ends nobody and leaves no trace'],
    ({ good }) => ({
      async create(record, conditions, options) {
        const { limit } = conditions ?? {}
        const open = record.userId === null || limit === undefined ? [] : await allOf(good, record.userId)
        const ending = { at: record.createdAt, reason: 'limit', note: null, keepUntil: FOREVER } as const
        for (const { id } of open.slice(0, limit?.strategy === 'end-oldest' ? 1 : 0)) await good.end(id, ending)
        return good.create(record, conditions, options)
      },
    }),
  ),

  broken(
    'create puts the record into the index later',
    [
      'listUser: a session is listed as soon as it can be read',
      'race: a sign-in and endUser at once leave nothing alive',
      'race: a sign-in and endUser with except at once leave nothing alive',
      'race: a sign-in and updateUser at once leave no old role',
    ],
    ({ good, patch, gap }) => {
      const unlisted = new Map<string, SessionRecord>()
      const miss = (userId: string) => {
        for (const record of unlisted.values()) if (record.userId === userId) patch(record.id, () => record)
      }
      return {
        async create(record, conditions, options) {
          unlisted.set(record.id, record)
          const result = await good.create(record, conditions, options)
          await gap()
          unlisted.delete(record.id)
          return result
        },
        async listUser(userId, page, options) {
          const { items, cursor } = await good.listUser(userId, page, options)
          return { items: items.filter(({ id }) => !unlisted.has(id)), cursor }
        },
        endUser(userId, request, options) {
          miss(userId)
          return good.endUser(userId, request, options)
        },
        updateUser(userId, change, options) {
          miss(userId)
          return good.updateUser(userId, change, options)
        },
      }
    },
  ),
]

export const brokenReads = [
  broken('read makes a record where there is none', ['read: null where there is none'], ({ good }) => {
    let last: SessionRecord | null = null
    return {
      create(record, ...rest) {
        last = record
        return good.create(record, ...rest)
      },
      read: async (id, options) => (await good.read(id, options)) ?? (last && { ...last, id }),
    }
  }),

  broken('read hides what has expired', ['read: an expired record is read as it is'], ({ good }) => {
    let latest = 0
    return {
      create(record, ...rest) {
        latest = Math.max(latest, record.createdAt)
        return good.create(record, ...rest)
      },
      async read(id, options) {
        const record = await good.read(id, options)
        return record !== null && record.ended === null && record.expiresAt <= latest ? null : record
      },
    }
  }),

  broken(
    'read hides what has ended',
    ['read: an ended record is read with its reason', 'end: every reason is kept'],
    ({ good }) => ({
      async read(id, options) {
        const record = await good.read(id, options)
        return record?.ended ? null : record
      },
    }),
  ),

  broken('a strict read goes elsewhere', ['read: strict answers the same'], ({ good }) => {
    const firsts = new Map<string, SessionRecord>()
    return {
      create(record, ...rest) {
        firsts.set(record.id, record)
        return good.create(record, ...rest)
      },
      read: async (id, options) => (options?.strict ? (firsts.get(id) ?? null) : good.read(id, options)),
    }
  }),

  broken(
    'read answers data that lives on',
    [
      'read: a record that was read is not changed by what comes later',
      'read: a record that was answered is not changed by what comes later',
    ],
    ({ good }) => {
      // One object for each id, into which every change is written.
      const living = new Map<string, SessionRecord>()
      const live = (record: SessionRecord) => {
        const one = living.get(record.id) ?? { ...record }
        living.set(record.id, one)
        return Object.assign(one, record)
      }
      const refresh = async <T>(id: string, result: Promise<T>): Promise<T> => {
        await result
        const record = await good.read(id)
        if (record !== null) live(record)
        return result
      }
      return {
        async read(id, options) {
          const record = await good.read(id, options)
          return record && live(record)
        },
        async listUser(...args) {
          const { items, cursor } = await good.listUser(...args)
          return { items: items.map(live), cursor }
        },
        update: (id, ...rest) => refresh(id, good.update(id, ...rest)),
        touch: (id, ...rest) => refresh(id, good.touch(id, ...rest)),
        end: (id, ...rest) => refresh(id, good.end(id, ...rest)),
      }
    },
  ),
]
