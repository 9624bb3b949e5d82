import type { SessionRecord } from '../../core/record/record.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import { barrierStore } from '../barrier-store.ts'
import type { StoreMethod } from '../intercept.ts'
import { HOUR, type Kit, kitOf, later, storeCase, texts } from './kit.ts'

/** What ends Ada's session. */
interface Ending {
  readonly name: string
  readonly run: (kit: Kit, id: string) => Promise<unknown>
}

const endings: readonly Ending[] = [
  { name: 'end', run: ({ store, request }, id) => store.end(id, request()) },
  { name: 'endUser', run: ({ store, request }) => store.endUser('ada', request()) },
  { name: 'endUser with except', run: ({ store, request }) => store.endUser('ada', { ...request(), except: 'other' }) },
  { name: 'endAll', run: ({ store, request }) => store.endAll(request()) },
]

/** What a request that is under way may still do to the session that it has read. */
interface Write {
  readonly name: string
  readonly method: StoreMethod
  readonly run: (kit: Kit, read: SessionRecord) => Promise<unknown>
}

function authenticate({ store, start, rotation }: Kit, read: SessionRecord, ifUserEpoch?: number) {
  const set = texts({ role: '"admin"' })
  const assurance = { level: 1, methods: ['pwd'] }
  const authentication = { assurance, expiresAt: start + 24 * HOUR, idleFor: null, persistent: true, set }
  return store.rotate(read.id, rotation(read, { predecessor: null, authentication, ifUserEpoch }))
}

const writes: readonly Write[] = [
  {
    name: 'an update',
    method: 'update',
    run: ({ store, start }, { id }) => store.update(id, { at: start, set: texts({ a: '2' }) }),
  },
  {
    name: 'a touch',
    method: 'touch',
    run: ({ store, start }, { id }) => store.touch(id, start + 1, { interval: 0, seen: 0 }),
  },
  { name: 'a renewal', method: 'rotate', run: ({ store, rotation }, read) => store.rotate(read.id, rotation(read)) },
  { name: 'an authentication', method: 'rotate', run: (kit, read) => authenticate(kit, read) },
  {
    name: 'an updateUser',
    method: 'updateUser',
    run: ({ store, start }) => store.updateUser('ada', { at: start, set: texts({ a: '3' }) }),
  },
  { name: 'a repeated create', method: 'create', run: ({ store }, read) => store.create(read) },
]

const SIDES = ['stopBefore', 'stopAfter'] as const

const forced = writes.flatMap((write) =>
  endings.map((ending) =>
    storeCase(`race: ${write.name} under way does not survive ${ending.name}`, 4, async ({ store, start }) => {
      for (const side of SIDES) {
        const barriers = barrierStore(store)
        const kit = kitOf(barriers, start, side)
        const read = await kit.add({ userId: 'ada', data: texts({ a: '1' }) })
        const barrier = barriers[side](write.method)
        const late = write.run(kit, read)
        await barrier.reached
        await ending.run(kit, read.id)
        barrier.release()
        await late
        await expectOver(kit, read.id, side)
      }
    }),
  ),
)

const unforced = endings.map((ending) =>
  storeCase(`race: everything at once, and ${ending.name} is final`, 4, async (kit) => {
    for (let round = 0; round < 20; round++) {
      const read = await kit.add({ userId: 'ada', data: texts({ a: '1' }) })
      const all = [
        ...writes.map(
          ({ run }) =>
            () =>
              run(kit, read),
        ),
        () => ending.run(kit, read.id),
      ]
      await Promise.all(kit.random.shuffle(all).map((run, place) => later(place, run)))
      await expectOver(kit, read.id, `Round ${round}.`)
    }
  }),
)

const userEndings = endings.filter(({ name }) => name !== 'end')

const signInsForced = userEndings.map((ending) =>
  storeCase(`race: a sign-in begun before ${ending.name} does not outlive it`, 4, async ({ store, start }) => {
    for (const side of SIDES) {
      const barriers = barrierStore(store)
      const kit = kitOf(barriers, start, side)
      const ifUserEpoch = (await kit.store.userEpoch('ada')).epoch
      const record = kit.record({ userId: 'ada' })
      const barrier = barriers[side]('create')
      const signIn = kit.store.create(record, { ifUserEpoch })
      await barrier.reached
      await ending.run(kit, record.id)
      barrier.release()
      expectEqual((await signIn).outcome, side === 'stopBefore' ? 'user-changed' : 'created', side)
      await expectNeverAlive(kit, record.id, side)
    }
  }),
)

const signInsUnforced = userEndings.map((ending) =>
  storeCase(`race: a sign-in and ${ending.name} at once leave nothing alive`, 4, async (kit) => {
    for (let round = 0; round < 40; round++) {
      const ifUserEpoch = (await kit.store.userEpoch('ada')).epoch
      const record = kit.record({ userId: 'ada' })
      const signIn = () => kit.store.create(record, { ifUserEpoch })
      const end = () => ending.run(kit, record.id)
      // Each of the two is a little ahead of the other in half of the rounds.
      const lead = Math.floor(round / 2)
      await Promise.all(round % 2 === 0 ? [signIn(), later(lead, end)] : [end(), later(lead, signIn)])
      await expectNeverAlive(kit, record.id, `Round ${round}.`)
    }
  }),
)

const roles = [
  storeCase('race: a sign-in and updateUser at once leave no old role', 4, async (kit) => {
    for (let round = 0; round < 40; round++) {
      const ifUserEpoch = (await kit.store.userEpoch('ada')).epoch
      const record = kit.record({ userId: 'ada', data: texts({ role: '"admin"' }) })
      const signIn = () => kit.store.create(record, { ifUserEpoch })
      const lead = Math.floor(round / 2)
      await Promise.all(
        round % 2 === 0 ? [signIn(), later(lead, () => demote(kit))] : [demote(kit), later(lead, signIn)],
      )
      const role = (await kit.store.read(record.id))?.data.get('role') ?? '"user"'
      expectEqual(role, '"user"', `Round ${round}.`)
    }
  }),

  storeCase('race: an authentication in place and updateUser at once leave no old role', 4, async (kit) => {
    for (let round = 0; round < 40; round++) {
      const { id } = await kit.add({ userId: 'ada', data: texts({ role: '"user"' }) })
      const epoch = (await kit.store.userEpoch('ada')).epoch
      const read = await kit.stored(id)
      const again = () => authenticate(kit, read, epoch)
      const lead = Math.floor(round / 2)
      await Promise.all(round % 2 === 0 ? [again(), later(lead, () => demote(kit))] : [demote(kit), later(lead, again)])
      expectEqual((await kit.stored(id)).data.get('role'), '"user"', `Round ${round}.`)
      await kit.store.end(id, kit.request())
    }
  }),
]

export const raceCases = [...forced, ...unforced, ...signInsForced, ...signInsUnforced, ...roles]

function demote({ store, start }: Kit): Promise<readonly string[]> {
  return store.updateUser('ada', { at: start, set: texts({ role: '"user"' }) })
}

async function expectOver(kit: Kit, id: string, what: string): Promise<void> {
  const { ended, data, binding } = await kit.stored(id)
  expectEqual({ reason: ended?.reason, keys: data.size, binding }, { reason: 'revoked', keys: 0, binding: null }, what)
  expectEqual(await kit.listed('ada'), [], what)
}

async function expectNeverAlive(kit: Kit, id: string, what: string): Promise<void> {
  const record = await kit.store.read(id)
  expectTrue(record === null || record.ended !== null, `${what} It is alive.`)
  expectEqual(await kit.listed('ada'), [], what)
}
