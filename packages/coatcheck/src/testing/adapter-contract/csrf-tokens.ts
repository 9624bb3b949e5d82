import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { expectRefused, FORM, type Headers, raw, routes } from './csrf.ts'
import { type AdapterContext, adapterCase, headerOf, headersOf, me } from './kit.ts'

const formBody = (token: string) => new URLSearchParams({ _csrf: token }).toString()

/** The tokens of forms, in a header and in a body. */
export const csrfTokenCases: readonly Case<AdapterContext>[] = [
  adapterCase(
    null,
    'where no header tells, a token in X-CSRF-Token decides: that of this session alone',
    routes,
    async (kit) => {
      const [ada, other] = [await kit.signedIn(), await kit.signedIn()]
      const token = (await ada.visit('/form')).body
      const send = async (text: string) =>
        await raw(kit, ada, { path: '/change', headers: { ...FORM, 'x-csrf-token': text } })
      expectEqual((await send(token)).body, 'changed')
      expectRefused(await send((await other.visit('/form')).body), 'foreign-token', 'of another session')
      expectRefused(await send(token.slice(0, -1)), 'invalid-token', 'truncated')
      expectRefused(await send(''), 'missing-token', 'empty')
      kit.clock.advance('1ms')
      await ada.visit('/sign-in')
      expectRefused(await send(token), 'stale-token', 'of before the sign-in')
      expectEqual((await send((await ada.visit('/form')).body)).body, 'changed')
    },
    { csrf: { requireOrigin: true } },
  ),
  adapterCase(
    null,
    'a form whose origin is hidden counts by its token, in a header or as a field, and by nothing else',
    routes,
    async (kit) => {
      const { visitor, signedIn } = kit
      const hidden = { ...FORM, origin: 'null' }
      const one = visitor()
      const shown = (await one.visit('/form')).body
      const pre = `pre=${one.token('pre')}`
      const send = async (path: string, headers: Headers, token: string) =>
        await kit.served.send({ method: 'POST', path, headers: { ...hidden, ...headers }, body: formBody(token) })
      expectEqual((await send('/send', { cookie: pre }, shown)).body, 'changed')
      expectEqual((await send('/send', {}, shown)).status, 422)

      const ada = await signedIn()
      const cookie = `sid=${ada.token()}`
      const token = (await ada.visit('/form')).body
      for (const path of ['/change', '/forgetful', '/me', '/sign-in']) {
        const answer = await send(path, { cookie }, token)
        expectEqual([answer.status, headersOf(answer, 'set-cookie')], [403, []], path)
        expectTrue(!answer.body.includes('ada'), 'Somebody learns whose session it is.')
      }
      expectEqual((await send('/send', { cookie }, 'junk')).status, 422)
      expectEqual((await send('/careless', { cookie }, 'junk')).status, 403)
      expectEqual((await me(ada)).data, {})
      expectEqual((await send('/send', { cookie }, token)).body, 'changed')
      const byHeader = { cookie, 'x-csrf-token': token, 'content-type': 'application/json' }
      expectEqual((await send('/change', byHeader, '')).body, 'changed')
      expectEqual((await me(ada)).data, { n: 2 })
    },
  ),
  adapterCase(
    null,
    'a form’s token counts for its visitor; an old form is told from an attack and can be shown again',
    routes,
    async ({ visitor }) => {
      const one = visitor()
      const shown = await one.visit('/form')
      expectEqual(
        one.jar.cookies().map(({ name }) => name),
        ['pre'],
      )
      expectEqual(headerOf(shown, 'cache-control'), 'no-store')
      const send = async (token: string, headers: Headers = {}) => {
        const { status, body } = await one.visit({
          method: 'POST',
          path: '/send',
          headers: { ...FORM, ...headers },
          body: formBody(token),
        })
        return [status, body]
      }
      expectEqual(await send(shown.body), [200, 'changed'])
      expectEqual(await send('junk'), [422, 'invalid-token'])
      expectEqual(await send(''), [422, 'missing-token'])
      await one.visit('/sign-in')
      expectEqual(
        one.jar.cookies().map(({ name }) => name),
        ['sid'],
      )
      expectEqual(await send(shown.body), [422, 'stale-token'])
      expectEqual(await send((await one.visit('/form')).body), [200, 'changed'])
      expectEqual((await me(one)).data, { n: 1 })
    },
    { csrf: { requireToken: 'forms' } },
  ),
  adapterCase(
    null,
    'a handler that looks at no verdict, or forgets to ask, changes nothing, and its answer is not sent',
    routes,
    async ({ signedIn }) => {
      const ada = await signedIn()
      for (const path of ['/careless', '/forgetful']) {
        const answer = await ada.visit({ method: 'POST', path, headers: FORM, body: formBody('junk') })
        expectEqual(answer.status, 403, path)
        expectTrue(!answer.body.includes('says the handler'), 'The handler’s answer was sent.')
      }
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: {} })
      const token = (await ada.visit('/form')).body
      const good = { method: 'POST', path: '/careless', headers: FORM, body: formBody(token) }
      expectEqual((await ada.visit(good)).status, 200)
      expectEqual((await me(ada)).data, { n: 7 })
    },
    { csrf: { requireToken: 'forms' } },
  ),
  adapterCase(
    8,
    'a store that is out while a token is checked is a 503, neither a refusal nor a pass',
    routes,
    async (kit) => {
      const ada = await kit.signedIn()
      const token = (await ada.visit('/form')).body
      kit.fault.failBefore('read')
      const answer = await raw(kit, ada, { path: '/change', headers: { 'x-csrf-token': token } })
      expectEqual(answer.status, 503)
      kit.fault.heal()
      expectEqual((await me(ada)).data, {})
    },
    { csrf: { requireOrigin: true } },
  ),
]
