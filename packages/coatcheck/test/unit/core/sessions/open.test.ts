import { describe, expect, test } from 'vitest'
import { runtime as web } from '../../../../src/runtime/web.ts'
import { modelStore } from '../../../../src/testing/index.ts'
import { anApp, NAVIGATION, rejection } from '../app.ts'

const SIGNED_IN = '__Host-sid'
const ANONYMOUS = '__Host-vid'
const START = Date.UTC(2026, 0, 1)

type App = ReturnType<typeof anApp>

async function anonymous(app: App) {
  const client = app.aClient()
  await client.visit((session) => {
    session.data.n = 1
  })
  return client
}

const refusals = ({ events }: App) => events.flatMap((event) => (event.type === 'refused' ? [event.reason] : []))
const opens = (app: App, cookie: string) =>
  app.sessions.open({ headers: { get: (name) => (name === 'cookie' ? cookie : null) } })

describe('a cookie header over 16 KB', () => {
  const filler = `filler=${'x'.repeat(16_384)}`

  test.each([SIGNED_IN, ANONYMOUS])('with our %s is told: nobody is signed out without a trace', async (name) => {
    const app = anApp()
    const session = await opens(app, `${filler}; ${name}=a`)
    expect([session.ended?.reason, refusals(app), app.counting.counts()]).toEqual(['malformed', ['malformed'], {}])
    expect((await app.sessions.save(session)).cookies).toEqual([])
  })

  test('without a cookie of ours is that of any visitor', async () => {
    const app = anApp()
    const session = await opens(app, filler)
    expect([session.ended, refusals(app), app.counting.counts()]).toEqual([null, [], {}])
  })
})

describe('both cookies', () => {
  test('that count: the signed-in one is the session, and the other is not looked at', async () => {
    const app = anApp()
    const [ada, visitor] = [await app.signedIn(), await anonymous(app)]
    app.counting.reset()
    const session = await opens(
      app,
      `${ANONYMOUS}=${visitor.jar.get(ANONYMOUS)}; ${SIGNED_IN}=${ada.jar.get(SIGNED_IN)}`,
    )
    expect([session.userId, session.ended, app.counting.counts()]).toEqual(['ada', null, { read: 1 }])
  })

  test('of which the signed-in one ended: the anonymous one goes on and does not hide why', async () => {
    const app = anApp()
    const [ada, visitor] = [await app.signedIn(), await anonymous(app)]
    await app.sessions.revokeUser('ada', { note: 'stolen' })
    const session = await opens(
      app,
      `${SIGNED_IN}=${ada.jar.get(SIGNED_IN)}; ${ANONYMOUS}=${visitor.jar.get(ANONYMOUS)}`,
    )
    expect([session.userId, session.data.n]).toEqual([null, 1])
    expect(session.ended).toEqual({ reason: 'revoked', at: START, note: 'stolen' })
  })

  test('of which the signed-in one is renewed by another request at the same time: it is the session', async () => {
    const app = anApp({ policy: { renewal: '1m' } })
    const [ada, visitor] = [await app.signedIn(), await anonymous(app)]
    const cookie = `${SIGNED_IN}=${ada.jar.get(SIGNED_IN)}; ${ANONYMOUS}=${visitor.jar.get(ANONYMOUS)}`
    app.clock.advance('1m')
    const barrier = app.barrier.stopBefore('rotate')
    const headers = { cookie, ...NAVIGATION }
    const opening = app.sessions.open(new Request('https://app.example/', { headers }))
    await barrier.reached
    await ada.visit(() => undefined, NAVIGATION)
    barrier.release()
    const session = await opening
    expect([session.userId, session.ended]).toEqual(['ada', null])
    const { cookies } = await app.sessions.save(session)
    expect(cookies).toEqual([expect.stringContaining(`${SIGNED_IN}=${ada.jar.get(SIGNED_IN)};`)])
  })

  test.each(['touch', 'rotate'])(
    'of which the signed-in one is read as alive after its %s found nothing: it is the session',
    async (method) => {
      const inner = modelStore()
      const gone = async () => (method === 'touch' ? 'gone' : { outcome: 'gone', record: null })
      const app = anApp({ store: { ...inner, [method]: gone }, policy: { renewal: '2m' } })
      const [ada, visitor] = [await app.signedIn(), await anonymous(app)]
      app.clock.advance('2m')
      const cookie = `${SIGNED_IN}=${ada.jar.get(SIGNED_IN)}; ${ANONYMOUS}=${visitor.jar.get(ANONYMOUS)}`
      const headers = { cookie, ...NAVIGATION }
      const session = await app.sessions.open(new Request('https://app.example/', { headers }))
      expect([session.userId, session.ended, refusals(app)]).toEqual(['ada', null, []])
    },
  )

  test('that are junk: the reason is that of the signed-in one', async () => {
    const app = anApp()
    const forged = `cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`
    const session = await opens(app, `${SIGNED_IN}=${forged}; ${ANONYMOUS}=junk`)
    expect([session.id, session.ended?.reason, refusals(app)]).toEqual([null, 'unknown', ['unknown-key', 'malformed']])
  })
})

