import { deadlineOf, isLive } from '../core/record/lifecycle.ts'
import type { Ending, SessionRecord } from '../core/record/record.ts'
import type { StoreMarks, StoreStats } from '../core/store/capabilities.ts'
import type { CallOptions, Change, EndRequest, Page, Store, SweepResult, UserEpoch } from '../core/store/store.ts'
import type { StoreTransfer } from '../core/store/transfer.ts'
import { StoreTimeoutError } from '../errors.ts'
import type { StoreMethod } from './intercept.ts'
import { finished, overLimit, refusal, rotated, touched, updated } from './model-rules.ts'

/** What model stores work on, by namespace. Several stores may share one. */
export type ModelWorld = Map<string, ModelState>

interface ModelState {
  readonly records: Map<string, SessionRecord>
  /** The numbers of each user who was raised; `epochOfAll` is what everybody's are at least. */
  readonly userEpochs: Map<string, UserEpoch & { readonly forgetAt: number }>
  epochOfAll: number
  /** The highest number that was ever given. */
  lastEpoch: number
  readonly noted: Map<string, number>
  log: readonly Change[]
  lastSeq: number
  readonly marks: Map<string, { readonly text: string; readonly until: number }>
}

const PAGE = 100
const LOG_PAGE = 1_000
const HOUR = 60 * 60_000
const MONTH = 30 * 24 * HOUR

type LoggedEnding = Pick<EndRequest, 'at' | 'reason' | 'keepUntil' | 'logUntil'>

/**
 * The contract of `core/store` in its plainest form: maps, lists, no index. A call takes effect in one go, because none
 * of them waits. It is the oracle for other stores. It has no bounds, so it is none for use.
 */
