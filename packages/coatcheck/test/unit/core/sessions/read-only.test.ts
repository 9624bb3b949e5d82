import { describe, expect, test } from 'vitest'
import { ReadOnlyError } from '../../../../src/errors.ts'
import { anApp, NAVIGATION, rejection } from '../app.ts'

const MINUTE = 60_000
const READ_ONLY = { readOnly: true } as const

describe('a session that is opened to be read alone', () => {
  test('is read as any other, and its activity counts', async () => {
    const { sessions, signedIn, clock, inner } = anApp()
    const ada = await signedIn({ n: 1 })
    clock.advance(10 * MINUTE)
    const session = await sessions.open(ada.request(), READ_ONLY)
    expect([session.userId, session.data.n]).toEqual(['ada', 1])
    expect((await inner.read(session.id ?? ''))?.lastSeenAt).toBe(clock.now())
    expect((await sessions.save(session)).cookies).toEqual([])
  })

  test('is renewed by nothing, since its new token would be lost', async () => {
    const { sessions, signedIn, clock, inner, events } = anApp({ policy: { renewal: '10m', idle: '3h' } })
    const ada = await signedIn()
    clock.advance(10 * MINUTE)
    const session = await sessions.open(ada.request(NAVIGATION), READ_ONLY)
    expect((await inner.read(session.id ?? ''))?.generation).toBe(0)
    expect(events.filter(({ type }) => type === 'renewed')).toEqual([])
  })

  test('is handed no successor, and does not count as the one who has seen it', async () => {
    const { sessions, signedIn, clock, inner } = anApp({ policy: { renewal: '10m', idle: '3h' } })
    const ada = await signedIn()
    clock.advance(10 * MINUTE)
    const before = ada.copy()
    await ada.visit(() => undefined, NAVIGATION)
    const late = await sessions.open(before.request(NAVIGATION), READ_ONLY)
    expect((await sessions.save(late)).cookies).toEqual([])
    const passedOn = await sessions.open(ada.request(NAVIGATION), READ_ONLY)
    const record = await inner.read(passedOn.id ?? '')
    expect(record?.predecessor).toMatchObject({ seenAt: null, nonce: expect.any(String) })
    // So the browser that lost the answer is still given its token an hour later.
    clock.advance(60 * MINUTE)
    expect(await before.visit(({ userId }) => userId, NAVIGATION)).toBe('ada')
    expect(before.jar.get('__Host-sid')).toBe(ada.jar.get('__Host-sid'))
  })

  test('refuses whatever would change it, and writes nothing', async () => {
    const { sessions, signedIn, counting } = anApp()
    const ada = await signedIn({ n: 1 })
    const attempt = await sessions.begin('ada')
    const session = await sessions.open(ada.request(), READ_ONLY)
    const before = counting.total()
    const changes = [
      session.signIn(attempt),
      session.reauthenticate(attempt),
      session.rotate(),
      session.signOut(),
      session.begin(),
      session.update('n', () => 2),
    ]
    for (const change of changes) {
      expect(await rejection(change)).toBeInstanceOf(ReadOnlyError)
    }
    expect(counting.total()).toBe(before)
    await sessions.save(session)
    expect(counting.total()).toBe(before)
  })

  test('has a token for forms where there is a session, and none where its cookie would have to be set', async () => {
    const { sessions, signedIn, aClient } = anApp()
    const ada = await sessions.open((await signedIn()).request(), READ_ONLY)
    expect(await ada.csrfToken()).toMatch(/^[\w-]{94}$/)
    const visitor = await sessions.open(aClient().request(), READ_ONLY)
    expect(await rejection(visitor.csrfToken())).toBeInstanceOf(ReadOnlyError)
  })

  test('has data in which nothing can be changed, at any depth: nobody would save it', async () => {
    const { sessions, signedIn } = anApp()
    const ada = await signedIn({ cart: ['hat'], nested: { list: [{ a: 1 }] } })
    const { data } = await sessions.open(ada.request(), READ_ONLY)
    const { nested } = data as { nested: { list: { a: number }[] } }
    const changes = [
      () => data.cart?.push('lost'),
      () => Reflect.set(data, 'n', 1),
      () => delete data.cart,
      () => Reflect.set(nested.list[0] ?? {}, 'a', 2),
      () => Object.assign(data, { n: 1 }),
      () => Object.defineProperty(data, 'n', { value: 1 }),
      () => Object.setPrototypeOf(data, null),
    ]
    for (const change of changes) expect(change).toThrow(ReadOnlyError)
    const again = (data as { nested: object }).nested
    expect([{ ...data }, again === nested]).toEqual([{ cart: ['hat'], nested: { list: [{ a: 1 }] } }, true])
    expect(JSON.stringify(data)).toBe('{"cart":["hat"],"nested":{"list":[{"a":1}]}}')
    expect(await ada.visit((session) => session.data.cart)).toEqual(['hat'])
  })
})

test('frozen initial values are read in it as in any other', async () => {
  const { make, signedIn } = anApp()
  const prefs = Object.freeze({ colors: Object.freeze(['red']) })
  const sessions = make({ data: { initial: () => ({ prefs }) } })
  const session = await sessions.open((await signedIn()).request(), READ_ONLY)
  expect(JSON.stringify(session.data)).toBe('{"prefs":{"colors":["red"]}}')
  expect(() => (session.data as { prefs: { colors: string[] } }).prefs.colors.push('x')).toThrow(ReadOnlyError)
})
