import { describe, expect, test } from 'vitest'
import type { ResponseLike } from '../../../../src/core/sessions/response.ts'
import type { Store } from '../../../../src/core/store/store.ts'
import { createSessions } from '../../../../src/index.ts'
import { modelStore } from '../../../../src/testing/index.ts'
import { anApp, type Data, KEY, rejection } from '../app.ts'

describe('changing the data of a user', () => {
  test('sets and removes in all sessions, and tells how many', async () => {
    const { signedIn, sessions, events } = anApp()
    const devices = [await signedIn({ role: 'admin', n: 1 }), await signedIn({ role: 'admin' })]
    const other = await signedIn({ role: 'admin' }, 'bob')
    expect(await sessions.updateUser('ada', { set: { role: 'user', cart: ['hat'] }, unset: ['n'] })).toBe(2)
    expect(events.at(-1)).toMatchObject({ type: 'user-updated', userId: 'ada', count: 2 })
    for (const device of devices) {
      expect(await device.visit((session) => ({ ...session.data }))).toEqual({ role: 'user', cart: ['hat'] })
    }
    expect(await other.visit((session) => session.data.role)).toBe('admin')
  })

  test('ignores values that are undefined', async () => {
    const { signedIn, sessions } = anApp()
    const ada = await signedIn({ n: 1 })
    await sessions.updateUser('ada', { set: { n: undefined } })
    expect(await ada.visit((session) => session.data.n)).toBe(1)
  })

  test.each<[string, Data, string]>([
    ['cannot be stored', { at: new Date(0) }, 'type'],
    ['are too large for any session', { text: 'x'.repeat(65_536) }, 'size'],
    ['are too many for any session', Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`k${i}`, i])), 'keys'],
  ])('to values that %s is refused before anything is written', async (_, set, fault) => {
    const { sessions, counting } = anApp()
    expect(await rejection(sessions.updateUser('ada', { set }))).toMatchObject({ code: 'ERR_DATA', fault })
    expect(counting.counts()).toEqual({})
  })
})

describe('setting the keys', () => {
  const NEW = 'another-signing-key-of-the-core-9876543210'
  const keyOf = (client: { readonly jar: ReadonlyMap<string, string> }) =>
    [...client.jar.values()].join('').split('.').at(-1)?.slice(0, 6)

  test('the first makes tags from then on, and those that stay are accepted', async () => {
    const { signedIn, sessions, events } = anApp()
    const old = await signedIn()
    expect(await old.visit((session) => session.userId)).toBe('ada')
    await sessions.setKeys([NEW, KEY])
    expect(await old.visit((session) => session.userId)).toBe('ada')
    expect(events.at(-1)).toMatchObject({ type: 'key-used', keyId: keyOf(old) })
    const fresh = await signedIn()
    expect(keyOf(fresh)).not.toBe(keyOf(old))
    expect(await fresh.visit((session) => session.userId)).toBe('ada')
  })

  test('a token of a key that was taken away is refused, also one that had counted before', async () => {
    const { signedIn, sessions, events } = anApp()
    const old = await signedIn()
    expect(await old.visit((session) => session.userId)).toBe('ada')
    await sessions.setKeys(NEW)
    expect(await old.visit((session) => session.ended?.reason)).toBe('unknown')
    expect(events.at(-1)).toMatchObject({ type: 'refused', reason: 'unknown-key' })
  })

  test.each([undefined, '', 'short', [NEW, NEW]])('to %j is refused, and they stay as they were', async (keys) => {
    const { signedIn, sessions } = anApp()
    const old = await signedIn()
    expect(await rejection(sessions.setKeys(keys))).toMatchObject({ code: 'ERR_KEY' })
    expect(await old.visit((session) => session.userId)).toBe('ada')
    expect(keyOf(await signedIn())).toBe(keyOf(old))
  })
})

