import fc from 'fast-check'
import type { SessionRecord } from '../../../src/core/record.ts'
import { expectTrue } from '../../../src/testing/index.ts'
import { create, end, read, rotate, touch, update } from './record-calls.ts'
import { levelled, listOf, logOf } from './state.ts'
import { change, DAY, HOUR, id, MINUTE, optional, request, SECOND, time, user } from './values.ts'
import { commandOf, timeFor } from './world.ts'

/** A sign-in that is under way from now on. */
const begin = commandOf('begin', user, (userId) => async ({ store, begun }) => {
  begun.set(userId, (await store.userEpoch(userId)).epoch)
})

const ending = fc.record({ userId: user, request, except: fc.option(id, optional) })

const endUser = commandOf('endUser', ending, ({ userId, request: { reason, note, keep }, except }, { now }) => {
  const asked = { at: now, reason, note, keepUntil: now + keep, except }
  return async ({ store }) => levelled(await store.endUser(userId, asked))
})

const updateUser = commandOf('updateUser', fc.record({ userId: user, change }), (given, { now }) => {
  const asked = { at: now, ...given.change }
  return async ({ store }) => (await store.updateUser(given.userId, asked)).toSorted()
})

const endAll = commandOf('endAll', request, ({ reason, note, keep }, { now }) => {
  return ({ store }) => store.endAll({ at: now, reason, note, keepUntil: now + keep })
})

const listing = fc.record({ userId: user, limit: fc.option(fc.integer({ min: 1, max: 4 }), optional) })

const list = commandOf('list', listing, ({ userId, limit }) => {
  return ({ store }) => listOf(store, userId, limit)
})

/** Goes on in the log from an entry, by its place. */
const follow = commandOf('follow', fc.nat(20), (place) => async ({ store }) => {
  const since = (await store.changes(0))[place]?.seq ?? 0
  return logOf(await store.changes(since))
})

const sweeping = fc.record({
  limit: fc.constantFrom(1, 2, 1_000),
  keepFor: fc.constantFrom(0, MINUTE, DAY),
  at: time,
  of: id,
})

/** Batch by batch to the end: how much one of them does is the store's own affair. */
const sweep = commandOf('sweep', sweeping, async ({ limit, keepFor, at, of }, { model, now }) => {
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
    return { expired: levelled(expired), removed }
  }
})

const pause = fc.constantFrom(SECOND, SECOND, SECOND, 20 * SECOND, MINUTE - 1, MINUTE, 30 * MINUTE, HOUR, DAY)

const wait = commandOf('wait', pause, (ms, world) => {
  world.now += ms
  return async () => null
})

/** Mostly what finds a live record and leaves it alive. */
export const commands = fc.array(
  fc.oneof(
    { arbitrary: create, weight: 14 },
    { arbitrary: update, weight: 14 },
    { arbitrary: rotate, weight: 14 },
    { arbitrary: touch, weight: 12 },
    { arbitrary: end, weight: 2 },
    { arbitrary: begin, weight: 4 },
    { arbitrary: endUser, weight: 1 },
    { arbitrary: updateUser, weight: 2 },
    { arbitrary: endAll, weight: 1 },
    { arbitrary: read, weight: 1 },
    { arbitrary: list, weight: 2 },
    { arbitrary: follow, weight: 1 },
    { arbitrary: sweep, weight: 2 },
    { arbitrary: wait, weight: 4 },
  ),
  { maxLength: 80, size: 'max' },
)
