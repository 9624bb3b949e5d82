import { describe, expect, test } from 'vitest'
import type { SessionRecord } from '../../src/core/record/record.ts'
import type { Store } from '../../src/core/store/store.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { copyStore, movingStore } from '../../src/stores/moving.ts'
import { type BarrierStore, barrierStore } from '../../src/testing/index.ts'
import { add, aRecord, ending, HOUR, MINUTE, START } from '../unit/stores/records.ts'

/** Two processes over the same two stores; the first can be stopped at each of its calls. */
interface World {
  readonly from: BarrierStore
  readonly to: BarrierStore
  readonly slow: Store
  readonly other: Store
  readonly session: SessionRecord
}

async function newWorld(): Promise<World> {
  const [old, fresh] = [memoryStore(), memoryStore()]
  const [from, to] = [barrierStore(old), barrierStore(fresh)]
  const session = await add(old, { userId: 'ada', data: new Map([['role', '"admin"']]) })
  return { from, to, slow: movingStore({ from, to }), other: movingStore({ from: old, to: fresh }), session }
}

const AT = START + MINUTE
const set = (key: string, text: string) => ({ at: AT, set: new Map([[key, text]]) })

/** What one process is at when it is stopped with a record in its hands that it has read in the old store. */
const bringers: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'an update': ({ slow, session }) => slow.update(session.id, set('a', '1')),
  'a touch': ({ slow, session }) => slow.touch(session.id, AT, { interval: 0 }),
  'a renewal': ({ slow, session }) =>
    slow.rotate(session.id, {
      at: AT,
      from: session.secretHash,
      to: 'next',
      generation: 1,
      predecessor: { nonce: 'nonce', keyId: 'k1' },
    }),
  'a list': ({ slow }) => slow.listUser('ada'),
  'a copy': ({ from, to }) => copyStore(from, to),
}

const newcomer = (store: Store) => aRecord(store, { userId: 'ada', createdAt: AT })

const endings: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  end: ({ other, session }) => other.end(session.id, ending),
  endUser: ({ other }) => other.endUser('ada', ending),
  'endUser with except': ({ other }) => other.endUser('ada', { ...ending, except: 'another' }),
  endAll: ({ other }) => other.endAll(ending),
  'a limit': ({ other }) =>
    other.create(newcomer(other), {
      limit: { max: 1, strategy: 'end-oldest', keepUntil: START + HOUR },
    }),
}

describe.each(Object.entries(bringers))('%s that has read a session in the old store', (_, bring) => {
  test.each(Object.entries(endings))('does not bring it back after %s', async (name, end) => {
    const world = await newWorld()
    const barrier = world.to.stopBefore('adopt')
    const bringing = bring(world)
    await barrier.reached
    await end(world)
    barrier.release()
    const brought = await bringing
    // A copy that had to mend would say that somebody works with the old store alone.
    if (bring === bringers['a copy']) expect(brought).toMatchObject({ behind: 0 })
    for (const store of [world.slow, world.other, world.from, world.to]) {
      const record = await store.read(world.session.id)
      // Whoever ends all without knowing of it may leave it in the old store alone.
      if (name === 'endAll' && store === world.to) expect(record?.ended ?? null).toEqual(record && expect.anything())
      else expect(record?.ended).not.toBeNull()
    }
  })

  test.each([
    ['an update', ({ other, session }: World) => other.update(session.id, set('role', '"user"'))],
    ['updateUser', ({ other }: World) => other.updateUser('ada', set('role', '"user"'))],
  ])('does not undo %s', async (__, change) => {
    const world = await newWorld()
    const barrier = world.to.stopBefore('adopt')
    const bringing = bring(world)
    await barrier.reached
    await change(world)
    barrier.release()
    await bringing
    for (const store of [world.slow, world.other, world.to]) {
      expect((await store.read(world.session.id))?.data.get('role')).toBe('"user"')
    }
  })
})

test.each([
  ['from', 'stopBefore'],
  ['from', 'stopAfter'],
  ['to', 'stopBefore'],
  ['to', 'stopAfter'],
] as const)('what is brought while all sessions are ended, %s %s, has ended after it', async (place, stop) => {
  const world = await newWorld()
  const barrier = world[place][stop]('endAll')
  const late = world.slow.endAll(ending)
  await barrier.reached
  await world.other.update(world.session.id, set('a', '1'))
  await world.other.listUser('ada')
  barrier.release()
  await late
  expect((await world.other.read(world.session.id))?.ended?.reason).toBe('revoked')
  expect((await world.to.read(world.session.id))?.ended ?? 'nothing').not.toBeNull()
})

