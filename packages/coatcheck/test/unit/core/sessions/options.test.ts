import { describe, expect, test } from 'vitest'
import { runtime as platform } from '#runtime'
import { defaults, makeSettings, type SessionsOptions } from '../../../../src/core/sessions/options.ts'
import type { Store } from '../../../../src/core/store/store.ts'
import { createSessions } from '../../../../src/index.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'
import { countingStore, modelStore } from '../../../../src/testing/index.ts'

const KEY = 'a-signing-key-of-options-0123456789abc'

type Options = SessionsOptions<Record<string, unknown>>

function settingsOf(given: Partial<Options> = {}) {
  return makeSettings({ store: modelStore(), keys: KEY, ...given })
}

test.each([
  ['one of express-session', { get: null, set: null, destroy: null }, 'this is a store of express-session'],
  ['a map', new Map(), 'say where sessions live'],
  ['one that only reads and deletes', { get: null, destroy: null }, 'say where sessions live'],
  ['one that only writes', { set: null, destroy: null }, 'say where sessions live'],
])('a store that is none, %s, is told what it is', (_, store, text) => {
  expect(() => settingsOf({ store: Object(store) })).toThrow(text)
})

describe('in effect', () => {
  test('without a word from the application are the defaults', () => {
    expect(settingsOf()).toMatchObject({
      keys: [KEY],
      limits: { bytes: 65_536, keys: 256, depth: 32 },
      initial: null,
      schemaVersion: 0,
      migrate: undefined,
      schema: null,
      sessionsPerUser: null,
      forwarded: null,
      bearer: false,
      storeTimeout: 1_000,
    })
    expect(settingsOf().runtime.now).toBe(node.now)
  })

  test('the defaults can be given as they stand', () => {
    const { policy, data, cookie, storeTimeout } = defaults
    const given = settingsOf({ policy, data, storeTimeout, cookie: { ...cookie, domain: undefined } })
    const usual = settingsOf()
    expect(given).toMatchObject({ policy: usual.policy, limits: usual.limits, storeTimeout: usual.storeTimeout })
    expect(given.transport.cookiesOf(undefined)).toEqual(usual.transport.cookiesOf(undefined))
  })

  test('an option that is undefined is as one that is not there', () => {
    const given = settingsOf({
      policy: undefined,
      data: undefined,
      cookie: undefined,
      origin: undefined,
      insecure: undefined,
      sessionsPerUser: undefined,
      storeTimeout: undefined,
      runtime: undefined,
    })
    expect(Object.keys(given)).toEqual(Object.keys(settingsOf()))
    expect(given.policy).toEqual(settingsOf().policy)
  })

  test('what was chosen', () => {
    const migrate = (data: Record<string, unknown>) => data
    const initial = () => ({ n: 1 })
    expect(
      settingsOf({
        data: { initial, version: 3, migrate, maxBytes: 1, maxKeys: 2, maxDepth: 4 },
        sessionsPerUser: { max: 5, atLimit: 'refuse' },
        storeTimeout: '10ms',
      }),
    ).toMatchObject({
      initial,
      migrate,
      schemaVersion: 3,
      limits: { bytes: 1, keys: 2, depth: 4 },
      sessionsPerUser: { max: 5, atLimit: 'refuse' },
      storeTimeout: 10,
    })
  })

  test('a limit of sessions ends the oldest unless something else is said', () => {
    expect(settingsOf({ sessionsPerUser: { max: 1 } }).sessionsPerUser).toEqual({ max: 1, atLimit: 'end-oldest' })
  })

  test('cookies by the names, place and channel that were chosen', () => {
    const { transport } = settingsOf({
      cookie: { name: 'app', anonymousName: 'guest', sameSite: 'none', domain: 'app.example', partitioned: true },
      origin: 'https://app.example',
    })
    expect(transport.cookiesOf('http://10.0.0.1/')).toMatchObject({
      slots: { 'signed-in': { name: '__Secure-app' }, anonymous: { name: '__Secure-guest' } },
      attributes: { secure: true, sameSite: 'none', domain: 'app.example', partitioned: true },
    })
    const open = settingsOf({ insecure: true }).transport
    expect(open.cookiesOf('http://10.0.0.1/').withheld).toBeNull()
  })

  test('a runtime that replaces only the clock keeps the rest of the platform', () => {
    const now = () => 5
    const { runtime } = settingsOf({ runtime: { now } })
    expect([runtime.now, runtime.random, runtime.sha256]).toEqual([now, platform.random, platform.sha256])
  })
})

