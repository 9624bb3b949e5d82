import { expect, test, vi } from 'vitest'
import { isWrite } from '../../../../src/core/store/intercept.ts'
import { StoreFullError } from '../../../../src/errors.ts'
import { intercept } from '../../../../src/testing/index.ts'
import { anApp, rejection } from '../app.ts'

async function answerTo(clear?: readonly ('storage' | 'cookies')[]) {
  const { sessions, signedIn } = anApp()
  const session = await sessions.open((await signedIn()).request())
  await session.signOut({ clear })
  return await sessions.commit(session, new Response())
}

test('what else browsers are to forget goes into Clear-Site-Data, each in quotes', async () => {
  expect((await answerTo(['cookies', 'storage'])).headers.get('clear-site-data')).toBe('"cookies", "storage"')
})

test('by default nothing is to be forgotten beside our own cookies, since others share the domain', async () => {
  const { headers } = await answerTo()
  expect(headers.get('clear-site-data')).toBeNull()
  expect(headers.getSetCookie()[0]).toMatch(/^__Host-sid=; .*; Max-Age=0; /)
})

test('what no browser knows is an error, and the session goes on', async () => {
  const { sessions, signedIn } = anApp()
  const ada = await signedIn()
  const session = await sessions.open(ada.request())
  const unknown = ['everything'] as unknown as readonly 'storage'[]
  expect(await rejection(session.signOut({ clear: unknown }))).toMatchObject({ code: 'ERR_OPTION' })
  expect((await sessions.open(ada.request())).userId).toBe('ada')
})

/** Somebody who is signed in where the store can be full: nothing can be written meanwhile, not even an ending. */
async function onFullStore() {
  const { faults, events, signedIn, make } = anApp()
  const state = { isFull: false, refused: 0 }
  const store = intercept(faults, ({ method }, proceed) => {
    if (!state.isFull || !isWrite(method)) return proceed()
    state.refused++
    return Promise.reject(new StoreFullError('full'))
  })
  const sessions = make({ store, storeTimeout: '10ms' })
  sessions.on((event) => events.push(event))
  const ada = await signedIn()
  return { faults, state, events, sessions, ada, isEnded: () => events.some(({ type }) => type === 'ended') }
}

test('where the store is full the cookie goes all the same, and the ending is tried again until there is room', async () => {
  const { state, events, sessions, ada, isEnded } = await onFullStore()
  const thief = ada.copy()
  state.isFull = true
  const session = await sessions.open(ada.request())
  expect(await rejection(session.signOut())).toMatchObject({
    code: 'ERR_SIGN_OUT_UNCONFIRMED',
    cause: { code: 'ERR_STORE_FULL' },
  })
  ada.take(await sessions.commit(session, new Response(null, { status: 503 })))
  expect(ada.jar.size).toBe(0)
  expect(events).toContainEqual(expect.objectContaining({ type: 'sign-out-unconfirmed', isWaiting: true }))
  await vi.waitUntil(() => state.refused > 2)
  state.isFull = false
  await vi.waitUntil(isEnded)
  expect((await sessions.open(thief.request())).ended?.reason).toBe('signed-out')
})

test('an ending that waits for the end of an outage goes on waiting where the store then is full', async () => {
  const { state, faults, sessions, ada, isEnded } = await onFullStore()
  const thief = ada.copy()
  faults.failBefore('any')
  const session = await sessions.open(ada.request(), { whenStoreIsOut: 'anonymous' })
  expect(await rejection(session.signOut())).toMatchObject({ code: 'ERR_SIGN_OUT_UNCONFIRMED' })
  state.isFull = true
  faults.heal()
  await vi.waitUntil(() => state.refused > 0)
  state.isFull = false
  await vi.waitUntil(isEnded)
  expect((await sessions.open(thief.request())).ended?.reason).toBe('signed-out')
})
