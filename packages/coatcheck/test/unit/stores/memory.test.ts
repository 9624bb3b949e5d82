import { describe, expect, it } from 'vitest'
import type { SessionRecord } from '../../../src/core/record/record.ts'
import type { FeedListener } from '../../../src/core/store/capabilities.ts'
import type { Change, Store } from '../../../src/core/store/store.ts'
import { memoryStore } from '../../../src/stores/memory.ts'
import { add, aRecord, ending, HOUR, ids, isThere, MINUTE, nastyData, START } from './records.ts'

const code = (name: string) => expect.objectContaining({ code: name })

async function addMany(store: Store, count: number, fields: Partial<SessionRecord> = {}): Promise<SessionRecord[]> {
  const records: SessionRecord[] = []
  for (let i = 0; i < count; i++) records.push(await add(store, fields))
  return records
}

describe('the options', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse maxSessions %s', (maxSessions) => {
    expect(() => memoryStore({ maxSessions })).toThrow(code('ERR_OPTION'))
  })

  it('name the namespace', () => {
    expect(memoryStore().namespace).toBe('default')
    expect(memoryStore({ namespace: 'shop' }).namespace).toBe('shop')
  })
})

describe('records', () => {
  it('are the same object at each read, and not the one that was given', async () => {
    const store = memoryStore()
    const data = new Map([['cart', '[]']])
    const { id } = await add(store, { data })
    data.set('cart', '["hat"]')
    const read = await store.read(id)
    expect(read?.data.get('cart')).toBe('[]')
    expect(await store.read(id)).toBe(read)
  })

  it('that were read do not change with the store', async () => {
    const store = memoryStore()
    const { id } = await add(store, { data: new Map([['n', '1']]) })
    const before = await store.read(id)
    await store.update(id, { at: START, set: new Map([['n', '2']]) })
    expect(before?.data.get('n')).toBe('1')
    expect((await store.read(id))?.data.get('n')).toBe('2')
  })

  it('keep nasty keys and texts as they are', async () => {
    const store = memoryStore()
    const { id } = await add(store)
    await store.update(id, { at: START, set: nastyData() })
    expect((await store.read(id))?.data).toEqual(nastyData())
  })
})

