import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { until } from '../waiting.ts'
import { type AdapterContext, adapterCase, headerOf, me } from './kit.ts'

/** A store that fails, at each moment of a request. */
export const outageCases: readonly Case<AdapterContext>[] = [
  adapterCase(
    8,
    'a store that is out is a 503 with Retry-After, never an anonymous visitor, and it recovers by itself',
    () => ({}),
    async ({ signedIn, fault }) => {
      const ada = await signedIn()
      fault.failBefore('read')
      const answer = await ada.visit('/me')
      expectEqual(answer.status, 503)
      expectTrue(Number(headerOf(answer, 'retry-after')) > 0, 'No Retry-After.')
      expectEqual(headerOf(answer, 'cache-control'), 'no-store')
      fault.heal()
      expectEqual((await me(ada)).userId, 'ada')
    },
  ),
  adapterCase(
    8,
    'a route that says so is served in an outage, and signs out there: without a cookie at once, for ever when it is over',
    () => ({
      '/anyway/page': async (session) => ({ body: String((await session()).storeIsOut) }),
      '/anyway/sign-out': async (session) => {
        await (await session()).signOut()
        return { body: 'signed out' }
      },
    }),
    async ({ signedIn, fault, events }) => {
      const ada = await signedIn()
      const copy = ada.copy()
      expectEqual((await ada.visit('/anyway/page')).body, 'false')
      fault.failBefore('any')
      const page = await ada.visit('/anyway/page')
      expectEqual([page.status, page.body], [200, 'true'])
      expectTrue(ada.token() !== undefined, 'A page in an outage deletes the cookie.')
      const answer = await ada.visit('/anyway/sign-out')
      expectEqual([answer.status, ada.token()], [503, undefined])
      expectTrue(Number(headerOf(answer, 'retry-after')) > 0, 'No Retry-After.')
      fault.heal()
      await until(() => events.some(({ type }) => type === 'ended'), 'It was not tried again.')
      expectEqual((await me(copy)).ended, 'signed-out')
    },
  ),
  adapterCase(
    8,
    'a handler that asks for its session itself may answer an outage itself, and may ask again',
    () => ({
      '/own': async (session) => {
        try {
          return { body: String((await session()).userId) }
        } catch {
          return { status: 502, body: String(await session().then(({ userId }) => userId)) }
        }
      },
    }),
    async ({ signedIn, fault }, context) => {
      const ada = await signedIn()
      fault.failBefore('read', { times: 1 })
      const answer = await ada.visit('/own')
      if (context.opensAhead) expectEqual(answer.status, 503)
      else expectEqual([answer.status, answer.body], [502, 'ada'])
    },
  ),
  adapterCase(
    8,
    'a write that fails before the headers is a 503 in place of the answer, and the cookies of what has happened are sent',
    () => ({
      '/write': async (session) => {
        const one = await session()
        await one.rotate()
        one.data.n = 1
        return { headers: { 'x-answer': 'of the handler' }, body: 'done, says the handler' }
      },
    }),
    async ({ signedIn, fault }) => {
      const ada = await signedIn()
      const before = ada.token()
      fault.failBefore('update')
      const answer = await ada.visit('/write')
      expectEqual([answer.status, headerOf(answer, 'x-answer')], [503, null])
      expectTrue(Number(headerOf(answer, 'retry-after')) > 0, 'No Retry-After.')
      fault.heal()
      expectTrue(ada.token() !== before, 'The new token was lost, and the old one is dead.')
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: {} })
    },
  ),
  adapterCase(
    8,
    'a write that fails after the headers breaks the answer off, and is an event',
    (_, go) => ({
      '/stream': async (session) => {
        const one = await session()
        const { userId } = one
        async function* chunks() {
          yield `for ${userId} `
          await go
          one.data.n = 1
          yield 'all is well'
        }
        return { body: chunks() }
      },
    }),
    async ({ signedIn, fault, events, go }, context) => {
      const ada = await signedIn()
      fault.failBefore('update')
      const answering = ada.visit('/stream')
      // By the next answer of the same server the head of this one has left.
      await ada.visit('/none')
      go()
      const answer = await answering
      expectEqual(answer.complete, !context.savesLate)
      const broken = events.filter(({ type }) => type === 'answer-broken').length
      expectEqual(broken, context.savesLate ? 1 : 0)
      fault.heal()
      expectEqual((await me(ada)).userId, 'ada')
    },
  ),
  adapterCase(
    8,
    'data that cannot be stored is a 500, not an answer that says all is well',
    () => ({
      '/bad': async (session) => {
        const { data } = await session()
        data['date'] = new Date(0)
        return { headers: { 'x-answer': 'of the handler' }, body: 'done, says the handler' }
      },
    }),
    async ({ signedIn }) => {
      const ada = await signedIn()
      const answer = await ada.visit('/bad')
      expectEqual([answer.status, headerOf(answer, 'x-answer')], [500, null])
      expectTrue(!answer.body.includes('done'), 'The handler’s answer was sent.')
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: {} })
    },
  ),
  adapterCase(
    5,
    'a handler that throws after a rotation, or leaves data that cannot be stored, is a 500 that brings the new token',
    () => ({
      '/throw': async (session) => {
        const one = await session()
        one.data.n = 1
        await one.rotate()
        throw new Error('the handler failed')
      },
      '/bad': async (session) => {
        const one = await session()
        await one.rotate()
        one.data['date'] = new Date(0)
        return { body: 'done, says the handler' }
      },
    }),
    async ({ signedIn }) => {
      const ada = await signedIn()
      for (const path of ['/throw', '/bad']) {
        const before = ada.token()
        expectEqual((await ada.visit(path)).status, 500, path)
        expectTrue(ada.token() !== before, `${path}: the new token was lost, and the old one is dead.`)
        expectEqual(await me(ada), { userId: 'ada', ended: null, data: {} }, path)
      }
    },
  ),
  adapterCase(
    8,
    'an answer that does not wait for its session is a 503 where that cannot be opened, and the server goes on',
    () => ({
      '/hasty': (session) => {
        session().catch(() => null)
        return { body: 'said before it was there' }
      },
    }),
    async ({ signedIn, fault }) => {
      const ada = await signedIn()
      fault.failBefore('read')
      expectEqual((await ada.visit('/hasty')).status, 503)
      fault.heal()
      expectEqual((await ada.visit('/hasty')).body, 'said before it was there')
      expectEqual((await me(ada)).userId, 'ada')
    },
  ),
  adapterCase(
    8,
    'a store that is out while a handler writes at once is a 503 with Retry-After',
    () => ({
      '/update': async (session) => {
        await (await session()).update('n', () => 1)
        return { body: 'done, says the handler' }
      },
    }),
    async ({ signedIn, fault }) => {
      const ada = await signedIn()
      fault.failBefore('update')
      const answer = await ada.visit('/update')
      expectEqual(answer.status, 503)
      expectTrue(Number(headerOf(answer, 'retry-after')) > 0, 'No Retry-After.')
    },
  ),
  adapterCase(
    4,
    'a sign-in that was overtaken by a change of the user is a 409, and signs nobody in',
    (sessions) => ({
      '/overtaken': async (session) => {
        const attempt = await sessions.begin('ada')
        await sessions.revokeUser('ada')
        await (await session()).signIn(attempt)
        return { body: 'done, says the handler' }
      },
    }),
    async ({ visitor }) => {
      const one = visitor()
      const answer = await one.visit('/overtaken')
      expectEqual([answer.status, answer.body.includes('done')], [409, false])
      expectEqual((await me(one)).userId, null)
    },
  ),
]