describe('several cookies of one name', () => {
  test.each([
    ['older', 0],
    ['newer', 1],
  ])('of one session, before and after its renewal, the %s one first: the newer one counts', async (_, first) => {
    const app = anApp({ policy: { renewal: '1m', idle: '1h' } })
    const ada = await app.signedIn()
    const tokens = [ada.jar.get(SIGNED_IN)]
    app.clock.advance('1m')
    await ada.visit(() => undefined, NAVIGATION)
    tokens.push(ada.jar.get(SIGNED_IN))
    const session = await opens(app, `${SIGNED_IN}=${tokens[first]}; ${SIGNED_IN}=${tokens[1 - first]}`)
    expect(session.userId).toBe('ada')
    expect((await app.inner.read(session.id ?? ''))?.predecessor?.seenAt).toBe(START + 60_000)
  })

  test('of two sessions: none counts, and neither is told to the application', async () => {
    const app = anApp()
    const [ada, bob] = [await app.signedIn(), await app.signedIn({}, 'bob')]
    const session = await opens(app, `${SIGNED_IN}=${ada.jar.get(SIGNED_IN)}; ${SIGNED_IN}=${bob.jar.get(SIGNED_IN)}`)
    expect([session.id, session.ended?.reason, refusals(app)]).toEqual([null, 'unknown', ['ambiguous']])
  })

  test('of which none counts: the reason is that of a session that was, if there is one', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    await app.sessions.revokeUser('ada')
    const token = ada.jar.get(SIGNED_IN)
    for (const cookies of [
      ['junk', token],
      [token, 'junk'],
      ['a', 'b', token, 'c'],
    ]) {
      const session = await opens(app, cookies.map((value) => `${SIGNED_IN}=${value}`).join('; '))
      expect(session.ended?.reason).toBe('revoked')
    }
    expect((await opens(app, `${SIGNED_IN}=a; ${SIGNED_IN}=b`)).ended?.reason).toBe('malformed')
  })
})

describe('a token in the cookie of the other kind', () => {
  test('does not count, in either direction, and its session lives on', async () => {
    const app = anApp()
    const [ada, visitor] = [await app.signedIn(), await anonymous(app)]
    const swapped = [
      `${ANONYMOUS}=${ada.jar.get(SIGNED_IN)}`,
      `${SIGNED_IN}=${visitor.jar.get(ANONYMOUS)}`,
      `sid=${ada.jar.get(SIGNED_IN)}`,
    ]
    const states: (string | undefined)[] = []
    for (const cookie of swapped) states.push((await opens(app, cookie)).ended?.reason)
    expect(states).toEqual(['unknown', 'unknown', undefined])
    expect(await ada.visit((session) => session.userId)).toBe('ada')
    expect(await visitor.visit((session) => session.data.n)).toBe(1)
  })
})