export function modelStore(
  namespace = 'model',
  world: ModelWorld = new Map(),
): Store & StoreStats & StoreMarks & StoreTransfer {
  const state = world.get(namespace) ?? emptyState()
  world.set(namespace, state)
  const { records, userEpochs, marks } = state

  const all = () => [...records.values()]
  const open = (userId: string) => all().filter((record) => record.userId === userId && record.ended === null)
  const liveBeside = ({ userId, createdAt }: SessionRecord) =>
    userId === null ? [] : open(userId).filter((other) => isLive(other, createdAt))
  const put = (record: SessionRecord) => {
    records.set(record.id, record)
    return record
  }
  const finish = (record: SessionRecord, ending: Ending) => put(finished(record, ending))
  const epochOf = (userId: string): UserEpoch => {
    const { epoch = 0, endEpoch = 0 } = userEpochs.get(userId) ?? {}
    return { epoch: Math.max(epoch, state.epochOfAll), endEpoch: Math.max(endEpoch, state.epochOfAll) }
  }
  const nextEpoch = (at: number) => {
    state.lastEpoch = Math.max(state.lastEpoch + 1, at)
    return state.lastEpoch
  }
  const raiseEpoch = (userId: string, at: number, forgetAt: number, ends: boolean) => {
    const { endEpoch } = epochOf(userId)
    const epoch = nextEpoch(at)
    const latest = Math.max(forgetAt, userEpochs.get(userId)?.forgetAt ?? 0)
    userEpochs.set(userId, { epoch, endEpoch: ends ? epoch : endEpoch, forgetAt: latest })
    return epoch
  }
  const userChanged = (userId: string | null, ifUserEpoch: number | undefined) =>
    userId !== null && ifUserEpoch !== undefined && epochOf(userId).epoch > ifUserEpoch
  const markAt = (name: string, at: number) => {
    const mark = marks.get(name)
    return mark === undefined || mark.until <= at ? null : mark.text
  }
  const log = (entry: Omit<Change, 'seq'>) => {
    state.lastSeq += 1
    state.log = [...state.log, { seq: state.lastSeq, ...entry }]
  }
  const logEnding = (
    scope: 'session' | 'user' | 'all',
    subject: string | null,
    count: number,
    request: LoggedEnding,
  ) => {
    const { at, reason, keepUntil, logUntil = keepUntil } = request
    log({ kind: 'ended', scope, subject, at, reason, count, keepUntil: logUntil })
  }

  return {
    name: 'model',
    namespace,
    guarantees: { durable: false, shared: false, bounded: true },

    create: (record, { ifUserEpoch, limit } = {}, options = {}) =>
      answer('create', options, () => {
        const present = records.get(record.id)
        if (present !== undefined) {
          const repeated = present.secretHash === record.secretHash && isLive(present, record.createdAt)
          return repeated ? { outcome: 'created', ended: [] } : { outcome: 'taken' }
        }
        if (userChanged(record.userId, ifUserEpoch)) return { outcome: 'user-changed' }
        const over = limit === undefined ? [] : overLimit(liveBeside(record), limit)
        if (over.length > 0 && limit?.strategy === 'refuse') return { outcome: 'limit' }
        const ended = over.map((other) => {
          const { keepUntil = 0, logUntil } = limit ?? {}
          const ending = { at: record.createdAt, reason: 'limit', note: null, keepUntil } as const
          logEnding('session', other.id, other.generation + 1, { ...ending, logUntil })
          return finish(other, ending)
        })
        put({ ...record, data: new Map(record.data) })
        return { outcome: 'created', ended }
      }),

    read: (id, options = {}) => answer('read', options, () => records.get(id) ?? null),

    update: (id, change, conditions = {}, options = {}) =>
      answer('update', options, () => {
        const record = records.get(id)
        if (record === undefined || !isLive(record, change.at)) return { outcome: 'gone' }
        const outcome = refusal(record, conditions)
        if (outcome !== null) return { outcome }
        return { outcome: 'updated', version: put(updated(record, change)).version }
      }),

    rotate: (id, rotation, options = {}) =>
      answer('rotate', options, () => {
        const { at, from, to, generation, ifUserEpoch } = rotation
        const record = records.get(id)
        if (record === undefined || !isLive(record, at)) return { outcome: 'gone', record: record ?? null }
        if (record.secretHash === to && record.generation === generation) return { outcome: 'rotated', record }
        if (record.secretHash !== from || record.generation + 1 !== generation) return { outcome: 'kept', record }
        if (userChanged(record.userId, ifUserEpoch)) return { outcome: 'user-changed', record }
        const { predecessor, authentication, logUntil = at + HOUR } = rotation
        if (predecessor === null) {
          const reason = authentication === undefined ? 'rotated' : 'authenticated'
          log({ kind: 'changed', scope: 'session', subject: id, at, reason, count: generation, keepUntil: logUntil })
        }
        return { outcome: 'rotated', record: put(rotated(record, rotation)) }
      }),

    touch: (id, at, touch, options = {}) =>
      answer('touch', options, () => {
        const record = records.get(id)
        if (record === undefined || !isLive(record, at)) return 'gone'
        return put(touched(record, at, touch)) === record ? 'kept' : 'touched'
      }),

    end: (id, request, options = {}) =>
      answer('end', options, () => {
        const record = records.get(id)
        if (record === undefined) return { outcome: 'missing' }
        if (record.ended !== null) return { outcome: 'already', record }
        logEnding('session', id, record.generation + 1, request)
        return { outcome: 'ended', record: finish(record, endingOf(request)) }
      }),

    endUser: (userId, { except, forgetAt, ...request }, options = {}) =>
      answer('endUser', options, () => {
        const epoch = raiseEpoch(userId, request.at, forgetAt ?? request.at + MONTH, except === undefined)
        if (except === undefined) logEnding('user', userId, epoch, request)
        const others = open(userId).filter(({ id }) => id !== except)
        return others.map((record) => {
          if (except !== undefined) logEnding('session', record.id, record.generation + 1, request)
          return finish(record, endingOf(request))
        })
      }),

    updateUser: (userId, { at, forgetAt = at + MONTH, logUntil = at + HOUR, ...change }, options = {}) =>
      answer('updateUser', options, () => {
        const count = raiseEpoch(userId, at, forgetAt, false)
        log({ kind: 'changed', scope: 'user', subject: userId, at, reason: 'updated', count, keepUntil: logUntil })
        const live = open(userId).filter((record) => isLive(record, at))
        return live.map((record) => put(updated(record, change)).id)
      }),

    endAll: (request, options = {}) =>
      answer('endAll', options, () => {
        state.epochOfAll = nextEpoch(request.at)
        logEnding('all', null, state.epochOfAll, request)
        return all().filter((record) => record.ended === null && finish(record, endingOf(request))).length
      }),

    userEpoch: (userId, options = {}) => answer('userEpoch', options, () => epochOf(userId)),

    listUser: (userId, { cursor = null, limit = PAGE } = {}, options = {}) =>
      answer('listUser', options, () => pageOf(open(userId).toSorted(newestFirst), cursor, limit)),

    changes: (since, { limit = LOG_PAGE } = {}, options = {}) =>
      answer('changes', options, () => state.log.filter(({ seq }) => seq > since).slice(0, limit)),

    note: (entries, options = {}) =>
      answer('note', options, () => {
        for (const { scope, subject, at, reason, count, keepUntil } of entries) {
          const key = `${scope} ${subject}`
          if ((state.noted.get(key) ?? 0) >= keepUntil) continue
          state.noted.set(key, keepUntil)
          log({ kind: 'ended', scope, subject, at, reason, count, keepUntil })
        }
      }),

    sweep: (now, { limit, keepFor }, options = {}) =>
      answer('sweep', options, (): SweepResult => {
        const due = all().filter((record) => record.ended === null && !isLive(record, now))
        const expired = due.slice(0, limit).map((record) => finish(record, expiry(record, keepFor)))
        const ripe = all().filter(({ ended }) => ended !== null && ended.keepUntil <= now)
        const entries = state.log.filter(({ keepUntil }) => keepUntil <= now)
        for (const { id } of ripe.slice(0, limit)) records.delete(id)
        const dropped = new Set(entries.slice(0, limit))
        state.log = state.log.filter((entry) => !dropped.has(entry))
        const old = [...userEpochs].filter(([, { forgetAt }]) => forgetAt <= now)
        for (const [userId] of old.slice(0, limit)) userEpochs.delete(userId)
        for (const [key, keepUntil] of state.noted) if (keepUntil <= now) state.noted.delete(key)
        return {
          expired,
          removed: Math.min(ripe.length, limit) + dropped.size + Math.min(old.length, limit),
          more: Math.max(due.length, ripe.length, entries.length, old.length) > limit,
        }
      }),

    stats: (options = {}) =>
      answer('stats', options, () => {
        const open = all().filter(({ ended }) => ended === null)
        const signedIn = open.filter(({ userId }) => userId !== null).length
        return { anonymous: open.length - signedIn, signedIn, ended: records.size - open.length }
      }),

    mark: (name, at, options = {}) => answer('mark', options, () => markAt(name, at)),

    setMark: (name, { text, ifText, at, until = Number.POSITIVE_INFINITY }, options = {}) =>
      answer('setMark', options, () => {
        const present = markAt(name, at)
        if (present !== ifText) return present === text
        marks.set(name, { text, until })
        return true
      }),

    scan: ({ cursor = null, limit = PAGE } = {}, options = {}) =>
      answer('scan', options, () => pageOf(all().toSorted(newestFirst), cursor, limit)),

    epochs: (_, options = {}) =>
      answer('epochs', options, () => ({
        items: [...userEpochs].map(([userId, { forgetAt }]) => ({ userId, ...epochOf(userId), forgetAt })),
        cursor: null,
      })),

    epochOfAll: (options = {}) => answer('epochOfAll', options, () => state.epochOfAll),
    lastChange: (options = {}) => answer('lastChange', options, () => state.lastSeq),

    adopt: (adopted, { ifEpochOfAll } = {}, options = {}) =>
      answer('adopt', options, () =>
        adopted.map((record) => {
          if (records.has(record.id)) return 'there'
          if (ifEpochOfAll !== undefined && state.epochOfAll > ifEpochOfAll) return 'outdated'
          put({ ...record, namespace, data: new Map(record.data) })
          return 'adopted'
        }),
      ),

    raiseEpoch: (userId, atLeast, options = {}) =>
      answer('raiseEpoch', options, () => {
        const { epoch, endEpoch, forgetAt = Number.POSITIVE_INFINITY } = atLeast
        state.lastEpoch = Math.max(state.lastEpoch, epoch, endEpoch)
        if (userId === null) {
          state.epochOfAll = Math.max(state.epochOfAll, epoch)
          return
        }
        const present = epochOf(userId)
        const raised = { epoch: Math.max(present.epoch, epoch), endEpoch: Math.max(present.endEpoch, endEpoch) }
        userEpochs.set(userId, { ...raised, forgetAt: Math.max(forgetAt, userEpochs.get(userId)?.forgetAt ?? 0) })
      }),

    adoptChanges: ({ entries, last }, options = {}) =>
      answer('adoptChanges', options, () => {
        const added = entries.filter(({ seq }) => seq > state.lastSeq)
        state.log = [...state.log, ...added]
        for (const { kind, scope, subject, keepUntil } of added) {
          const key = `${scope} ${subject}`
          const isNote = kind === 'ended' && (scope === 'session' || scope === 'token')
          if (isNote && (state.noted.get(key) ?? 0) < keepUntil) state.noted.set(key, keepUntil)
        }
        state.lastSeq = Math.max(state.lastSeq, last, added.at(-1)?.seq ?? 0)
        return state.lastSeq
      }),

    close: () => Promise.resolve(),
  }
}

