import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/core/store/store.ts'
import { modelStore } from '../../../src/testing/index.ts'
import { parseToken } from '../../../src/tokens/opaque/token.ts'
import { anApp, KEY, NAVIGATION, rejection } from '../core/app.ts'

const COOKIE = '__Host-sid'
const OLDER_KEY = 'an-older-key-of-the-core-9876543210-zyx'
const generationOf = (client: { readonly jar: ReadonlyMap<string, string> }) =>
  parseToken(client.jar.get(COOKIE) ?? '')?.generation

/** An application whose tokens are due for renewal every 10 minutes. */
const renewing = () => anApp({ policy: { renewal: '10m', idle: '3h' } })

describe('a renewal', () => {
  test('comes at its age on a navigation, to the millisecond, and on nothing else', async () => {
    const { signedIn, clock } = renewing()
    const ada = await signedIn()
    clock.advance(10 * 60_000 - 1)
    await ada.visit(() => undefined, NAVIGATION)
    expect(generationOf(ada)).toBe(0)
    clock.advance(1)
    await ada.visit(() => undefined)
    await ada.visit(() => undefined, { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' })
    expect(generationOf(ada)).toBe(0)
    await ada.visit(() => undefined, NAVIGATION)
    expect(generationOf(ada)).toBe(1)
    clock.advance(10 * 60_000 - 1)
    await ada.visit(() => undefined, NAVIGATION)
    expect(generationOf(ada)).toBe(1)
    clock.advance(1)
    await ada.visit(() => undefined, NAVIGATION)
    expect(generationOf(ada)).toBe(2)
  })

  test('is an event, once, with the session, its user and the new generation', async () => {
    const { signedIn, clock, events } = renewing()
    const ada = await signedIn()
    const id = await ada.visit((session) => session.id)
    clock.advance('10m')
    await ada.visit(() => undefined, NAVIGATION)
    await ada.visit(() => undefined, NAVIGATION)
    expect(events.filter(({ type }) => type === 'renewed')).toEqual([
      {
        type: 'renewed',
        sessionId: id,
        userId: 'ada',
        generation: 1,
        seq: expect.any(Number),
        at: clock.now(),
        severity: 'info',
      },
    ])
  })

  test('never comes where the policy says none', async () => {
    const { signedIn, clock } = anApp({ policy: { renewal: 'none', idle: 'none', absolute: '365d' } })
    const ada = await signedIn()
    clock.advance('364d')
    await ada.visit(() => undefined, NAVIGATION)
    expect(generationOf(ada)).toBe(0)
  })

  test('of an anonymous session comes in its own cookie', async () => {
    const { aClient, clock } = renewing()
    const client = aClient()
    await client.visit((session) => {
      session.data.n = 1
    })
    clock.advance('10m')
    await client.visit(() => undefined, NAVIGATION)
    expect([...client.jar.keys()]).toEqual(['__Host-vid'])
    expect(parseToken(client.jar.get('__Host-vid') ?? '')?.generation).toBe(1)
    expect(await client.visit((session) => session.data.n)).toBe(1)
  })

  test('leaves the old token alone until the new one comes, and then for 30 seconds', async () => {
    const { signedIn, clock } = renewing()
    const ada = await signedIn()
    const old = ada.copy()
    clock.advance('10m')
    await ada.visit(() => undefined, NAVIGATION)
    clock.advance('1h')
    expect(await old.visit((session) => session.userId)).toBe('ada')
    await ada.visit(() => undefined)
    clock.advance(29_999)
    expect(await old.visit((session) => session.userId)).toBe('ada')
    clock.advance(1)
    expect(await old.visit((session) => session.ended)).toEqual({ reason: 'replaced', at: null, note: null })
    expect(await ada.visit((session) => session.userId)).toBe('ada')
  })

  test('is not delivered again once its token was seen: the old one goes on in its grace without', async () => {
    const { signedIn, clock } = renewing()
    const ada = await signedIn()
    const old = ada.copy()
    clock.advance('10m')
    await ada.visit(() => undefined, NAVIGATION)
    await ada.visit(() => undefined)
    expect(await old.visit((session) => session.userId, NAVIGATION)).toBe('ada')
    expect(generationOf(old)).toBe(0)
  })

  test('whose key was taken out of the ring cannot be delivered again, and the old token goes on', async () => {
    const { aClient, make, clock } = renewing()
    const before = make({ keys: [OLDER_KEY, KEY] })
    const ada = aClient(make({ keys: [KEY] }))
    await ada.visit(async (session) => session.signIn(await before.begin('ada')))
    clock.advance('10m')
    const racer = aClient(before)
    racer.jar.set(COOKIE, ada.jar.get(COOKIE) ?? '')
    await racer.visit(() => undefined, NAVIGATION)
    expect(generationOf(racer)).toBe(1)
    expect(await ada.visit((session) => session.userId, NAVIGATION)).toBe('ada')
    expect(generationOf(ada)).toBe(0)
  })

  test('whose record does not fit what is derived brings no token that nobody accepts', async () => {
    const inner = modelStore()
    let tampered = false
    const store: Store = {
      ...inner,
      async read(id, options) {
        const record = await inner.read(id, options)
        if (!tampered || record?.predecessor == null) return record
        return { ...record, predecessor: { ...record.predecessor, nonce: 'another nonce' } }
      },
    }
    const { signedIn, clock } = anApp({ store, policy: { renewal: '10m', idle: '3h' } })
    const ada = await signedIn()
    const old = ada.copy()
    clock.advance('10m')
    await ada.visit(() => undefined, NAVIGATION)
    tampered = true
    expect(await old.visit((session) => session.userId, NAVIGATION)).toBe('ada')
    expect(generationOf(old)).toBe(0)
  })

  test('that fails costs an event, and the request goes on with the old token', async () => {
    const { signedIn, clock, faults, events } = renewing()
    const ada = await signedIn()
    clock.advance('10m')
    faults.failBefore('rotate', { times: 1 })
    expect(await ada.visit((session) => session.userId, NAVIGATION)).toBe('ada')
    expect([generationOf(ada), events.at(-1)]).toMatchObject([0, { type: 'store-failed', operation: 'rotate' }])
    await ada.visit(() => undefined, NAVIGATION)
    expect(generationOf(ada)).toBe(1)
  })

  test('whose answer the store lost is delivered by the next navigation', async () => {
    const { signedIn, clock, faults } = renewing()
    const ada = await signedIn()
    clock.advance('10m')
    faults.failAfter('rotate', { times: 1 })
    await ada.visit(() => undefined, NAVIGATION)
    expect(generationOf(ada)).toBe(0)
    await ada.visit(() => undefined, NAVIGATION)
    expect(generationOf(ada)).toBe(1)
    expect(await ada.visit((session) => session.userId)).toBe('ada')
  })
})

describe('a change of privilege', () => {
  test('gives a new token, names it in an event, and keeps the session', async () => {
    const { signedIn, events } = anApp()
    const ada = await signedIn({ n: 1 })
    const before = await ada.visit((session) => [session.id, session.authenticatedAt, session.expiresAt])
    await ada.visit((session) => session.rotate())
    expect(generationOf(ada)).toBe(1)
    expect(await ada.visit((session) => [session.id, session.authenticatedAt, session.expiresAt])).toEqual(before)
    expect(events.at(-1)).toMatchObject({ type: 'rotated', sessionId: before[0], userId: 'ada', generation: 1 })
    expect(await ada.visit((session) => session.data.n)).toBe(1)
  })

  test('wins against a renewal that came between', async () => {
    const { signedIn, sessions, clock } = renewing()
    const ada = await signedIn()
    clock.advance('10m')
    const slow = await sessions.open(ada.request())
    const renewed = ada.copy()
    await renewed.visit(() => undefined, NAVIGATION)
    await slow.rotate()
    ada.take(await sessions.commit(slow, new Response()))
    expect([generationOf(renewed), generationOf(ada)]).toEqual([1, 2])
    expect(await renewed.visit((session) => session.ended?.reason)).toBe('replaced')
    expect(await ada.visit((session) => session.userId)).toBe('ada')
  })

  test('loses to one that came before, and says that the token was replaced', async () => {
    const { signedIn, sessions } = anApp()
    const ada = await signedIn()
    const slow = await sessions.open(ada.request())
    await ada.visit((session) => session.rotate())
    expect(await rejection(slow.rotate())).toMatchObject({ code: 'ERR_SESSION_ENDED', reason: 'replaced' })
    expect((await sessions.save(slow)).cookies).toEqual([])
    expect(await ada.visit((session) => session.userId)).toBe('ada')
  })

  test('loses to an ending, and says why and when', async () => {
    const { signedIn, sessions, clock } = anApp()
    const ada = await signedIn()
    const [revoked, idle] = [await sessions.open(ada.request()), await sessions.open((await signedIn()).request())]
    await sessions.revoke(revoked.id ?? '', 'stolen')
    expect(await rejection(revoked.rotate())).toMatchObject({ code: 'ERR_SESSION_ENDED', reason: 'revoked' })
    expect(revoked.ended).toEqual({ reason: 'revoked', at: clock.now(), note: 'stolen' })
    const deadline = clock.advance('30m')
    clock.advance('1m')
    expect(await rejection(idle.rotate())).toMatchObject({ code: 'ERR_SESSION_ENDED', reason: 'idle' })
    expect(idle.ended).toEqual({ reason: 'idle', at: deadline, note: null })
  })

  test('without a session is refused', async () => {
    const { aClient } = anApp()
    const work = aClient().visit((session) => session.rotate())
    expect(await rejection(work)).toMatchObject({ code: 'ERR_SESSION_ENDED', reason: 'unknown' })
  })
})

test('authenticating again after the sessions of the user were changed is void, and the old token goes on', async () => {
  const { signedIn, sessions } = anApp()
  const ada = await signedIn()
  const attempt = await sessions.begin('ada')
  await sessions.updateUser('ada', { set: { role: 'user' } })
  const work = ada.visit((session) => session.reauthenticate(attempt))
  expect(await rejection(work)).toMatchObject({ code: 'ERR_USER_CHANGED' })
  expect(await ada.visit((session) => [session.userId, session.data.role])).toEqual(['ada', 'user'])
})