describe('revoking', () => {
  test('one session leaves the others of the user alone', async () => {
    const { signedIn, sessions } = anApp()
    const [one, other] = [await signedIn(), await signedIn()]
    expect(await sessions.revoke((await one.visit((session) => session.id)) ?? '')).toBe('ended')
    expect(await one.visit((session) => session.ended)).toMatchObject({ reason: 'revoked', note: null })
    expect(await other.visit((session) => session.userId)).toBe('ada')
  })

  test('by another user, or an anonymous one by a user, does nothing', async () => {
    const { aClient, sessions, counting } = anApp()
    const visitor = aClient()
    await visitor.visit((session) => {
      session.data.n = 1
    })
    const id = (await visitor.visit((session) => session.id)) ?? ''
    expect(await sessions.revoke(id, null, { userId: 'ada' })).toBe('missing')
    expect(await sessions.revoke('no such session', null, { userId: 'ada' })).toBe('missing')
    expect(counting.total('end')).toBe(0)
  })

  test('where the user it is for is unknown is refused: it would end anybody', async () => {
    const { signedIn, sessions, counting } = anApp()
    const ada = await signedIn()
    const id = (await ada.visit((session) => session.id)) ?? ''
    counting.reset()
    for (const userId of [undefined, null, '']) {
      const only = { userId: userId as unknown as string }
      expect(await rejection(sessions.revoke(id, null, only))).toMatchObject({ code: 'ERR_OPTION', option: 'userId' })
    }
    expect(counting.counts()).toEqual({})
    expect(await sessions.revoke(id, null, {})).toBe('ended')
  })

  test('with a note that is too long keeps its beginning, in records and events', async () => {
    const { signedIn, sessions, events } = anApp()
    const [note, cut] = ['n'.repeat(10_000), 'n'.repeat(200)]
    const ada = await signedIn()
    await sessions.revoke((await ada.visit((session) => session.id)) ?? '', note)
    expect(await ada.visit((session) => session.ended?.note)).toBe(cut)
    const bob = await signedIn({}, 'bob')
    await sessions.revokeUser('bob', { note })
    expect(await bob.visit((session) => session.ended?.note)).toBe(cut)
    await sessions.revokeAll(note)
    const notes = events.flatMap((event) => ('note' in event ? [event.note] : []))
    expect(notes).toEqual([cut, cut, cut, cut])
  })

  test('a user tells how many sessions were ended, with a note for each', async () => {
    const { signedIn, sessions, events } = anApp()
    const ada = await signedIn()
    await signedIn()
    await signedIn({}, 'bob')
    expect(await sessions.revokeUser('ada', { note: 'left', except: null })).toBe(2)
    expect(await sessions.revokeUser('ada')).toBe(0)
    expect(await ada.visit((session) => session.ended?.note)).toBe('left')
    const ended = events.filter(({ type }) => type === 'ended' || type === 'user-ended')
    expect(ended).toMatchObject([
      { type: 'ended', userId: 'ada', reason: 'revoked', note: 'left' },
      { type: 'ended', userId: 'ada', reason: 'revoked', note: 'left' },
      { type: 'user-ended', userId: 'ada', note: 'left', count: 2 },
      { type: 'user-ended', userId: 'ada', note: null, count: 0 },
    ])
  })

  test('all ends everybody, anonymous visitors too', async () => {
    const { signedIn, aClient, sessions, events } = anApp()
    const ada = await signedIn()
    const visitor = aClient()
    await visitor.visit((session) => {
      session.data.n = 1
    })
    expect(await sessions.revokeAll('leak')).toBe(2)
    expect(events.at(-1)).toMatchObject({ type: 'all-ended', note: 'leak', count: 2 })
    for (const client of [ada, visitor]) {
      expect(await client.visit((session) => session.ended)).toMatchObject({ reason: 'revoked', note: 'leak' })
    }
  })

  test('keeps the reason for as long as the policy says', async () => {
    const { signedIn, sessions, inner, clock } = anApp({ policy: { keepEnded: '2h' } })
    const id = (await (await signedIn()).visit((session) => session.id)) ?? ''
    await sessions.revoke(id)
    expect((await inner.read(id))?.ended?.keepUntil).toBe(clock.now() + 2 * 3_600_000)
  })
})

