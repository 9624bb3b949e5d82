import { expectEqual, expectTrue } from '../assert.ts'
import { DAY, ended, epochOf, HOUR, ids, type Kit, MINUTE, sorted, storeCase, texts, unnumbered } from './kit.ts'

const byId = <T extends { readonly id: string }>(records: readonly T[]): readonly T[] =>
  records.toSorted((a, b) => (a.id < b.id ? -1 : 1))

/** Three sessions of Ada's, one of Bob's, one of nobody's. */
async function population({ add }: Kit) {
  const data = texts({ role: '"admin"', cart: '[]' })
  return {
    ada: [await add({ userId: 'ada', data }), await add({ userId: 'ada', data }), await add({ userId: 'ada', data })],
    others: [await add({ userId: 'bob', data }), await add({ data })],
  }
}

async function expectUntouched({ stored }: Kit, records: readonly { readonly id: string }[]): Promise<void> {
  for (const record of records) expectEqual(await stored(record.id), record, 'A record of somebody else was touched.')
}

const endUserCases = [
  storeCase('endUser: ends all sessions of the user and says which', 4, async (kit) => {
    const { ada, others } = await population(kit)
    const request = kit.request({ note: 'stolen' })
    const answer = await kit.store.endUser('ada', request)
    const after = ada.map((record) => ended(record, request))
    expectEqual(byId(answer), byId(after))
    for (const record of after) expectEqual(await kit.stored(record.id), record)
    expectEqual((await kit.store.listUser('ada')).items, [])
    await expectUntouched(kit, others)
  }),

  storeCase('endUser: is one entry for the user in the log', 11, async (kit) => {
    await population(kit)
    await kit.store.endUser('ada', kit.request())
    await kit.store.endUser('nobody', kit.request({ reason: 'signed-out' }))
    const entry = { kind: 'ended', scope: 'user', at: kit.start + MINUTE, keepUntil: kit.start + 7 * DAY }
    expectEqual(unnumbered(await kit.log()), [
      { ...entry, subject: 'ada', reason: 'revoked' },
      { ...entry, subject: 'nobody', reason: 'signed-out' },
    ])
  }),

  storeCase('endUser: except leaves one as it was', 4, async (kit) => {
    const { ada, others } = await population(kit)
    const [first, kept, third] = ada
    const answer = await kit.store.endUser('ada', { ...kit.request(), except: kept?.id })
    expectEqual(sorted(ids(answer)), sorted([first?.id ?? '', third?.id ?? '']))
    expectEqual((await kit.store.listUser('ada')).items, [kept])
    await expectUntouched(kit, others)
  }),

  storeCase('endUser: with except there is one entry for each session ended', 11, async (kit) => {
    const { ada } = await population(kit)
    const [first, kept, third] = ids(ada)
    await kit.store.endUser('ada', { ...kit.request(), except: kept })
    const entries = unnumbered(await kit.log())
    const entry = { kind: 'ended', at: kit.start + MINUTE, reason: 'revoked', keepUntil: kit.start + 7 * DAY }
    const subjects = sorted([first ?? '', third ?? ''])
    const inOrder = entries.toSorted((a, b) => ((a.subject ?? '') < (b.subject ?? '') ? -1 : 1))
    expectEqual(
      inOrder,
      subjects.map((subject) => ({ scope: 'session', subject, ...entry })),
    )
  }),

  storeCase("endUser: except somebody else's session spares nobody", 4, async (kit) => {
    const { ada, others } = await population(kit)
    const answer = await kit.store.endUser('ada', { ...kit.request(), except: others[0]?.id })
    expectEqual(sorted(ids(answer)), sorted(ids(ada)))
    await expectUntouched(kit, others)
  }),

  storeCase('endUser: what had ended keeps its reason and is not answered', 11, async (kit) => {
    const [first, second] = (await population(kit)).ada
    await kit.store.end(first?.id ?? '', kit.request({ reason: 'signed-out' }))
    const answer = await kit.store.endUser('ada', kit.request({ at: kit.start + HOUR }))
    expectEqual([ids(answer).includes(first?.id ?? ''), ids(answer).includes(second?.id ?? '')], [false, true])
    expectEqual((await kit.stored(first?.id ?? '')).ended?.reason, 'signed-out')
    expectEqual(await kit.store.endUser('ada', kit.request()), [], 'Once more.')
  }),

  storeCase(
    'endUser: raises the epoch, also of a user without a session',
    4,
    async ({ store, add, request, start }) => {
      await add({ userId: 'ada' })
      for (const userId of ['ada', 'nobody']) {
        const before = (await store.userEpoch(userId)).epoch
        await store.endUser(userId, request())
        const after = (await store.userEpoch(userId)).epoch
        expectTrue(after > before, `The epoch of ${userId} was not raised.`)
        await store.endUser(userId, { ...request({ at: start + HOUR }), except: 'no-such-session' })
        expectTrue((await store.userEpoch(userId)).epoch > after, `The epoch of ${userId} was not raised again.`)
      }
    },
  ),

  storeCase('endUser: ends 250 sessions', 4, async ({ store, add, request }) => {
    for (let i = 0; i < 250; i++) await add({ userId: 'ada' })
    expectEqual((await store.endUser('ada', request())).length, 250)
    expectEqual((await store.listUser('ada')).items, [])
  }),
]

