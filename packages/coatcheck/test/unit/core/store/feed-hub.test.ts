import { expect, test, vi } from 'vitest'
import { runtime as platform } from '#runtime'
import { makeFeedHub, type WatchedEnding, watchEndings } from '../../../../src/core/store/feed-hub.ts'
import { createSessions } from '../../../../src/index.ts'
import { memoryStore } from '../../../../src/stores/memory.ts'
import { add, START } from '../../stores/records.ts'
import { KEY } from '../app.ts'

const request = { at: START + 1, reason: 'revoked', note: null, keepUntil: START + 9 } as const

test('one feed serves all followers, and begins with the first', async () => {
  const store = memoryStore()
  const watch = vi.spyOn(store, 'watch')
  const hub = makeFeedHub(store, platform)
  expect([watch.mock.calls.length, hub.age()]).toEqual([0, Number.POSITIVE_INFINITY])
  const told: string[] = []
  const follow = (name: string) =>
    hub.follow({
      ended: ({ subject }) => told.push(`${name} ended ${subject}`),
      changed: ({ subject }) => told.push(`${name} changed ${subject}`),
      missed: () => told.push(`${name} missed`),
    })
  const stop = follow('one')
  follow('two')
  expect([watch.mock.calls.length, hub.age()]).toEqual([1, 0])
  await store.updateUser('ada', { at: START })
  stop()
  await store.endUser('bob', request)
  expect(told).toEqual(['one changed ada', 'two changed ada', 'two ended bob'])
  await hub.close()
  await store.endUser('cyd', request)
  expect([told.length, hub.age()]).toEqual([3, Number.POSITIVE_INFINITY])
})

test('a follower that throws disturbs neither the others nor the call, and is warned of', async () => {
  const warnings: string[] = []
  const store = memoryStore()
  const hub = makeFeedHub(store, { ...platform, warn: (text) => warnings.push(text) })
  const told: unknown[] = []
  const broken = () => {
    throw new RangeError('a follower that is meant to fail')
  }
  hub.follow({ ended: broken, changed: broken, missed: broken })
  hub.follow({ ended: ({ subject }) => told.push(subject), changed: () => undefined, missed: () => undefined })
  await store.endUser('ada', request)
  expect(told).toEqual(['ada'])
  expect(warnings).toEqual(['A listener of endings threw: RangeError'])
})

test('watchers of endings are told of sessions, users and all, and of nothing else', async () => {
  const store = memoryStore()
  const told: WatchedEnding[] = []
  const gone: string[] = []
  const watch = watchEndings(makeFeedHub(store, platform), {
    ended: (ending) => told.push(ending),
    gone: (id) => gone.push(id),
  })
  const { id } = await add(store, { userId: 'ada' })
  await store.end(id, request)
  await store.endUser('ada', { ...request, reason: 'signed-out' })
  await store.updateUser('ada', { at: START })
  await store.note([{ scope: 'token', subject: 'a token', count: 1, ...request }])
  await store.endAll(request)
  const { at } = request
  expect(told).toEqual([
    { scope: 'session', subject: id, reason: 'revoked', at },
    { scope: 'user', subject: 'ada', reason: 'signed-out', at },
    { scope: 'all', subject: null, reason: 'revoked', at },
  ])
  expect([gone, watch.age()]).toEqual([[], 0])
  watch.stop()
  await store.endAll(request)
  expect(told).toHaveLength(3)
})

test('a record that has to make room is told as gone', async () => {
  const store = memoryStore({ maxSessions: 1 })
  const gone: string[] = []
  watchEndings(makeFeedHub(store, platform), { ended: () => undefined, gone: (id) => gone.push(id) })
  const { id } = await add(store)
  await add(store, { userId: 'ada' })
  expect(gone).toEqual([id])
})

test('without a feed nothing is told, and the age says so', async () => {
  const { watch: _, ...store } = memoryStore()
  const told: unknown[] = []
  const watching = watchEndings(makeFeedHub(store, platform), { ended: (ending) => told.push(ending) })
  await store.endAll(request)
  expect([told, watching.age()]).toEqual([[], Number.POSITIVE_INFINITY])
})

test('sessions.watchEndings tells of what any of them ends, and closing stops it', async () => {
  const store = memoryStore()
  const sessions = createSessions({ store, keys: KEY })
  const told: unknown[] = []
  const watch = sessions.watchEndings({ ended: ({ scope, subject }) => told.push([scope, subject]) })
  await sessions.revokeUser('ada')
  expect(told).toEqual([['user', 'ada']])
  await sessions.close()
  await store.endAll(request)
  expect([told.length, watch.age()]).toEqual([1, Number.POSITIVE_INFINITY])
})

test('a watcher may be an object of a class', async () => {
  class Closer {
    readonly open = new Set(['a socket'])
    ended() {
      this.open.clear()
    }
  }
  const store = memoryStore()
  const closer = new Closer()
  watchEndings(makeFeedHub(store, platform), closer)
  await store.endUser('ada', request)
  expect(closer.open.size).toBe(0)
})

const silent = { ended: () => undefined, changed: () => undefined, missed: () => undefined }

test('the feed ends with the last follower, and the next begins another', async () => {
  const store = memoryStore()
  const watch = vi.spyOn(store, 'watch')
  const hub = makeFeedHub(store, platform)
  const [stopOne, stopOther] = [hub.follow(silent), hub.follow(silent)]
  stopOne()
  stopOne()
  expect(hub.age()).toBe(0)
  stopOther()
  expect(hub.age()).toBe(Number.POSITIVE_INFINITY)
  const told: unknown[] = []
  hub.follow({ ...silent, ended: ({ subject }) => told.push(subject) })
  expect([watch.mock.calls.length, hub.age()]).toEqual([2, 0])
  await store.endUser('ada', request)
  expect(told).toEqual(['ada'])
})

test('whoever follows while the hub closes is told, by another feed', async () => {
  const store = memoryStore()
  const stopped = Promise.withResolvers<void>()
  const { watch } = store
  vi.spyOn(store, 'watch').mockImplementationOnce((listener) => {
    const feed = watch(listener)
    return { ...feed, stop: () => feed.stop().then(() => stopped.promise) }
  })
  const hub = makeFeedHub(store, platform)
  hub.follow(silent)
  const closing = hub.close()
  const told: unknown[] = []
  hub.follow({ ...silent, ended: ({ subject }) => told.push(subject) })
  stopped.resolve()
  await closing
  await store.endUser('ada', request)
  expect(told).toEqual(['ada'])
})

test('a feed that cannot be stopped is warned of, and keeps nobody from closing', async () => {
  const warnings: string[] = []
  const store = memoryStore()
  const { watch } = store
  const fail = () => Promise.reject(new RangeError('a feed that is meant to fail'))
  vi.spyOn(store, 'watch').mockImplementation((listener) => ({ ...watch(listener), stop: fail }))
  const hub = makeFeedHub(store, { ...platform, warn: (text) => warnings.push(text) })
  hub.follow(silent)
  await hub.close()
  expect(warnings).toEqual(['A feed could not be stopped: RangeError'])
})