describe('a limit of sessions', () => {
  test('that refuses leaves the others alone and says how many there are', async () => {
    const { signedIn, sessions, aClient } = anApp({ sessionsPerUser: { max: 1, atLimit: 'refuse' } })
    const ada = await signedIn()
    const attempt = await sessions.begin('ada')
    const work = aClient().visit((session) => session.signIn(attempt))
    expect(await rejection(work)).toMatchObject({ code: 'ERR_SESSION_LIMIT', max: 1 })
    expect(await ada.visit((session) => session.userId)).toBe('ada')
  })

  test('that ends others ends the idlest where that was chosen', async () => {
    const { signedIn, clock } = anApp({ sessionsPerUser: { max: 2, atLimit: 'end-idlest' } })
    const older = await signedIn()
    clock.advance('1m')
    const idler = await signedIn()
    clock.advance('5m')
    await older.visit(() => undefined)
    const third = await signedIn()
    const states = [older, idler, third].map((client) => client.visit(({ ended }) => ended?.reason ?? 'active'))
    expect(await Promise.all(states)).toEqual(['active', 'limit', 'active'])
  })
})

test('opening strictly asks the store past its caches', async () => {
  const asked: unknown[] = []
  const inner = modelStore()
  const store: Store = {
    ...inner,
    read(id, options) {
      asked.push(options?.strict)
      return inner.read(id, options)
    },
  }
  const { signedIn } = anApp({ store })
  const ada = await signedIn()
  const sessions = createSessions<Data>({ store, keys: KEY, runtime: { now: () => Date.UTC(2026, 0, 1) } })
  expect((await sessions.open(ada.request(), { strict: true })).userId).toBe('ada')
  expect((await sessions.open(ada.request())).userId).toBe('ada')
  expect(asked).toEqual([true, undefined])
})

test('an answer of a foreign kind whose headers cannot be changed is refused by name', async () => {
  const { sessions, aClient } = anApp()
  const session = await sessions.open(aClient().request())
  const frozen = () => {
    throw new TypeError('immutable')
  }
  const foreign: ResponseLike = { status: 200, headers: { get: () => null, set: frozen, append: frozen } }
  expect(await rejection(sessions.commit(session, foreign))).toMatchObject({
    message: expect.stringMatching(/^commit: /),
  })
})

test('an error of the headers that is none of immutability goes on as it is', async () => {
  const { sessions, aClient } = anApp()
  const session = await sessions.open(aClient().request())
  const thrown = new RangeError('of the framework')
  const set = () => {
    throw thrown
  }
  const foreign: ResponseLike = { status: 200, headers: { get: () => null, set, append: set } }
  expect(await rejection(sessions.commit(session, foreign))).toBe(thrown)
})

test('closing stops the sweeping and closes the store', async () => {
  let cancelled = 0
  let started = 0
  const after = () => {
    started += 1
    return () => {
      cancelled += 1
    }
  }
  const { sessions, counting } = anApp({ runtime: { after } })
  sessions.startSweeping()
  sessions.startSweeping('5m')
  const stop = sessions.startSweeping()
  stop()
  expect([started, cancelled]).toEqual([3, 1])
  await sessions.close()
  expect([cancelled, counting.counts()]).toEqual([3, { close: 1 }])
})

test('closing tries once more to end what was signed out in an outage', async () => {
  const { sessions, signedIn, faults, inner } = anApp()
  const session = await sessions.open((await signedIn()).request())
  const id = session.id ?? ''
  faults.failBefore('end')
  expect(await rejection(session.signOut())).toMatchObject({ code: 'ERR_SIGN_OUT_UNCONFIRMED' })
  faults.heal()
  expect((await inner.read(id))?.ended).toBeNull()
  await sessions.close()
  expect((await inner.read(id))?.ended).toMatchObject({ reason: 'signed-out' })
})

test('misspelt options of sweeping and watching are refused', async () => {
  const { sessions } = anApp()
  expect(await rejection(sessions.sweep({ Signal: null } as never))).toMatchObject({ option: 'sweep.Signal' })
  expect(() => sessions.watchEndings({ Ended: () => undefined } as never)).toThrow("Did you mean 'ended'?")
})
