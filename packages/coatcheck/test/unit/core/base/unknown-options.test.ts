import { describe, expect, test } from 'vitest'
import { expressSessions } from '../../../../src/adapters/express.ts'
import { guardResponse, requestSession, securityHeaders } from '../../../../src/adapters/fetch.ts'
import { honoGuard } from '../../../../src/adapters/hono.ts'
import { attachSession } from '../../../../src/adapters/node.ts'
import { createSessions, OptionError, returnPath } from '../../../../src/index.ts'
import { memoryStore } from '../../../../src/stores/memory.ts'
import { redisStore } from '../../../../src/stores/redis.ts'
import { sqliteStore } from '../../../../src/stores/sqlite.ts'

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

describe('a misspelt name is refused in each call', () => {
  const request = new Request('https://app.example/')
  const sessions = createSessions({ store: memoryStore(), keys: KEY })
  const signedIn = async () => {
    const session = await sessions.open(request)
    await session.signIn(await sessions.begin('ada'))
    return session
  }
  /** As plain JavaScript calls it, with options that no type knows. */
  const call = (name: string, of: object, ...given: readonly unknown[]): unknown =>
    Reflect.apply(Reflect.get(of, name) as () => unknown, of, [...given])

  const calls: readonly (readonly [string, (options: object) => unknown, object])[] = [
    [
      'requirement.roles',
      async (options) => call('guardResponse', { guardResponse }, await signedIn(), request, options),
      { roles: ['admin'] },
    ],
    ['requirement.rol', (options) => call('honoGuard', { honoGuard }, options), { rol: 'admin' }],
    [
      'requirement.permisions',
      (options) => call('guard', expressSessions(sessions), options),
      { permisions: ['payments'] },
    ],
    ['requirement.freshness', (options) => call('honoGuard', { honoGuard }, options), { freshness: '5m' }],
    ['fresh.maxage', (options) => call('honoGuard', { honoGuard }, { fresh: options }), { maxage: '5m' }],
    ['fresh.maxage', async (options) => call('isFresh', await signedIn(), options), { maxage: '15m' }],
    ['fresh.maxage', async (options) => call('requireFresh', await signedIn(), options), { maxage: '15m' }],
    ['fresh', async (options) => call('isFresh', await signedIn(), options), {}],
    ['fresh', async (options) => call('requireFresh', await signedIn(), options), { maxAge: undefined }],
    [
      'signIn.remeber',
      async (options) => call('signIn', await sessions.open(request), await sessions.begin('ada'), options),
      { remeber: true },
    ],
    [
      'reauthenticate.remeber',
      async (options) => call('reauthenticate', await signedIn(), await sessions.begin('ada'), options),
      { remeber: true },
    ],
    ['begin.crosSite', async (options) => call('begin', await sessions.open(request), options), { crosSite: true }],
    ['open.strikt', (options) => call('open', sessions, request, options), { strikt: true }],
    ['csrfFault.readForms', (options) => call('csrfFault', sessions, request, options), { readForms: false }],
    [
      'revoke.userID',
      async (options) => call('revoke', sessions, (await signedIn()).id ?? '', null, options),
      { userID: 'bob' },
    ],
    [
      'requestSession.strikt',
      (options) => call('requestSession', { requestSession }, sessions, request, options),
      { strikt: () => true },
    ],
    [
      'attachSession.pasive',
      (options) => call('attachSession', { attachSession }, sessions, {}, {}, options),
      { pasive: () => true },
    ],
    ['signOut.cleer', async (options) => call('signOut', await signedIn(), options), { cleer: ['cache'] }],
    ['revokeUser.exept', (options) => call('revokeUser', sessions, 'ada', options), { exept: 'id' }],
    ['updateUser.dta', (options) => call('updateUser', sessions, 'ada', options), { dta: {} }],
    ['returnPath.nevr', (options) => call('returnPath', { returnPath }, '/logout', options), { nevr: ['/logout'] }],
    [
      'securityHeaders.contentSecuritPolicy',
      (options) => call('securityHeaders', { securityHeaders }, options),
      { contentSecuritPolicy: {} },
    ],
    ['memoryStore.maxSession', (options) => call('memoryStore', { memoryStore }, options), { maxSession: 1 }],
    ['redisStore.replica', (options) => call('redisStore', { redisStore }, {}, options), { replica: 1 }],
    [
      'sqliteStore.synchronus',
      (options) => call('sqliteStore', { sqliteStore }, ':memory:', options),
      { synchronus: 'full' },
    ],
  ]

  test.each(calls)('%s', async (option, run, options) => {
    const running = async () => await run(options)
    await expect(running()).rejects.toMatchObject({ code: 'ERR_OPTION', option })
  })
})