describe('over plain http on a network', () => {
  test('a token is not even looked at: it was sent in the clear', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    app.counting.reset()
    const token = ada.jar.get(SIGNED_IN)
    const headers = { cookie: `sid=${token}; ${SIGNED_IN}=${token}` }
    const session = await app.sessions.open(new Request('http://app.example/', { headers }))
    expect([session.id, session.ended, app.counting.counts()]).toEqual([null, null, {}])
  })
})

describe('activity', () => {
  test('is recorded once per interval, to the millisecond', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    const touches = async (after: number) => {
      app.clock.set(START + after)
      app.counting.reset()
      await ada.visit(() => undefined)
      return app.counting.total('touch')
    }
    expect([await touches(59_999), await touches(60_000), await touches(60_001)]).toEqual([0, 1, 0])
    expect([await touches(119_999), await touches(120_000)]).toEqual([0, 1])
  })

  test('with a renewed token is recorded once by all processes, and not again by one that comes later', async () => {
    const app = anApp({ policy: { renewal: '2m', idle: '1h' } })
    const ada = await app.signedIn()
    app.clock.advance('2m')
    await ada.visit(() => undefined, NAVIGATION)
    await ada.visit(() => undefined)
    app.counting.reset()
    await app.make().open(ada.request())
    expect(app.counting.counts()).toEqual({ read: 1 })
  })

  test('that fails in a way that no store may is no matter to go on from', async () => {
    const broken = new TypeError('of the driver')
    const inner = modelStore()
    const app = anApp({ store: { ...inner, touch: () => Promise.reject(broken) } })
    const ada = await app.signedIn()
    app.clock.advance('2m')
    expect(await rejection(app.sessions.open(ada.request()))).toBe(broken)
  })

  test('during which the session was ended refuses the request', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    const id = (await ada.visit((session) => session.id)) ?? ''
    app.clock.advance('2m')
    const barrier = app.barrier.stopBefore('touch')
    const opening = app.sessions.open(ada.request())
    await barrier.reached
    await app.sessions.revoke(id)
    barrier.release()
    expect((await opening).ended?.reason).toBe('revoked')
  })
})

describe('the renewal of a session that changes meanwhile', () => {
  /** A navigation that is stopped at its renewal while `meanwhile` happens. */
  async function overtaken(meanwhile: (app: App, ada: Awaited<ReturnType<App['signedIn']>>) => Promise<unknown>) {
    const app = anApp({ policy: { renewal: '1m', touch: '0ms' } })
    const ada = await app.signedIn()
    app.clock.advance('1m')
    const barrier = app.barrier.stopBefore('rotate')
    const opening = app.sessions.open(ada.copy().request(NAVIGATION))
    await barrier.reached
    await meanwhile(app, ada)
    barrier.release()
    const session = await opening
    const { cookies } = await app.sessions.save(session)
    return { userId: session.userId, reason: session.ended?.reason, cookies }
  }

  test('refuses a request whose token was replaced', async () => {
    const late = await overtaken((_, ada) => ada.visit((session) => session.rotate()))
    expect(late).toEqual({ userId: null, reason: 'replaced', cookies: [] })
  })

  test('refuses a request whose token was renewed twice', async () => {
    const late = await overtaken(async ({ clock }, ada) => {
      await ada.visit(() => undefined, NAVIGATION)
      clock.advance('1m')
      await ada.visit(() => undefined, NAVIGATION)
    })
    expect(late).toEqual({ userId: null, reason: 'replaced', cookies: [] })
  })

  test('refuses a request whose session was ended', async () => {
    const late = await overtaken(({ sessions }) => sessions.revokeUser('ada'))
    expect(late).toEqual({ userId: null, reason: 'revoked', cookies: [] })
  })

  test('brings a request that was overtaken once the token of the first', async () => {
    let first: string | undefined
    const late = await overtaken(async (_, ada) => {
      await ada.visit(() => undefined, NAVIGATION)
      first = ada.jar.get(SIGNED_IN)
    })
    expect([late.userId, late.cookies.length]).toEqual(['ada', 1])
    expect(late.cookies[0]).toContain(`=${first};`)
  })
})

