import { createSessions } from '../../index.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type AdapterContext, type AdapterData, adapterCase, headersOf, me, NAVIGATION } from './kit.ts'

/** When sessions end by themselves or with their keys, what is said of it, and what reading them costs; over sockets. */
export const lifetimeCases: readonly Case<AdapterContext>[] = [
  adapterCase(
    7,
    'the idle timeout ends a session to the millisecond, and activity moves it',
    () => ({}),
    async ({ signedIn, clock }) => {
      const [ada, idle] = [await signedIn(), await signedIn()]
      clock.advance(600_000 - 1)
      expectEqual((await me(ada)).userId, 'ada')
      clock.advance(1)
      expectEqual(await me(idle), { userId: null, ended: 'idle', data: {} })
      clock.advance(600_000 - 2)
      expectEqual((await me(ada)).userId, 'ada')
    },
    { policy: { idle: '10m', absolute: '1h', touch: '0ms', renewal: 'none' } },
  ),
  adapterCase(
    7,
    'no activity moves the absolute timeout, and no renewal',
    () => ({}),
    async ({ signedIn, clock }) => {
      const ada = await signedIn()
      for (let minutes = 5; minutes < 60; minutes += 5) {
        clock.advance('5m')
        expectEqual(JSON.parse((await ada.navigate('/me')).body).userId, 'ada', `after ${minutes} minutes`)
      }
      clock.advance(300_000 - 1)
      expectEqual((await me(ada)).userId, 'ada')
      clock.advance(1)
      expectEqual(await me(ada), { userId: null, ended: 'absolute', data: {} })
    },
    { policy: { idle: '10m', absolute: '1h', touch: '1m', renewal: '10m' } },
  ),
  adapterCase(
    6,
    'a read-only request costs one read, and activity is written once per interval',
    () => ({}),
    async ({ signedIn, clock, counting }) => {
      const ada = await signedIn()
      clock.advance('2m')
      counting.reset()
      for (let i = 0; i < 10; i++) expectEqual((await ada.visit({ path: '/me', headers: NAVIGATION })).status, 200)
      expectEqual(counting.counts(), { read: 10, touch: 1 })
    },
    { policy: { touch: '1m', renewal: 'none' } },
  ),
  adapterCase(
    10,
    'a server with a new key first takes the tokens of the old one, and gives out its own; the old server goes on',
    () => ({}),
    async ({ signedIn, served, counting, clock }, context) => {
      const ada = await signedIn()
      const keys = ['a-newer-signing-key-of-the-adapters-98765', 'a-signing-key-of-the-adapters-0123456789']
      const sessions = createSessions<AdapterData>({ store: counting, keys, runtime: { now: clock.now } })
      const newer = await context.serve(sessions, {
        '/me': async (session) => ({ body: String((await session()).userId) }),
        '/rotate': async (session) => {
          await (await session()).rotate()
          return { body: 'rotated' }
        },
      })
      try {
        const cookie = () => ({ cookie: `sid=${ada.token()}` })
        expectEqual((await newer.send({ path: '/me', headers: cookie() })).body, 'ada')
        expectEqual((await me(ada)).userId, 'ada')
        ada.take(await newer.send({ path: '/rotate', headers: cookie() }))
        expectEqual((await newer.send({ path: '/me', headers: cookie() })).body, 'ada')
        // The old server does not know the new key: until it does, its answers are those to a visitor.
        const { body } = await served.send({ path: '/me', headers: cookie() })
        expectEqual(JSON.parse(body).userId, null)
      } finally {
        await newer.close()
      }
    },
  ),
  adapterCase(
    11,
    'whoever lost a session is told why: signed out, revoked, or by a token that was replaced',
    () => ({
      '/sign-out': async (session) => {
        await (await session()).signOut()
        return { body: 'bye' }
      },
      '/rotate': async (session) => {
        await (await session()).rotate()
        return { body: 'rotated' }
      },
    }),
    async ({ signedIn, sessions, events }) => {
      const reasons: (string | null)[] = []
      for (const lose of ['sign-out', 'revoke', 'rotate'] as const) {
        const ada = await signedIn()
        const left = ada.copy()
        const [info] = await sessions.list('ada')
        if (lose === 'revoke') await sessions.revoke(info?.id ?? '', 'stolen')
        else await ada.visit({ method: 'POST', path: `/${lose}` })
        reasons.push((await me(left)).ended)
        await sessions.revokeUser('ada')
      }
      expectEqual(reasons, ['signed-out', 'revoked', 'replaced'])
      const told = events.flatMap((event) => (event.type === 'ended' ? [event.reason] : []))
      expectTrue(told.includes('signed-out') && told.includes('revoked'), `Events tell ${told.join(', ')} alone.`)
    },
  ),
  adapterCase(
    14,
    'what is expired goes away while requests are served, and what lives stays',
    () => ({}),
    async ({ signedIn, sessions, clock, counting }) => {
      const gone = await signedIn()
      clock.advance('50m')
      const ada = await signedIn()
      clock.advance('20m')
      const [swept, answers] = await Promise.all([
        sessions.sweep(),
        Promise.all(Array.from({ length: 8 }, () => ada.visit('/me'))),
      ])
      expectEqual(swept, { expired: 1, removed: 0 })
      for (const { body } of answers) expectEqual(JSON.parse(body).userId, 'ada')
      expectEqual((await me(gone)).ended, 'idle')
      const before = counting.counts()['sweep'] ?? 0
      expectTrue(before > 0, 'Nothing was swept.')
    },
    { policy: { idle: '1h', absolute: '12h' } },
  ),
  adapterCase(
    13,
    'a list of devices over HTTP signs nobody in, and its public ids are enough to end one',
    (sessions) => ({
      '/devices': async (session) => ({
        body: JSON.stringify(await sessions.list((await session()).userId ?? 'nobody')),
      }),
      '/end': async (session, { form }) => {
        const { userId } = await session()
        const id = String((await form()).get('id'))
        return { body: await sessions.revoke(id, null, { userId: userId ?? 'nobody' }) }
      },
    }),
    async ({ signedIn, served, clock }) => {
      const desk = await signedIn()
      clock.advance(1)
      const phone = await signedIn()
      const { body } = await desk.visit('/devices')
      const devices: { id: string }[] = JSON.parse(body)
      expectEqual(devices.length, 2)
      for (const text of devices.flatMap((device) => Object.values(device).map(String))) {
        const answer = await served.send({ path: '/me', headers: { cookie: `sid=${text}` } })
        expectEqual(JSON.parse(answer.body).userId, null, 'What a list holds signs in.')
      }
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const end = {
        method: 'POST',
        path: '/end',
        headers,
        body: new URLSearchParams({ id: devices[0]?.id ?? '' }).toString(),
      }
      expectEqual((await desk.visit(end)).body, 'ended')
      expectEqual([(await me(phone)).ended, (await me(desk)).userId], ['revoked', 'ada'])
    },
  ),
  adapterCase(
    1,
    'no answer holds a token, but in its Set-Cookie line',
    (sessions) => ({
      '/everything': async (session) => {
        const one = await session()
        const { id, userId, ended, data, client, assurance } = one
        const shown = { id, userId, ended, data, client, assurance, list: await sessions.list('ada'), one }
        return { headers: { 'x-session': String(id) }, body: JSON.stringify(shown) }
      },
      '/throws': async (session) => {
        const one = await session()
        one.requireFresh({ maxAge: '0ms' })
        return { body: 'fresh' }
      },
    }),
    async ({ signedIn, clock, events }) => {
      const ada = await signedIn()
      const tokens = new Set([ada.token() ?? ''])
      clock.advance('6m')
      const answers = [await ada.navigate('/everything'), await ada.visit('/throws'), await ada.visit('/everything')]
      tokens.add(ada.token() ?? '')
      expectEqual(tokens.size, 2)
      const secrets = [...tokens].map((token) => token.split('.').at(-1) ?? '')
      const texts = answers.map((answer) => {
        const headers = answer.headers.filter(([name]) => name !== 'set-cookie')
        return JSON.stringify([headers, answer.body])
      })
      texts.push(JSON.stringify(events))
      for (const secret of [...tokens, ...secrets]) {
        expectTrue(secret.length > 20, 'This is no secret.')
        for (const text of texts) expectTrue(!text.includes(secret), 'A token stands in an answer.')
      }
      expectEqual(
        answers.map((answer) => headersOf(answer, 'set-cookie').length),
        [1, 0, 0],
      )
    },
    { policy: { renewal: '5m' } },
  ),
]
