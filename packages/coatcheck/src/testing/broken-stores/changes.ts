import type { Change, EndRequest, Store } from '../../core/store/store.ts'
import { modelCases } from '../store-contract/model.ts'
import { type Bench, type BrokenStore, broken, lowered } from './bench.ts'

const ROTATION = 'changes: a rotation without predecessor, once, with the generation from which on tokens count'
const UPDATE = 'changes: an updateUser, with the epoch after it, also of a user without a session'
const COUNT = 'changes: an ended session counts above all its generations'
const KEPT = 'changes: kept until the time that is said for the log, whatever is said for the record'
const SPARED = 'changes: an endUser with except that ends nobody is not in the log'
const EXPIRED = 'changes: the ending of an expired record is in the log'
/** A store that breaks what every run does fails all of them. */
const MODEL = modelCases.map(({ name }) => name)
const NOTED = 'note: each is an entry, in the order given'
const NOTED_ONCE = 'note: once for each scope and subject, also by 20 at once'
const NOTED_AGAIN = 'note: again where it has to be kept longer, or was swept away'

/** A store whose log shows each entry as `show` has it; null leaves it out. */
function brokenLog(name: string, breaks: readonly string[], show: (entry: Change) => Change | null): BrokenStore {
  return broken(name, breaks, ({ good }) => ({
    changes: async (...args) => (await good.changes(...args)).flatMap((entry) => show(entry) ?? []),
  }))
}

/** A store whose log has entries of its own behind the others. */
function withExtras(good: Store) {
  const extras: Change[] = []
  return {
    add: (entry: Omit<Change, 'seq'>) => extras.push({ seq: 1_000_000 + extras.length, ...entry }),
    changes: async (...args: Parameters<Store['changes']>) => [...(await good.changes(...args)), ...extras],
  }
}

/** The store without what its callers say of the log. */
const withoutLogUntil = ({ good }: Bench): Partial<Store> => {
  const shorter = <T extends EndRequest>(request: T): T => ({ ...request, logUntil: undefined })
  return {
    create: (record, { limit, ...rest } = {}, options = {}) =>
      good.create(record, { ...rest, limit: limit && { ...limit, logUntil: undefined } }, options),
    end: (id, request, options) => good.end(id, shorter(request), options),
    endUser: (userId, request, options) => good.endUser(userId, shorter(request), options),
    endAll: (request, options) => good.endAll(shorter(request), options),
  }
}

const brokenEntries = [
  brokenLog('a change log of endings alone', [ROTATION, UPDATE], (entry) => (entry.kind === 'ended' ? entry : null)),
  brokenLog('a change log that counts by times', [ROTATION, COUNT], (entry) => ({
    ...entry,
    count: entry.at,
  })),
  brokenLog('a change log in which an ended session counts from its last generation', [COUNT], (entry) =>
    entry.kind === 'ended' && entry.scope === 'session' ? { ...entry, count: entry.count - 1 } : entry,
  ),
  broken('entries are kept as long as their records', [KEPT], withoutLogUntil),
  broken('a renewal is in the log', [ROTATION], ({ good }) => {
    const { add, changes } = withExtras(good)
    return {
      changes,
      async rotate(id, rotation, options) {
        const { at, generation } = rotation
        const result = await good.rotate(id, rotation, options)
        const of = { kind: 'changed', scope: 'session', subject: id, reason: 'rotated' } as const
        if (result.outcome === 'rotated' && rotation.predecessor !== null)
          add({ ...of, at, count: generation, keepUntil: at })
        return result
      },
    }
  }),
  broken('endUser with except is in the log though it ended nobody', [SPARED], ({ good }) => {
    const { add, changes } = withExtras(good)
    return {
      changes,
      async endUser(userId, request, options) {
        const ended = await good.endUser(userId, request, options)
        const { at, reason, keepUntil } = request
        const of = { kind: 'ended', scope: 'user', subject: userId, count: at } as const
        if (request.except !== undefined && ended.length === 0) add({ ...of, at, reason, keepUntil })
        return ended
      },
    }
  }),
  broken('the ending of what has expired is not in the log', [EXPIRED], ({ good }) => {
    const expired = new Set<string | null>()
    return {
      async end(id, request, options) {
        const record = await good.read(id)
        if (record !== null && record.expiresAt <= request.at) expired.add(id)
        return await good.end(id, request, options)
      },
      changes: async (...args) => (await good.changes(...args)).filter(({ subject }) => !expired.has(subject)),
    }
  }),
]

