import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type AdapterContext, adapterCase, headersOf, me } from './kit.ts'

const KEYS = 20
/** Bytes of a body. */
const ALLOWED = 100_000

/** What frameworks do with answers: stream, redirect, fail before and after the head, lose the client. */
export const answerCases: readonly Case<AdapterContext>[] = [
  adapterCase(
    5,
    'parallel requests that change different keys keep all changes',
    () =>
      Object.fromEntries(
        Array.from({ length: KEYS }, (_, i) => [
          `/set/${i}`,
          async (session) => {
            const { data } = await session()
            data[`key ${i}`] = i
            return { body: 'set' }
          },
        ]),
      ),
    async ({ signedIn }) => {
      const ada = await signedIn()
      const all = Array.from({ length: KEYS }, (_, i) => i)
      await Promise.all(all.map((i) => ada.visit(`/set/${i}`)))
      expectEqual((await me(ada)).data, Object.fromEntries(all.map((i) => [`key ${i}`, i])))
    },
  ),
  adapterCase(
    4,
    'two browsers of one user: the one ends the other, and it is told why',
    (sessions) => ({
      '/end-others': async (session) => {
        const { id, userId } = await session()
        return { body: String(await sessions.revokeUser(userId ?? '', { except: id })) }
      },
    }),
    async ({ signedIn, sessions }) => {
      const [desk, phone] = [await signedIn(), await signedIn()]
      expectEqual((await sessions.list('ada')).length, 2)
      expectEqual((await desk.visit({ method: 'POST', path: '/end-others' })).body, '1')
      expectEqual(await me(phone), { userId: null, ended: 'revoked', data: {} })
      expectEqual((await me(desk)).userId, 'ada')
    },
  ),
  adapterCase(
    null,
    'an error of ours that a handler has assigned to is answered as before',
    () => ({
      '/fresh': async (session) => {
        try {
          ;(await session()).requireFresh({ maxAge: '1m' })
          return { body: 'fresh' }
        } catch (error) {
          const own: { status?: number; statusCode?: number; expose?: boolean; headers?: object } = Object(error)
          own.status = own.status ?? 500
          own.statusCode = own.status
          own.expose = own.statusCode < 500
          own.headers = { ...own.headers, 'x-own': 'yes' }
          throw error
        }
      },
    }),
    async ({ visitor }) => {
      const answer = await visitor().visit('/fresh')
      expectEqual([answer.status, headersOf(answer, 'www-authenticate')], [401, ['Session']])
    },
  ),
  adapterCase(
    5,
    'the answer does not end before the write is acknowledged',
    () => ({
      '/write': async (session) => {
        const { data } = await session()
        data.n = 1
        return { body: 'written' }
      },
    }),
    async ({ signedIn, barrier, served }) => {
      const ada = await signedIn()
      const stop = barrier.stopBefore('update')
      let answered = false
      const cookie = `sid=${ada.token()}`
      const answer = served.send({ path: '/write', headers: { cookie } }).finally(() => {
        answered = true
      })
      await stop.reached
      // Other requests come and go meanwhile.
      await ada.visit('/none')
      expectEqual(answered, false, 'The answer came before the write.')
      stop.release()
      expectEqual((await answer).body, 'written')
      expectEqual((await me(ada)).data, { n: 1 })
    },
  ),
  adapterCase(
    4,
    'a slow request that writes while the session is ended writes nothing, and does not bring it back',
    () => ({
      '/write': async (session) => {
        const { data } = await session()
        data.n = 1
        return { body: 'late' }
      },
    }),
    async ({ signedIn, barrier, sessions }) => {
      const ada = await signedIn()
      const stop = barrier.stopBefore('update')
      const slow = ada.visit('/write')
      await stop.reached
      await sessions.revokeUser('ada')
      stop.release()
      expectEqual(headersOf(await slow, 'set-cookie'), [])
      expectEqual((await me(ada)).ended, 'revoked')
    },
  ),
  adapterCase(
    5,
    'a stream carries its cookie with the first byte, and what changes while it runs is not lost',
    () => ({
      '/stream': async (session) => {
        const one = await session()
        one.data.n = 1
        async function* chunks() {
          for (let i = 1; i <= 40; i++) yield `${'x'.repeat(8_000)}${i}\n`
          one.data['late'] = 'yes'
          await one.save()
          yield 'end'
        }
        return { body: chunks() }
      },
    }),
    async ({ visitor }) => {
      const one = visitor()
      const answer = await one.visit('/stream')
      expectTrue(answer.complete && answer.body.endsWith('40\nend'), 'The stream is not whole.')
      expectEqual(answer.body.length, 40 * 8_001 + 71 + 3)
      expectEqual((await me(one)).data, { n: 1, late: 'yes' })
    },
  ),
  adapterCase(
    5,
    'what a handler changes while it streams is written before the answer ends',
    (_, go) => ({
      '/stream': async (session) => {
        const { data } = await session()
        data.n = 1
        async function* chunks() {
          yield 'begin '
          await go
          data['late'] = 'yes'
          yield 'end'
        }
        return { body: chunks() }
      },
    }),
    async ({ signedIn, served, barrier, go }, context) => {
      const ada = await signedIn()
      const cookie = `sid=${ada.token()}`
      const first = barrier.stopBefore('update')
      const answer = served.send({ path: '/stream', headers: { cookie } })
      await first.reached
      const second = barrier.stopBefore('update')
      first.release()
      go()
      if (context.savesLate) {
        await second.reached
        second.release()
      }
      expectEqual(await answer.then(({ body, complete }) => [body, complete]), ['begin end', true])
      const expected = context.savesLate ? { n: 1, late: 'yes' } : { n: 1 }
      expectEqual((await me(ada)).data, expected)
    },
  ),
  adapterCase(
    5,
    'on a 5xx the changes of data are dropped, while a rotation stands and its cookie is sent',
    () => ({
      '/fail': async (session) => {
        const one = await session()
        one.data.n = 1
        await one.rotate()
        return { status: 503, body: 'failed' }
      },
    }),
    async ({ signedIn }) => {
      const ada = await signedIn()
      const before = ada.token()
      expectEqual((await ada.visit('/fail')).status, 503)
      expectTrue(ada.token() !== before, 'The new token was not sent.')
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: {} })
    },
  ),
  adapterCase(
    5,
    'a handler that throws before its answer is a 500, drops its changes, and hurts nobody else',
    () => ({
      '/throw': async (session) => {
        const { data } = await session()
        data.n = 1
        throw new Error('the handler failed')
      },
    }),
    async ({ signedIn }) => {
      const ada = await signedIn()
      expectEqual((await ada.visit('/throw')).status, 500)
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: {} })
    },
  ),
  adapterCase(
    null,
    'a handler that throws after the headers breaks its answer off, and hurts nobody else',
    (_, go) => ({
      '/break': async (session) => {
        const { userId } = await session()
        async function* chunks() {
          yield `for ${userId}`
          await go
          throw new Error('a stream that is meant to fail')
        }
        return { body: chunks() }
      },
    }),
    async ({ signedIn, go }, context) => {
      const ada = await signedIn()
      const answering = ada.visit('/break')
      // By the next answer of the same server the head of this one has left.
      await ada.visit('/none')
      go()
      const { complete } = await answering
      if (context.breaksOff) expectEqual(complete, false)
      expectEqual((await me(ada)).userId, 'ada')
    },
  ),
  adapterCase(
    5,
    'a client that hangs up mid-request loses nothing that its handler writes',
    () => ({
      '/slow': async (session) => {
        const one = await session()
        await one.update('n', (n) => (n ?? 0) + 1)
        return { body: 'nobody hears this' }
      },
    }),
    async ({ signedIn, barrier, served }) => {
      const ada = await signedIn()
      const stop = barrier.stopBefore('update')
      const written = barrier.stopAfter('update')
      const cookie = `sid=${ada.token()}`
      const gone = new AbortController()
      const answer = served.send({ path: '/slow', headers: { cookie }, signal: gone.signal }).catch(() => 'gone')
      await stop.reached
      gone.abort()
      expectEqual(await answer, 'gone')
      stop.release()
      await written.reached
      written.release()
      expectEqual((await me(ada)).data, { n: 1 })
    },
  ),
  adapterCase(
    null,
    'a body bigger than allowed is refused by the application, and the session is as it was',
    () => ({
      '/upload': async (session, { chunks }) => {
        const { userId, data } = await session()
        let length = 0
        for await (const chunk of chunks()) {
          length += chunk.length
          if (length > ALLOWED) {
            return { status: 413, headers: { connection: 'close' }, body: `too large, ${userId}` }
          }
        }
        data.n = length
        return { body: `${length} for ${userId}` }
      },
    }),
    async ({ signedIn }) => {
      const ada = await signedIn()
      const upload = async (length: number) => {
        const { status, body } = await ada.visit({ method: 'POST', path: '/upload', body: 'x'.repeat(length) })
        return [status, body]
      }
      expectEqual(await upload(ALLOWED), [200, `${ALLOWED} for ada`])
      for (const length of [ALLOWED + 1, 3 * ALLOWED]) expectEqual(await upload(length), [413, 'too large, ada'])
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: { n: ALLOWED } })
    },
  ),
  adapterCase(
    null,
    'requests in one connection, sent at once, are answered in order and each with its own session',
    () => ({}),
    async ({ signedIn, served }) => {
      const [ada, other] = [await signedIn(), await signedIn()]
      const host = 'Host: localhost\r\n'
      const as = (token = '') => `GET /me HTTP/1.1\r\n${host}Cookie: sid=${token}\r\n\r\n`
      const text = `${as(ada.token())}${as('junk')}GET /none HTTP/1.1\r\n${host}\r\n${as(other.token())}`
      const answers = await served.pipeline(text, 4)
      expectEqual(
        answers.map(({ body }) => (body === 'none' ? body : JSON.parse(body).userId)),
        ['ada', null, 'none', 'ada'],
      )
      expectEqual(
        answers.flatMap((answer) => headersOf(answer, 'set-cookie')),
        [],
      )
    },
  ),
]