function emptyState(): ModelState {
  return {
    records: new Map(),
    userEpochs: new Map(),
    epochOfAll: 0,
    lastEpoch: 0,
    noted: new Map(),
    log: [],
    lastSeq: 0,
    marks: new Map(),
  }
}

/** Async functions run at once up to their first `await`, and this has none: a call is one step. */
async function answer<T>(method: StoreMethod, { signal }: CallOptions, step: () => T): Promise<T> {
  if (signal?.aborted) throw new StoreTimeoutError(method, 'none', `${method} was aborted before it began.`)
  return step()
}

function endingOf({ at, reason, note, keepUntil }: EndRequest): Ending {
  return { at, reason, note, keepUntil }
}

function expiry(record: SessionRecord, keepFor: number): Ending {
  const { at, reason } = deadlineOf(record)
  return { at, reason, note: null, keepUntil: at + keepFor }
}

type Place = Pick<SessionRecord, 'createdAt' | 'id'>

function newestFirst(a: Place, b: Place): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt
  if (a.id === b.id) return 0
  return a.id < b.id ? 1 : -1
}

/** The cursor is the place of the last one answered, so that pages stay right when records come and go between them. */
function pageOf(sorted: readonly SessionRecord[], cursor: string | null, limit: number): Page<SessionRecord> {
  const left = cursor === null ? sorted : sorted.filter((record) => newestFirst(placeOf(cursor), record) < 0)
  const items = left.slice(0, limit)
  const last = items.at(-1)
  return { items, cursor: last !== undefined && left.length > items.length ? cursorOf(last) : null }
}

function cursorOf({ createdAt, id }: Place): string {
  return JSON.stringify([createdAt, id])
}

function placeOf(cursor: string): Place {
  const [createdAt, id] = JSON.parse(cursor) as [number, string]
  return { createdAt, id }
}
