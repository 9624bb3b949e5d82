import { describe, expect, test } from 'vitest'
import type { FeedListener } from '../../../../src/core/capabilities.ts'
import type { Change } from '../../../../src/core/store.ts'
import { memoryStore } from '../../../../src/stores/memory.ts'
import { add, START } from '../records.ts'

const request = { at: START + 1, reason: 'revoked', note: null, keepUntil: START + 9_000 } as const
const silent: FeedListener = { ended: () => undefined, changed: () => undefined, missed: () => undefined }

describe('a listener of the memory store that asks or changes it', () => {
  test('finds the newcomer for which a limit ended another session', async () => {
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

  test.for([1, 1_001])('finds all that are read in one batch ended when it is told of all: %d', async (count) => {
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

  test('does not change the order in which others are told', async () => {
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

  test('is told of nothing that came before it, and of nothing after it was stopped', async () => {
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

test('a listener may be an object of a class', async () => {
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