test('a sign-in that was begun before the move is refused while the ending of its user is half done', async () => {
  const { from, to, slow, other } = await newWorld()
  for (let i = 0; i < 5; i++) await from.updateUser('ada', { at: AT })
  const begun = (await from.userEpoch('ada')).epoch
  for (let i = 0; i < 4; i++) await to.updateUser('somebody', { at: AT })
  const barrier = from.stopBefore('endUser')
  const late = slow.endUser('ada', ending)
  await barrier.reached
  expect(await other.create(newcomer(other), { ifUserEpoch: begun })).toEqual({ outcome: 'user-changed' })
  barrier.release()
  await late
})

test('an ending that is half done is seen by every process', async () => {
  const { from, to, slow, other, session } = await newWorld()
  const barrier = from.stopBefore('end')
  const late = slow.end(session.id, ending)
  await barrier.reached
  expect((await other.read(session.id))?.ended?.reason).toBe('revoked')
  await copyStore(from, to)
  barrier.release()
  expect((await late).outcome).toBe('ended')
  expect((await to.read(session.id))?.ended?.reason).toBe('revoked')
})

test('a read that did not find it in the new store sees that it has ended in the old one', async () => {
  const { from, slow, other, session } = await newWorld()
  const barrier = from.stopBefore('read')
  const late = slow.read(session.id)
  await barrier.reached
  await other.end(session.id, ending)
  barrier.release()
  expect((await late)?.ended?.reason).toBe('revoked')
})

test.each<[string, (world: World) => Promise<unknown>]>([
  ['endUser', ({ other }) => other.endUser('ada', ending)],
  ['updateUser', ({ other }) => other.updateUser('ada', set('a', '1'))],
  ['endAll', ({ other }) => other.endAll(ending)],
])('a sign-in that was begun before the move does not outlive %s in it', async (_, change) => {
  const world = await newWorld()
  const { from, to, slow, other } = world
  for (let i = 0; i < 5; i++) await from.endUser('ada', ending)
  const begun = (await from.userEpoch('ada')).epoch
  // As many raises as the old store had: the numbers of the two must not meet by accident.
  for (let i = 0; i < 4; i++) await to.endAll(ending)
  await change(world)
  const refused = { outcome: 'user-changed' }
  for (const store of [slow, other]) {
    expect(await store.create(newcomer(store), { ifUserEpoch: begun })).toEqual(refused)
  }
  await copyStore(from, to)
  expect(await to.create(newcomer(to), { ifUserEpoch: begun })).toEqual(refused)
  const [before, now] = [(await from.userEpoch('ada')).epoch, (await slow.userEpoch('ada')).epoch]
  expect(now).toBeGreaterThanOrEqual(before)
  expect((await slow.create(newcomer(slow), { ifUserEpoch: now })).outcome).toBe('created')
})

test('two processes that start at once bring the log once, in its order, and whoever reads it goes on', async () => {
  const { from, to, slow, other, session } = await newWorld()
  const gone = await Promise.all([1, 2, 3].map(() => add(from)))
  for (const { id } of gone) await from.end(id, ending)
  const before = await from.changes(0)
  const barrier = to.stopBefore('adoptChanges', { nth: 2 })
  const late = slow.end((await add(from)).id, ending)
  await barrier.reached
  await other.end(session.id, ending)
  barrier.release()
  await late
  const log = await slow.changes(0)
  expect(log.slice(0, 3)).toEqual(before)
  expect(log.map(({ subject }) => subject).slice(3, 4)).toEqual([session.id])
  expect(log).toHaveLength(5)
  expect(await other.changes(before.at(-1)?.seq ?? 0)).toEqual(log.slice(3))
  // A third one that starts later takes nothing of what the old store was told for older.
  expect(await movingStore({ from, to }).changes(0)).toEqual(log)
  expect(log.map(({ seq }) => seq)).toEqual(log.map(({ seq }) => seq).toSorted((a, b) => a - b))
})
