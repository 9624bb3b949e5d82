import { describe, expect, test } from 'vitest'
import { createSessions, OptionError } from '../../../src/index.ts'
import { memoryStore } from '../../../src/stores/memory.ts'

const KEY = 'a-signing-key-of-options-0123456789abc'

/** As plain JavaScript calls it. */
function faultOf(options: object): OptionError | null {
  try {
    Reflect.apply(createSessions, undefined, [{ store: memoryStore(), keys: KEY, ...options }])
    return null
  } catch (error) {
    if (error instanceof OptionError) return error
    throw error
  }
}

describe('an option that nobody knows is refused', () => {
  test.each([
    [{ maxAge: 3 }, 'maxAge', 'policy: { idle, absolute }'],
    [{ secret: 'keyboard cat' }, 'secret', '`keys`'],
    [{ resave: false }, 'resave', 'only what a request changed'],
    [{ saveUninitialized: true }, 'saveUninitialized', 'something is stored'],
    [{ rolling: true }, 'rolling', 'policy.idle'],
    [{ name: 'sid' }, 'name', 'cookie: { name }'],
    [{ genid: () => '1' }, 'genid', 'random'],
    [{ proxy: true }, 'proxy', '`trustProxy`'],
    [{ unset: 'destroy' }, 'unset', 'signOut'],
    [{ cookie: { maxAge: 60_000 } }, 'cookie.maxAge', 'policy.rememberMe'],
    [{ cookie: { secure: false } }, 'cookie.secure', 'insecure: true'],
    [{ cookie: { httpOnly: true } }, 'cookie.httpOnly', 'always HttpOnly'],
    [{ idle: '1h' }, 'idle', "'policy.idle'"],
    [{ sessionPerUser: { max: 1 } }, 'sessionPerUser', "'sessionsPerUser'"],
    [{ cookie: { samesite: 'lax' } }, 'cookie.samesite', "'sameSite'"],
    [{ policy: { abolute: '1h' } }, 'policy.abolute', "'absolute'"],
    [{ policy: { rememberMe: { idel: '1h' } } }, 'policy.rememberMe.idel', "'idle'"],
    [{ csrf: { trusted: [] } }, 'csrf.trusted', 'trustedOrigins'],
    [{ trustProxy: { hop: 1 } }, 'trustProxy.hop', "'hops'"],
    [{ data: { maxbytes: 1 } }, 'data.maxbytes', "'maxBytes'"],
    [{ runtime: { nwo: Date.now } }, 'runtime.nwo', "'now'"],
    [{ sessionsPerUser: { max: 1, strategy: 'refuse' } }, 'sessionsPerUser.strategy', 'max, atLimit'],
    [{ constructor: 1 }, 'constructor', 'there is no such option'],
  ])('%j', (options, option, text) => {
    const fault = faultOf(options)
    expect(fault).toMatchObject({ code: 'ERR_OPTION', option })
    expect(fault?.message).toContain(text)
    expect(fault?.message).not.toContain('keyboard cat')
  })

  test('but one that is undefined is as if it were not there', () => {
    expect(faultOf({ maxAge: undefined, cookie: { secure: undefined } })).toBe(null)
  })
})

test.each([
  [{ get: () => null, set: () => null, destroy: () => null }, 'express-session'],
  [memoryStore, 'memoryStore()'],
  [{}, 'sqliteStore(path)'],
  ['sessions.db', 'sqliteStore(path)'],
])('a store that is none is told from the others', (store, text) => {
  const fault = faultOf({ store })
  expect(fault?.option).toBe('store')
  expect(fault?.message).toContain(text)
})