describe('parallel calls', () => {
  it('that change 50 different keys leave 50 keys', async () => {
    const store = memoryStore()
    const { id } = await add(store)
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`)
    await Promise.all(keys.map((key) => store.update(id, { at: START, set: new Map([[key, '1']]) })))
    expect([...((await store.read(id))?.data.keys() ?? [])].sort()).toEqual(keys.sort())
  })

  it('that create never exceed the limit', async () => {
    const store = memoryStore()
    const limit = { max: 3, strategy: 'end-oldest', keepUntil: START + HOUR } as const
    const records = Array.from({ length: 50 }, () => aRecord(store, { userId: 'ada' }))
    const results = await Promise.all(records.map((record) => store.create(record, { limit })))
    expect(results.flatMap((result) => (result.outcome === 'created' ? result.ended : []))).toHaveLength(47)
    expect((await store.listUser('ada')).items).toHaveLength(3)
  })
})

describe('a full store', () => {
  it('forgets what has ended first, in the order of ending', async () => {
    const store = memoryStore({ maxSessions: 3 })
    const [a, b, c] = (await addMany(store, 3)) as [SessionRecord, SessionRecord, SessionRecord]
    await store.end(b.id, ending)
    await store.end(a.id, ending)
    const d = await add(store)
    expect(await isThere(store, b)).toBe(false)
    expect(await isThere(store, a)).toBe(true)
    expect(await isThere(store, c)).toBe(true)
    expect(await isThere(store, d)).toBe(true)
  })

  it('forgets what has expired next', async () => {
    const store = memoryStore({ maxSessions: 2 })
    const early = await add(store, { idleFor: 5 * MINUTE })
    const late = await add(store, { userId: 'ada' })
    const after = await add(store, { createdAt: START + 5 * MINUTE })
    expect(await isThere(store, early)).toBe(false)
    expect(await isThere(store, late)).toBe(true)
    expect(await isThere(store, after)).toBe(true)
  })

  it('refuses anonymous sessions and leaves all others alone', async () => {
    const store = memoryStore({ maxSessions: 2 })
    const present = [await add(store), await add(store, { userId: 'ada' })]
    await expect(store.create(aRecord(store))).rejects.toThrow(code('ERR_STORE_FULL'))
    for (const record of present) expect(await isThere(store, record)).toBe(true)
  })

  it('evicts the oldest anonymous session for a signed-in one', async () => {
    const store = memoryStore({ maxSessions: 3 })
    const ada = await add(store, { userId: 'ada' })
    const [first, second] = (await addMany(store, 2)) as [SessionRecord, SessionRecord]
    await add(store, { userId: 'bob' })
    expect(await isThere(store, first)).toBe(false)
    expect(await isThere(store, second)).toBe(true)
    expect(await isThere(store, ada)).toBe(true)
  })

  it('never evicts a signed-in session', async () => {
    const store = memoryStore({ maxSessions: 2 })
    const present = await addMany(store, 2, { userId: 'ada' })
    await expect(store.create(aRecord(store, { userId: 'bob' }))).rejects.toThrow(code('ERR_STORE_FULL'))
    for (const record of present) expect(await isThere(store, record)).toBe(true)
    expect(await store.stats()).toEqual({ anonymous: 0, signedIn: 2, ended: 0 })
  })

  it('lets a user past their limit by the session that ends for it', async () => {
    const store = memoryStore({ maxSessions: 2 })
    const [first, second] = (await addMany(store, 2, { userId: 'ada' })) as [SessionRecord, SessionRecord]
    const limit = { max: 2, strategy: 'end-oldest', keepUntil: START + HOUR } as const
    const result = await store.create(aRecord(store, { userId: 'ada' }), { limit })
    expect(result.outcome === 'created' && ids(result.ended)).toEqual([first.id])
    expect(await isThere(store, second)).toBe(true)
    expect(await store.stats()).toEqual({ anonymous: 0, signedIn: 2, ended: 0 })
  })

  it('ends nobody for a session that it then refuses', async () => {
    const store = memoryStore({ maxSessions: 1 })
    const ada = await add(store, { userId: 'ada' })
    const limit = { max: 1, strategy: 'end-oldest', keepUntil: START + HOUR } as const
    await expect(store.create(aRecord(store, { userId: 'bob' }), { limit })).rejects.toThrow(code('ERR_STORE_FULL'))
    expect((await store.read(ada.id))?.ended).toBeNull()
  })

  it('does not grow in a flood of anonymous visitors', async () => {
    const store = memoryStore({ maxSessions: 20_000 })
    const ada = await add(store, { userId: 'ada' })
    await addMany(store, 19_999)
    for (let i = 0; i < 20_000; i++) await expect(store.create(aRecord(store))).rejects.toThrow()
    expect(await store.stats()).toEqual({ anonymous: 19_999, signedIn: 1, ended: 0 })
    expect(await isThere(store, ada)).toBe(true)
  })
})

describe('sweep', () => {
  it('ends what has expired, spares what was touched, and forgets what need not be kept', async () => {
    const store = memoryStore()
    const idle = await add(store)
    const touched = await add(store)
    await store.touch(touched.id, START + 20 * MINUTE, { interval: 0 })
    const result = await store.sweep(START + 30 * MINUTE, { limit: 100, keepFor: HOUR })
    expect(result).toMatchObject({ removed: 0, more: false })
    expect(result.expired).toMatchObject([{ id: idle.id, ended: { at: START + 30 * MINUTE, reason: 'idle' } }])
    expect((await store.read(touched.id))?.ended).toBeNull()
    const before = await store.sweep(START + 30 * MINUTE + HOUR - 1, { limit: 100, keepFor: HOUR })
    expect(ids(before.expired)).toEqual([touched.id])
    expect(before.removed).toBe(0)
    expect((await store.sweep(START + 30 * MINUTE + HOUR, { limit: 100, keepFor: HOUR })).removed).toBe(1)
    expect(await isThere(store, idle)).toBe(false)
  })

  it('takes at most `limit` at a time and says whether there is more', async () => {
    const store = memoryStore()
    await addMany(store, 5)
    const at = START + HOUR
    const sizes: unknown[] = []
    for (let i = 0; i < 3; i++) {
      const { expired, more } = await store.sweep(at, { limit: 2, keepFor: HOUR })
      sizes.push([expired.length, more])
    }
    expect(sizes).toEqual([
      [2, true],
      [2, true],
      [1, false],
    ])
  })

  it('says that there is more where it lost patience with touched sessions', async () => {
    const store = memoryStore()
    for (const { id } of await addMany(store, 10)) await store.touch(id, START + 20 * MINUTE, { interval: 0 })
    expect(await store.sweep(START + 31 * MINUTE, { limit: 2, keepFor: 0 })).toMatchObject({ expired: [], more: true })
    let rounds = 0
    while ((await store.sweep(START + 31 * MINUTE, { limit: 2, keepFor: 0 })).more) rounds += 1
    expect(rounds).toBeLessThan(5)
  })

  it('forgets entries of the change log when their time has come, and no others', async () => {
    const store = memoryStore()
    const [a, b, c] = (await addMany(store, 3)) as [SessionRecord, SessionRecord, SessionRecord]
    await store.end(a.id, { ...ending, keepUntil: START + 3 * HOUR })
    await store.end(b.id, { ...ending, keepUntil: START + 2 * HOUR })
    await store.end(c.id, { ...ending, keepUntil: START + 4 * HOUR })
    expect(await store.sweep(START + 2 * HOUR, { limit: 10, keepFor: 0 })).toMatchObject({ removed: 2, more: false })
    const left = await store.changes(0)
    expect(left.map(({ subject, seq }) => [subject, seq])).toEqual([
      [a.id, 1],
      [c.id, 3],
    ])
    expect((await store.changes(1)).map(({ seq }) => seq)).toEqual([3])
  })
})

describe('endAll', () => {
  it('lets others run between its batches and spares what begins meanwhile', async () => {
    const store = memoryStore()
    await addMany(store, 2_500)
    const running = store.endAll(ending)
    const between = await store.stats()
    const newcomer = await add(store)
    expect(await running).toBe(2_500)
    expect(between.ended).toBe(1_000)
    expect((await store.read(newcomer.id))?.ended).toBeNull()
    expect(await store.stats()).toEqual({ anonymous: 1, signedIn: 0, ended: 2_500 })
  })
})

describe('user epochs', () => {
  it('never fall and are raised for the user alone, then for all', async () => {
    const store = memoryStore()
    const [ada, bob] = [(await store.userEpoch('ada')).epoch, (await store.userEpoch('bob')).epoch]
    await store.endUser('ada', ending)
    expect((await store.userEpoch('ada')).epoch).toBeGreaterThan(ada)
    expect((await store.userEpoch('bob')).epoch).toBe(bob)
    const raised = (await store.userEpoch('ada')).epoch
    await store.endAll(ending)
    expect((await store.userEpoch('ada')).epoch).toBeGreaterThan(raised)
    expect((await store.userEpoch('bob')).epoch).toBeGreaterThan(bob)
  })

  it('are bounded in number, and a forgotten one is answered by a higher one', async () => {
    const store = memoryStore({ maxSessions: 1 })
    await store.endUser('ada', ending)
    const ada = (await store.userEpoch('ada')).epoch
    const unknown = (await store.userEpoch('unknown')).epoch
    for (let i = 0; i < 1_000; i++) await store.endUser(`user-${i}`, ending)
    expect((await store.userEpoch('ada')).epoch).toBeGreaterThan(ada)
    expect((await store.userEpoch('unknown')).epoch).toBeGreaterThan(unknown)
    expect((await store.userEpoch('user-999')).epoch).toBe(ending.at + 1_000)
  })
})

describe('an aborted call', () => {
  it('does nothing and says so', async () => {
    const store = memoryStore()
    const { id } = await add(store)
    const signal = AbortSignal.abort()
    await expect(store.end(id, ending, { signal })).rejects.toMatchObject({
      code: 'ERR_STORE_TIMEOUT',
      outcome: 'none',
    })
    await expect(store.read(id, { signal })).rejects.toMatchObject({ operation: 'read' })
    expect((await store.read(id))?.ended).toBeNull()
  })
})

const request = { at: START + 1, reason: 'revoked', note: null, keepUntil: START + 9_000 } as const
const silent: FeedListener = { ended: () => undefined, changed: () => undefined, missed: () => undefined }

describe('a listener of the memory store that asks or changes it', () => {
  it('finds the newcomer for which a limit ended another session', async () => {
    const store = memoryStore()
    const old = await add(store, { userId: 'ada' })
    const inner: Promise<unknown>[] = []
    store.watch({
      ...silent,
      ended: ({ scope }) => {
        if (scope === 'session') inner.push(store.endUser('ada', request))
      },
    })
    const limit = { max: 1, strategy: 'end-oldest', keepUntil: START + 9_000 } as const
    const newcomer = { ...old, id: 'newcomer', secretHash: 'another' }
    await store.create(newcomer, { limit })
    await Promise.all(inner)
    expect(inner).toHaveLength(1)
    expect((await store.read('newcomer'))?.ended?.reason).toBe('revoked')
  })

  it.for([1, 1_001])('finds all that are read in one batch ended when it is told of all: %d', async (count) => {
    const store = memoryStore()
    let first = ''
    for (let i = 0; i < count; i++) {
      const { id } = await add(store, { userId: 'ada' })
      first ||= id
    }
    const found: Promise<unknown>[] = []
    store.watch({ ...silent, ended: () => found.push(store.read(first).then((record) => record?.ended?.reason)) })
    await store.endAll(request)
    expect(await Promise.all(found)).toEqual(count === 1 ? ['revoked'] : ['revoked', 'revoked'])
  })

  it('does not change the order in which others are told', async () => {
    const store = memoryStore()
    const told: number[] = []
    store.watch({
      ...silent,
      ended: ({ subject }) => {
        if (subject === 'ada') void store.endUser('bob', request)
      },
    })
    store.watch({ ...silent, ended: ({ seq }) => told.push(seq) })
    await store.endUser('ada', request)
    expect(told).toEqual([1, 2])
  })

  it('is told of nothing that came before it, and of nothing after it was stopped', async () => {
    const store = memoryStore()
    const told: string[] = []
    const witness = (name: string): FeedListener => ({
      ...silent,
      ended: ({ subject }) => told.push(`${name} ${subject}`),
    })
    store.watch({
      ...silent,
      ended: ({ subject }) => {
        if (subject !== 'ada') return
        void stopped.stop()
        store.watch(witness('late'))
      },
    })
    const stopped = store.watch(witness('stopped'))
    await store.endUser('ada', request)
    await store.endUser('bob', request)
    expect(told).toEqual(['late bob'])
  })
})

it('a listener may be an object of a class', async () => {
  class Counter {
    readonly told: number[] = []
    ended({ seq }: Change) {
      this.told.push(seq)
    }
    changed() {
      this.told.push(-1)
    }
    missed() {
      this.told.push(-2)
    }
  }
  const store = memoryStore()
  const counter = new Counter()
  store.watch(counter)
  await store.endUser('ada', request)
  expect(counter.told).toEqual([1])
})