const updateUserCases = [
  storeCase('updateUser: changes the data of all live sessions of the user and says which', 5, async (kit) => {
    const { ada, others } = await population(kit)
    const change = { at: kit.start, set: texts({ role: '"user"' }), unset: ['cart'] }
    expectEqual(sorted(await kit.store.updateUser('ada', change)), sorted(ids(ada)))
    for (const record of ada) {
      expectEqual(await kit.stored(record.id), { ...record, data: texts({ role: '"user"' }), version: 1 })
    }
    await expectUntouched(kit, others)
  }),

  storeCase('updateUser: leaves alone what has ended or expired', 4, async (kit) => {
    const { store, add, stored, start, request } = kit
    const finished = await add({ userId: 'ada' })
    await store.end(finished.id, request({ at: start }))
    const expired = await add({ userId: 'ada', expiresAt: start + HOUR, idleFor: null })
    const live = await add({ userId: 'ada', expiresAt: start + HOUR + 1, idleFor: null })
    const before = await stored(finished.id)
    expectEqual(await store.updateUser('ada', { at: start + HOUR, set: texts({ a: '1' }) }), [live.id])
    expectEqual(await stored(finished.id), before)
    expectEqual(await stored(expired.id), expired)
  }),

  storeCase('updateUser: raises the epoch, also of a user without a session', 4, async ({ store, add, start }) => {
    await add({ userId: 'ada' })
    for (const userId of ['ada', 'nobody']) {
      const before = (await store.userEpoch(userId)).epoch
      await store.updateUser(userId, { at: start, set: texts({ a: '1' }) })
      expectTrue((await store.userEpoch(userId)).epoch > before, `The epoch of ${userId} was not raised.`)
    }
  }),

  storeCase(
    'updateUser: loses no change that a session makes of other keys',
    5,
    async ({ store, add, stored, start }) => {
      const { id } = await add({ userId: 'ada' })
      const own = Array.from({ length: 20 }, (_, i) =>
        store.update(id, { at: start, set: texts({ [`own ${i}`]: '1' }) }),
      )
      const all = Array.from({ length: 5 }, (_, i) =>
        store.updateUser('ada', { at: start, set: texts({ [`all ${i}`]: '1' }) }),
      )
      await Promise.all([...own, ...all])
      const { data, version } = await stored(id)
      expectEqual([data.size, version], [25, 25])
    },
  ),
]

const endAllCases = [
  storeCase("endAll: ends everybody's sessions, the anonymous ones too, and counts them", 4, async (kit) => {
    const { ada, others } = await population(kit)
    const [first, ...rest] = [...ada, ...others]
    await kit.store.end(first?.id ?? '', kit.request({ reason: 'signed-out' }))
    const request = kit.request({ at: kit.start + HOUR })
    expectEqual(await kit.store.endAll(request), rest.length)
    for (const record of rest) expectEqual(await kit.stored(record.id), ended(record, request))
    expectEqual((await kit.stored(first?.id ?? '')).ended?.reason, 'signed-out')
    expectEqual((await kit.store.listUser('ada')).items, [])
    expectEqual(await kit.store.endAll(request), 0, 'Once more.')
  }),

  storeCase('endAll: is one entry in the log', 11, async (kit) => {
    await population(kit)
    await kit.store.endAll(kit.request())
    const entry = { kind: 'ended', scope: 'all', subject: null, reason: 'revoked' }
    expectEqual(unnumbered(await kit.log()), [{ ...entry, at: kit.start + MINUTE, keepUntil: kit.start + 7 * DAY }])
  }),

  storeCase('endAll: raises every epoch, of unknown users too', 4, async ({ store, add, request }) => {
    await add({ userId: 'ada' })
    await store.endUser('bob', request())
    const users = ['ada', 'bob', 'nobody']
    const before = await Promise.all(users.map((userId) => epochOf(store, userId)))
    await store.endAll(request())
    const after = await Promise.all(users.map((userId) => epochOf(store, userId)))
    expectEqual(
      after.map((epoch, i) => epoch > (before[i] ?? 0)),
      [true, true, true],
    )
  }),

  storeCase('endAll: ends 1,200 sessions', 4, async ({ store, add, stored, request }) => {
    const added: string[] = []
    for (let i = 0; i < 1_200; i++) added.push((await add(i % 2 === 0 ? {} : { userId: `user ${i % 100}` })).id)
    expectEqual(await store.endAll(request()), 1_200)
    for (const id of added) expectEqual((await stored(id)).ended?.reason, 'revoked')
  }),

  storeCase('endAll: does not stand in the way of new sessions', 15, async ({ store, add, request, listed }) => {
    await add({ userId: 'ada' })
    await store.endAll(request())
    const fresh = await add({ userId: 'ada' }, { ifUserEpoch: (await store.userEpoch('ada')).epoch })
    expectEqual(await listed('ada'), [fresh])
  }),
]