test('an asynchronous platform opens, refuses and renews as a synchronous one', async () => {
  const { now: _, warn: __, ...platform } = web
  const app = anApp()
  const sessions = app.make({
    runtime: { ...platform, now: app.clock.now, warn: () => undefined },
    policy: { renewal: '1m' },
  })
  const ada = app.aClient(sessions)
  await ada.visit(async (session) => session.signIn(await sessions.begin('ada')))
  const old = ada.copy()
  const guess = ada.copy()
  const token = ada.jar.get(SIGNED_IN) ?? ''
  guess.jar.set(SIGNED_IN, token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'))
  app.clock.advance('1m')
  expect(await ada.visit((session) => session.userId, NAVIGATION)).toBe('ada')
  expect(ada.jar.get(SIGNED_IN)).not.toBe(old.jar.get(SIGNED_IN))
  expect(await old.visit((session) => session.userId)).toBe('ada')
  expect(await guess.visit((session) => session.ended?.reason)).toBe('unknown')
})

test('a token that is superseded ends nothing unless the policy says so', async () => {
  for (const [reuse, states] of [
    ['refuse', ['replaced', undefined]],
    ['end', ['reused', 'reused']],
  ] as const) {
    const app = anApp({ policy: { reuse } })
    const ada = await app.signedIn()
    const old = ada.copy()
    await ada.visit((session) => session.rotate())
    app.clock.advance('30s')
    const reasonOf = (client: typeof ada) => client.visit((session) => session.ended?.reason)
    expect([await reasonOf(old), await reasonOf(ada)]).toEqual(states)
    expect(app.events.filter(({ type }) => type === 'refused')[0]).toMatchObject({
      reason: 'superseded',
      userId: 'ada',
    })
  }
})

test('a session that ended by itself or by somebody is not called reused, also where the policy ends what is', async () => {
  const app = anApp({ policy: { reuse: 'end' } })
  const [revoked, idle] = [await app.signedIn(), await app.signedIn({}, 'bob')]
  await app.sessions.revokeUser('ada')
  app.clock.advance('30m')
  for (const [client, reason] of [
    [revoked, 'revoked'],
    [idle, 'idle'],
  ] as const) {
    expect(await client.visit((session) => session.ended?.reason)).toBe(reason)
  }
  expect(app.counting.total('end')).toBe(0)
})

describe('a bearer token', () => {
  const withBearer = () => anApp({ bearer: true, policy: { renewal: '5m' } })
  const present = (app: App, authorization: string, headers: Record<string, string> = {}) =>
    app.sessions.open(new Request('https://app.example/', { headers: { authorization, ...headers } }))

  /** Signs in as a client without cookies does, and answers the token that it was handed. */
  async function handedOut(app: App) {
    const session = await app.sessions.open(new Request('https://app.example/', { method: 'POST' }))
    await session.signIn(await app.sessions.begin('ada'), { data: { role: 'editor' } })
    const token = session.takeToken()
    expect(session.takeToken()).toBe(null)
    const { cookies } = await app.sessions.save(session)
    expect(cookies).toEqual([])
    return token ?? ''
  }

  test('that was handed out instead of a cookie is the session, and its answer sends none', async () => {
    const app = withBearer()
    const token = await handedOut(app)
    for (const scheme of ['Bearer', 'bearer', 'BEARER  '].map((word) => `${word} ${token}`)) {
      const session = await present(app, scheme)
      expect([session.userId, session.data.role, session.ended]).toEqual(['ada', 'editor', null])
      expect((await app.sessions.save(session)).cookies).toEqual([])
    }
  })

  test('counts for nothing unless the option says so', async () => {
    const app = anApp()
    const client = await app.signedIn()
    app.counting.reset()
    const session = await present(app, `Bearer ${client.jar.get(SIGNED_IN)}`)
    expect([session.userId, session.ended, app.counting.counts()]).toEqual([null, null, {}])
  })

  test.each([
    'Bearer eyJhbGciOiJIUzI1NiJ9.e30.x',
    'Basic YTpi',
    'Bearer',
    'Bearer ',
    '',
    'cc1.0.x.y',
    'DPoP cc1.0.x.y',
  ])('%j is none of our business', async (authorization) => {
    const app = withBearer()
    const session = await present(app, authorization)
    expect([session.userId, session.ended, app.events, app.counting.counts()]).toEqual([null, null, [], {}])
  })

  test('of our shape that we never issued is refused without a read, like a cookie', async () => {
    const app = withBearer()
    for (const [token, reason] of [
      ['cc1.junk', 'malformed'],
      [`cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`, 'unknown-key'],
    ]) {
      expect((await present(app, `Bearer ${token}`)).userId).toBe(null)
      expect(refusals(app).at(-1)).toBe(reason)
    }
    expect(app.counting.counts()).toEqual({})
  })

  test('together with our cookie is refused as ambiguous, even where both are the same', async () => {
    const app = withBearer()
    const token = await handedOut(app)
    const other = await app.signedIn()
    app.counting.reset()
    for (const cookie of [token, other.jar.get(SIGNED_IN), 'junk']) {
      const session = await present(app, `Bearer ${token}`, { cookie: `${SIGNED_IN}=${cookie}` })
      expect([session.userId, session.ended?.reason]).toEqual([null, 'unknown'])
    }
    expect(refusals(app)).toEqual(['ambiguous', 'ambiguous', 'ambiguous'])
    expect(app.counting.counts()).toEqual({})
    const session = await present(app, `Bearer ${token}`, { cookie: `${ANONYMOUS}=junk` })
    expect([session.userId, session.ended?.reason]).toEqual([null, 'unknown'])
    const beside = await present(app, `Bearer ${token}`, { cookie: 'theme=dark; _sid=1' })
    expect(beside.userId).toBe('ada')
  })

  test('is never renewed silently, and counts until it is rotated', async () => {
    const app = withBearer()
    const token = await handedOut(app)
    app.clock.advance('20m')
    const session = await present(app, `Bearer ${token}`, NAVIGATION)
    expect([session.userId, session.takeToken()]).toEqual(['ada', null])
    expect(app.counting.counts()).not.toHaveProperty('rotate', 1)
    await session.rotate()
    const next = session.takeToken() ?? ''
    expect((await present(app, `Bearer ${next}`)).userId).toBe('ada')
    expect((await present(app, `Bearer ${token}`)).ended?.reason).toBe('replaced')
  })

  test('in the URL is no token', async () => {
    const app = withBearer()
    const token = await handedOut(app)
    const session = await app.sessions.open(new Request(`https://app.example/?access_token=${token}&token=${token}`))
    expect([session.userId, session.ended]).toEqual([null, null])
  })
})

test('a cookie of another application on another port of this machine is a warning that names the way out', async () => {
  const app = anApp()
  const other = anApp({ keys: 'another-key-of-another-application-0123' })
  const url = 'http://localhost:3001/'
  const session = await other.sessions.open(new Request(url))
  await session.signIn(await other.sessions.begin('ada'))
  const cookie = (await other.sessions.save(session)).cookies[0]?.split(';')[0] ?? ''
  for (let i = 0; i < 2; i++) {
    expect((await app.sessions.open(new Request('http://localhost:3000/', { headers: { cookie } }))).signedIn).toBe(
      false,
    )
  }
  expect(app.warnings).toEqual([expect.stringContaining('cookie: { name, anonymousName }')])
})

test('a passive request that finds old data brings them up to date and records nothing else', async () => {
  const app = anApp({ policy: { touch: '1m' } })
  const ada = await app.signedIn({ n: 1 })
  const newer = app.make({ data: { version: 1, migrate: (data) => data } })
  app.clock.advance('10m')
  app.counting.reset()
  await newer.open(ada.request(NAVIGATION), { passive: true })
  expect(app.counting.counts()).toEqual({ read: 1, update: 1 })
})