test.each<[string, Partial<Record<keyof Options, unknown>>, string]>([
  ['no store', { store: undefined }, 'store'],
  ['a store that is null', { store: null }, 'store'],
  ['a store that is a path', { store: 'sessions.db' }, 'store'],
  ['a store that was not called', { store: modelStore }, 'store'],
  ['a preset that is none', { policy: 'aal9' }, 'policy.preset'],
  ['a policy that contradicts itself', { policy: { idle: '13h' } }, 'policy.idle'],
  ['a version that is no whole number', { data: { version: 1.5 } }, 'data.version'],
  ['a version below 0', { data: { version: -1 } }, 'data.version'],
  ['a version that is a text', { data: { version: '1' } }, 'data.version'],
  ['no bytes', { data: { maxBytes: 0 } }, 'data.maxBytes'],
  ['endless bytes', { data: { maxBytes: Number.POSITIVE_INFINITY } }, 'data.maxBytes'],
  ['no keys', { data: { maxKeys: 0 } }, 'data.maxKeys'],
  ['NaN keys', { data: { maxKeys: Number.NaN } }, 'data.maxKeys'],
  ['no depth', { data: { maxDepth: 0 } }, 'data.maxDepth'],
  ['a cookie without a name', { cookie: { name: '' } }, 'cookie.name'],
  ['a cookie whose name has its prefix', { cookie: { anonymousName: '__Host-vid' } }, 'cookie.name'],
  ['two cookies of one name', { cookie: { name: 'vid' } }, 'cookie.anonymousName'],
  ['a domain with a scheme', { cookie: { domain: 'https://app.example' } }, 'cookie.domain'],
  ['a sameSite in upper case', { cookie: { sameSite: 'Lax' } }, 'cookie.sameSite'],
  ['an origin with a path', { origin: 'https://app.example/' }, 'origin'],
  ['no session per user', { sessionsPerUser: { max: 0 } }, 'sessionsPerUser.max'],
  ['a limit without its number', { sessionsPerUser: {} }, 'sessionsPerUser.max'],
  ['another strategy', { sessionsPerUser: { max: 1, atLimit: 'end-newest' } }, 'sessionsPerUser.atLimit'],
  ['a store timeout of 9 ms', { storeTimeout: '9ms' }, 'storeTimeout'],
  ['a store timeout without unit', { storeTimeout: 1000 }, 'storeTimeout'],
])('refuses %s, and the error names the option', (_, given, option) => {
  const options = { store: modelStore(), keys: KEY, ...given } as unknown as Options
  expect(() => makeSettings(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION', option }))
})

test('refuses to go without options', () => {
  const make = () => makeSettings(undefined as unknown as Options)
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION', option: 'store' }))
})

test('refuses to go without a key', () => {
  expect(() => settingsOf({ keys: undefined })).toThrow(expect.objectContaining({ code: 'ERR_KEY' }))
})

test('constructing reads no time, takes no randomness, starts no timer and calls no store', () => {
  const used: string[] = []
  const spy = new Proxy(node, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return (...given: readonly unknown[]) => {
        used.push(String(name))
        return Reflect.apply(value, target, given) as unknown
      }
    },
  })
  const store = countingStore(modelStore())
  const unbounded: Store = { ...store, guarantees: { ...store.guarantees, bounded: false } }
  const sessions = createSessions({ store: unbounded, keys: KEY, runtime: { ...spy } })
  expect([used, store.counts()]).toEqual([['isOneOfSeveral'], {}])
  sessions.startSweeping()()
  expect(used).toContain('after')
})

test.each([
  [{ get: 1, set: 1, destroy: 1 }, 'a store of express-session'],
  [{ get: 1, set: 1 }, 'say where sessions live'],
  [{ get: 1, destroy: 1 }, 'say where sessions live'],
  [{ set: 1, destroy: 1 }, 'say where sessions live'],
])('a store with %o is told what it is', (store, said) => {
  expect(() => settingsOf({ store: store as never })).toThrow(said)
})

test.each([
  [{ stroe: modelStore(), keys: KEY }, "Did you mean 'store'?"],
  [{ store: modelStore(), keys: KEY, data: { initial: {} } }, 'a function that answers the values'],
])('a slip is named before what follows from it', (options, said) => {
  expect(() => makeSettings(options as never)).toThrow(said)
})