const epochCases = [
  storeCase('userEpoch: a whole number from 0, also for unknown users', 15, async ({ store }) => {
    const numbers = await store.userEpoch('nobody')
    for (const number of [numbers.epoch, numbers.endEpoch]) {
      expectTrue(Number.isSafeInteger(number) && number >= 0, `${number} is no epoch.`)
    }
    expectEqual(await store.userEpoch('nobody'), numbers, 'Asking does not change it.')
  }),

  storeCase('userEpoch: raised by nothing that leaves the user as a whole alone', 15, async (kit) => {
    const { store, add, start, request, rotation, record } = kit
    const before = await store.userEpoch('ada')
    const first = await add({ userId: 'ada' }, { limit: { max: 1, strategy: 'end-oldest', keepUntil: start + DAY } })
    await store.update(first.id, { at: start, set: texts({ a: '1' }) })
    await store.rotate(first.id, rotation(first))
    await store.touch(first.id, start + MINUTE, { interval: 0 })
    await store.create(record({ userId: 'ada' }), { limit: { max: 1, strategy: 'end-oldest', keepUntil: start + DAY } })
    await store.end((await add({ userId: 'ada' })).id, request())
    await store.endUser('bob', request())
    await store.updateUser('bob', { at: start })
    expectEqual(await store.userEpoch('ada'), before)
  }),

  storeCase('userEpoch: only grows, also when all of the user has been swept away', 4, async (kit) => {
    const { store, add, start, request } = kit
    let last = (await store.userEpoch('ada')).epoch
    for (let round = 0; round < 3; round++) {
      await add({ userId: 'ada' })
      await store.endUser('ada', request({ at: start, keepUntil: start + 1 }))
      await store.endAll(request({ at: start, keepUntil: start + 1 }))
      const raised = (await store.userEpoch('ada')).epoch
      expectTrue(raised > last, 'It was not raised.')
      await store.sweep(start + 365 * DAY, { limit: 100, keepFor: 0 })
      last = (await store.userEpoch('ada')).epoch
      expectTrue(last >= raised, 'A sweep has lowered it.')
    }
  }),

  storeCase(
    'userEpoch: endEpoch is raised by endUser without except and by endAll, and by nothing else',
    4,
    async (kit) => {
      const { store, start, request } = kit
      const endEpoch = async () => (await store.userEpoch('ada')).endEpoch
      const none = await endEpoch()
      await store.updateUser('ada', { at: start, set: texts({ a: '1' }) })
      await store.endUser('ada', { ...request(), except: 'spared' })
      expectEqual(await endEpoch(), none, 'A session that was spared would be over.')
      await store.endUser('ada', request())
      const byUser = await store.userEpoch('ada')
      expectEqual(byUser.endEpoch, byUser.epoch)
      expectTrue(byUser.endEpoch > none, 'endUser did not raise it.')
      await store.updateUser('ada', { at: start + DAY, set: texts({ a: '2' }) })
      expectEqual(await endEpoch(), byUser.endEpoch, 'A change of data ends nobody.')
      await store.endAll(request())
      expectTrue((await endEpoch()) > byUser.endEpoch, 'endAll did not raise it.')
    },
  ),

  storeCase('userEpoch: after endAll, endUser, updateUser and endAll raise it again', 4, async (kit) => {
    const { store, record, start, request } = kit
    for (let i = 0; i < 3; i++) await store.endUser('ada', request())
    await store.endAll(request())
    const raises = [
      () => store.endUser('ada', request()),
      () => store.updateUser('ada', { at: start, set: texts({ a: '1' }) }),
      () => store.endAll(request()),
    ]
    for (const raise of raises) {
      const ifUserEpoch = await epochOf(store, 'ada')
      await raise()
      expectTrue((await epochOf(store, 'ada')) > ifUserEpoch, 'It was not raised.')
      const late = record({ userId: 'ada' })
      expectEqual(await store.create(late, { ifUserEpoch }), { outcome: 'user-changed' })
    }
  }),

  storeCase('userEpoch: a raise is the time of the change, or one above the number before', 4, async (kit) => {
    const { store, start, request } = kit
    await store.endUser('ada', request({ at: start + HOUR }))
    expectEqual(await store.userEpoch('ada'), { epoch: start + HOUR, endEpoch: start + HOUR })
    await store.updateUser('ada', { at: start, set: texts({ a: '1' }) })
    expectEqual(await epochOf(store, 'ada'), start + HOUR + 1, 'By a clock that is behind.')
  }),

  storeCase('userEpoch: when it was forgotten, the next one is above it all the same', 4, async (kit) => {
    const { store, start, request } = kit
    await store.endUser('ada', { ...request({ at: start, keepUntil: start + 1 }), forgetAt: start + HOUR })
    const before = await store.userEpoch('ada')
    await sweepUntilDone(kit, start + HOUR - 1)
    expectEqual(await store.userEpoch('ada'), before, 'It was forgotten too early.')
    await sweepUntilDone(kit, start + HOUR)
    await store.endUser('ada', request({ at: start + HOUR }))
    const after = await store.userEpoch('ada')
    expectTrue(after.epoch > before.epoch && after.endEpoch > before.endEpoch, 'It came back lower.')
  }),

  storeCase('userEpoch: a later change that may be forgotten sooner shortens nothing', 4, async (kit) => {
    const { store, start, request } = kit
    await store.endUser('ada', { ...request({ at: start }), forgetAt: start + DAY })
    await store.updateUser('ada', { at: start, set: texts({ a: '1' }), forgetAt: start + HOUR })
    const before = await store.userEpoch('ada')
    await sweepUntilDone(kit, start + DAY - 1)
    expectEqual(await store.userEpoch('ada'), before, 'The ending was forgotten too early.')
  }),

  storeCase(
    'userEpoch: what was begun with a number that was forgotten since is not changed by that',
    4,
    async (kit) => {
      const { store, record, start, request } = kit
      await store.endUser('ada', { ...request({ at: start, keepUntil: start + 1 }), forgetAt: start + HOUR })
      const ifUserEpoch = await epochOf(store, 'ada')
      await sweepUntilDone(kit, start + HOUR)
      const late = record({ userId: 'ada' })
      expectEqual(await store.create(late, { ifUserEpoch }), { outcome: 'created', ended: [] })
      await store.updateUser('ada', { at: start, set: texts({ a: '1' }) })
      expectEqual(await store.create(record({ userId: 'ada' }), { ifUserEpoch }), { outcome: 'user-changed' })
    },
  ),

  storeCase('userEpoch: endAll raises it above every number, also one of a clock that is ahead', 4, async (kit) => {
    const { store, record, start, request, log } = kit
    await store.endUser('ada', request({ at: start + DAY }))
    const ahead = await store.userEpoch('ada')
    await store.endAll(request({ at: start }))
    const after = await store.userEpoch('ada')
    expectTrue(after.epoch > ahead.epoch && after.endEpoch > ahead.endEpoch, 'It was not raised.')
    expectTrue(((await log()).at(-1)?.count ?? 0) > ahead.epoch, 'The entry for all does not reach the user.')
    const late = record({ userId: 'ada' })
    expectEqual(await store.create(late, { ifUserEpoch: ahead.epoch }), { outcome: 'user-changed' })
  }),

  storeCase('userEpoch: each of 20 parallel calls raises it', 4, async ({ store, request }) => {
    const before = (await store.userEpoch('ada')).epoch
    await Promise.all(Array.from({ length: 20 }, () => store.endUser('ada', request())))
    expectTrue((await store.userEpoch('ada')).epoch >= before + 20, 'A raise was lost.')
  }),
]

async function sweepUntilDone({ store }: Kit, now: number): Promise<void> {
  while ((await store.sweep(now, { limit: 100, keepFor: 0 })).more);
}

export const userCases = [...endUserCases, ...updateUserCases, ...endAllCases, ...epochCases]