const brokenNotes = [
  broken('note writes the first alone', [NOTED], ({ good }) => ({
    note: (entries, options) => good.note(entries.slice(0, 1), options),
  })),
  broken('note writes each time', [NOTED_ONCE], ({ good }) => {
    let longer = 0
    return {
      note: (entries, options) =>
        good.note(
          entries.map((entry) => ({ ...entry, keepUntil: entry.keepUntil + longer++ })),
          options,
        ),
    }
  }),
  broken('note knows subjects whatever their scope', [NOTED], ({ good }) => {
    const known = new Set<string>()
    const isNew = (subject: string) => !known.has(subject) && known.add(subject)
    return {
      note: (entries, options) =>
        good.note(
          entries.filter(({ subject }) => isNew(subject)),
          options,
        ),
    }
  }),
  broken('note never writes a second time', [NOTED_AGAIN], ({ good }) => {
    const known = new Set<string>()
    return {
      async note(entries, options) {
        await good.note(
          entries.filter(({ subject }) => !known.has(subject)),
          options,
        )
        for (const { subject } of entries) known.add(subject)
      },
    }
  }),
]

const END_EPOCH = 'userEpoch: endEpoch is raised by endUser without except and by endAll, and by nothing else'
const AFTER_ALL = 'userEpoch: after endAll, endUser, updateUser and endAll raise it again'
const TIME = 'userEpoch: a raise is the time of the change, or one above the number before'
const FORGOTTEN = 'userEpoch: when it was forgotten, the next one is above it all the same'
const SHORTENED = 'userEpoch: a later change that may be forgotten sooner shortens nothing'
const VOID = 'userEpoch: what was begun with a number that was forgotten since is not changed by that'
const AHEAD = 'userEpoch: endAll raises it above every number, also one of a clock that is ahead'

const brokenEpochs = [
  broken('an end epoch that every change raises', [END_EPOCH], ({ good }) => ({
    async userEpoch(...args) {
      const { epoch } = await good.userEpoch(...args)
      return { epoch, endEpoch: epoch }
    },
  })),
  broken('an end epoch that nothing raises', [END_EPOCH, FORGOTTEN], ({ good }) => ({
    userEpoch: async (...args) => ({ ...(await good.userEpoch(...args)), endEpoch: 0 }),
  })),
  broken('epochs that nothing raises', [END_EPOCH, AFTER_ALL, ...MODEL], () => ({
    userEpoch: () => Promise.resolve({ epoch: 0, endEpoch: 0 }),
  })),
  broken('the epochs of a user and of all are two counters', [AFTER_ALL], ({ good }) => {
    const own = new Map<string, number>()
    let ofAll = 0
    const raise = (userId: string) => own.set(userId, (own.get(userId) ?? 0) + 1)
    const epochOf = (userId: string) => Math.max(ofAll, own.get(userId) ?? 0)
    return {
      create(record, { ifUserEpoch, limit } = {}, options = {}) {
        const isChanged = ifUserEpoch !== undefined && epochOf(record.userId ?? '') !== ifUserEpoch
        return isChanged ? Promise.resolve({ outcome: 'user-changed' }) : good.create(record, { limit }, options)
      },
      endUser(userId, ...rest) {
        raise(userId)
        return good.endUser(userId, ...rest)
      },
      updateUser(userId, ...rest) {
        raise(userId)
        return good.updateUser(userId, ...rest)
      },
      endAll(...args) {
        ofAll += 1
        return good.endAll(...args)
      },
      userEpoch: async (userId) => ({ epoch: epochOf(userId), endEpoch: ofAll }),
    }
  }),
  broken('an epoch that counts', [TIME], ({ good }) => ({
    userEpoch: async (...args) => lowered(await good.userEpoch(...args), 1_000_000_000_000),
  })),
  broken('an epoch that begins anew when it was forgotten', [FORGOTTEN], ({ good }) => {
    let forgetAt = Number.POSITIVE_INFINITY
    let isForgotten = false
    return {
      endUser(userId, request, options) {
        forgetAt = request.forgetAt ?? forgetAt
        return good.endUser(userId, request, options)
      },
      sweep(now, ...rest) {
        isForgotten ||= now >= forgetAt
        return good.sweep(now, ...rest)
      },
      userEpoch: async (...args) => (isForgotten ? { epoch: 1, endEpoch: 1 } : await good.userEpoch(...args)),
    }
  }),
  broken('the last change says when an epoch is forgotten', [SHORTENED], ({ good }) => {
    let forgetAt = Number.POSITIVE_INFINITY
    let isForgotten = false
    return {
      updateUser(userId, change, options) {
        forgetAt = change.forgetAt ?? forgetAt
        return good.updateUser(userId, change, options)
      },
      sweep(now, ...rest) {
        isForgotten ||= now >= forgetAt
        return good.sweep(now, ...rest)
      },
      userEpoch: async (...args) => (isForgotten ? { epoch: 0, endEpoch: 0 } : await good.userEpoch(...args)),
    }
  }),
  broken('an epoch that was forgotten voids what was begun with it', [VOID], ({ good }) => {
    let isSwept = false
    return {
      create: (record, conditions, options) =>
        isSwept && conditions?.ifUserEpoch !== undefined
          ? Promise.resolve({ outcome: 'user-changed' })
          : good.create(record, conditions, options),
      sweep(...args) {
        isSwept = true
        return good.sweep(...args)
      },
    }
  }),
  broken('an endAll that raises to the time alone', [AHEAD], ({ good }) => {
    const highest = new Map<string, number>()
    return {
      async endUser(userId, request, options) {
        const ended = await good.endUser(userId, request, options)
        highest.set(userId, (await good.userEpoch(userId)).epoch)
        return ended
      },
      async userEpoch(userId, options) {
        const numbers = await good.userEpoch(userId, options)
        const before = highest.get(userId)
        return before !== undefined && numbers.epoch === before + 1 ? { epoch: before, endEpoch: before } : numbers
      },
    }
  }),
]

