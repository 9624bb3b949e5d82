import type { SessionRecord } from '../../core/record/record.ts'
import type { Note } from '../../core/store/store.ts'
import { expectTrue } from '../assert.ts'
import { type Generator, integer, oneOf, optional, record, weighted } from './generators.ts'
import { create, end, read, rotate, touch, update } from './record-calls.ts'
import { levelled, listOf, logOf } from './state.ts'
import { change, DAY, HOUR, id, MINUTE, request, SECOND, time, user } from './values.ts'
import { type Command, commandOf, timeFor } from './world.ts'

/** A sign-in that is under way from now on. */
const begin = commandOf('begin', user, (userId) => async ({ store, begun }) => {
  begun.set(userId, (await store.userEpoch(userId)).epoch)
})

const ending = record({ userId: user, request, except: optional(id) })

const endUser = commandOf('endUser', ending, ({ userId, request: { reason, note, keep }, except }, { now }) => {
  const asked = { at: now, reason, note, keepUntil: now + keep, except }
  return async ({ store }) => levelled(await store.endUser(userId, asked))
})

const updateUser = commandOf('updateUser', record({ userId: user, change }), (given, { now }) => {
  const asked = { at: now, ...given.change }
  return async ({ store }) => (await store.updateUser(given.userId, asked)).toSorted()
})

const endAll = commandOf('endAll', request, ({ reason, note, keep }, { now }) => {
  return ({ store }) => store.endAll({ at: now, reason, note, keepUntil: now + keep })
})

const listing = record({ userId: user, limit: optional(integer(1, 4)) })

const list = commandOf('list', listing, ({ userId, limit }) => {
  return ({ store }) => listOf(store, userId, limit)
})

/** Goes on in the log from an entry, by its place. */
const follow = commandOf('follow', integer(0, 20), (place, { withLog }) => async ({ store }) => {
  if (!withLog) return null
  const log = await store.changes(0)
  const { at } = log[place] ?? {}
  // Not between entries of one call, which have no order among them.
  const since = log.slice(0, place).findLast((entry) => entry.at !== at)?.seq ?? 0
  return logOf(await store.changes(since))
})

const sweeping = record({
  limit: oneOf(1, 2, 1_000),
  keepFor: oneOf(0, MINUTE, DAY),
  at: time,
  of: id,
})

/** Batch by batch to the end: how much one of them does is the store's own affair. */
const sweep = commandOf('sweep', sweeping, async ({ limit, keepFor, at, of }, { model, now, withLog }) => {
  const until = timeFor(now, await model.read(of), at)
  return async ({ store }) => {
    const expired: SessionRecord[] = []
    let removed = 0
    for (let more = true, batches = 0; more; batches++) {
      expectTrue(batches < 1_000, 'The sweep does not come to an end.')
      const swept = await store.sweep(until, { limit, keepFor })
      expired.push(...swept.expired)
      removed += swept.removed
      more = swept.more
    }
    return { expired: levelled(expired), removed: withLog ? removed : null }
  }
})

const pause = oneOf(SECOND, SECOND, SECOND, 20 * SECOND, MINUTE - 1, MINUTE, 30 * MINUTE, HOUR, DAY)

const wait = commandOf('wait', pause, (ms, world) => {
  world.now += ms
  return async () => null
})

const noting = record({
  scope: oneOf<Note['scope']>('session', 'token'),
  subject: id,
  count: integer(0, 9),
  keep: oneOf(MINUTE, DAY),
})

const note = commandOf('note', noting, ({ keep, ...given }, { now }) => {
  return async ({ store }) => await store.note([{ ...given, at: now, reason: 'revoked', keepUntil: now + keep }])
})

/** Mostly what finds a live record and leaves it alive. */
export const command: Generator<Command> = weighted(
  [14, create],
  [14, update],
  [14, rotate],
  [12, touch],
  [2, end],
  [4, begin],
  [1, endUser],
  [2, updateUser],
  [1, endAll],
  [1, note],
  [1, read],
  [2, list],
  [1, follow],
  [2, sweep],
  [4, wait],
)