const brokenRepetitions = [
  broken(
    'create asks for the epoch before it looks whether it happened',
    ['create: repeated after the epoch was raised, it is created as before'],
    ({ good }) => ({
      async create(record, conditions = {}, options = {}) {
        const { ifUserEpoch } = conditions
        const now = record.userId === null ? undefined : (await good.userEpoch(record.userId)).epoch
        if (ifUserEpoch !== undefined && now !== ifUserEpoch) return { outcome: 'user-changed' }
        return await good.create(record, conditions, options)
      },
    }),
  ),
  broken('create keeps seconds', ['create: times and lengths are kept to the millisecond'], ({ good, patch }) => ({
    create(record, ...rest) {
      patch(record.id, (one) => ({ ...one, idleFor: one.idleFor && Math.floor(one.idleFor / 1_000) * 1_000 }))
      return good.create(record, ...rest)
    },
  })),
  broken(
    'an authentication writes its data each time it is asked for',
    ['rotate: repeated, it answers what it did and writes nothing, whatever happened since'],
    ({ good }) => ({
      async rotate(id, rotation, options) {
        const result = await good.rotate(id, rotation, options)
        const { set, unset } = rotation.authentication ?? {}
        if (result.outcome === 'rotated' && set !== undefined) await good.update(id, { at: rotation.at, set, unset })
        return result
      },
    }),
  ),
  broken(
    'only an authentication shuts older generations out',
    ['rotate: after a rotation without predecessor the old generation writes no more'],
    ({ good }) => {
      const rotated = new Set<string>()
      return {
        rotate(id, rotation, options) {
          if (rotation.authentication === undefined) rotated.add(id)
          return good.rotate(id, rotation, options)
        },
        update: (id, change, conditions = {}, options = {}) =>
          good.update(id, change, rotated.has(id) ? { ...conditions, ifGeneration: undefined } : conditions, options),
      }
    },
  ),
  broken(
    'touch marks the predecessor seen only where it moves the last activity',
    ['touch: marks the predecessor seen also where it is not later than the last activity'],
    ({ good }) => ({
      async touch(id, at, touch, options) {
        const record = await good.read(id)
        const isLater = record !== null && at > record.lastSeenAt
        return await good.touch(id, at, isLater ? touch : { interval: touch.interval }, options)
      },
    }),
  ),
  broken(
    'an update that sets what is there is none',
    ['update: a text that is there already moves the version all the same'],
    ({ good }) => ({
      async update(id, change, conditions, options) {
        const record = await good.read(id)
        const isSame = record !== null && [...(change.set ?? [])].every(([key, text]) => record.data.get(key) === text)
        if (isSame && change.unset === undefined) return { outcome: 'updated', version: record.version }
        return await good.update(id, change, conditions, options)
      },
    }),
  ),
  broken(
    'a cursor that is cut at a dot of the id',
    ['listUser: those begun in the same millisecond with any ids, page by page'],
    ({ good }) => ({
      async listUser(userId, { cursor = null, limit = 100 } = {}) {
        const { items } = await good.listUser(userId, { limit: 10_000 })
        const [, createdAt, id] = /^(\d+)\.([^.]*)/s.exec(cursor ?? '') ?? []
        const from = items.findIndex((one) => String(one.createdAt) === createdAt && one.id === id)
        const page = items.slice(from + 1, from + 1 + limit)
        const last = page.at(-1)
        const isMore = from + 1 + limit < items.length
        return { items: page, cursor: isMore && last !== undefined ? `${last.createdAt}.${last.id}` : null }
      },
    }),
  ),
]

export const brokenChanges: readonly BrokenStore[] = [
  ...brokenEntries,
  ...brokenNotes,
  ...brokenEpochs,
  ...brokenRepetitions,
]
