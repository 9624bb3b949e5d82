// The requirements of ASVS 5.0 and NIST SP 800-63B-4 about requests from other sites, one test for each, through each adapter.
import { expect } from 'vitest'
import { routes } from '../../../src/testing/adapter-contract/csrf.ts'
import { adapterCase, me } from '../../../src/testing/adapter-contract/kit.ts'
import { FORM, testRows } from './rows.ts'

const EVIL = 'https://evil.example'
const FOREIGN = [
  { 'sec-fetch-site': 'cross-site', origin: EVIL },
  { 'sec-fetch-site': 'same-site', origin: 'http://sibling.localhost' },
  { origin: EVIL },
] as const

testRows([
  adapterCase(null, 'ASVS 3.5.1: a forged request of another site changes nothing', routes, async ({ signedIn }) => {
    const ada = await signedIn()
    for (const headers of FOREIGN) {
      const { status } = await ada.visit({ method: 'POST', path: '/change', headers: { ...FORM, ...headers } })
      expect(status).toBe(403)
    }
    expect((await me(ada)).data).toEqual({})
  }),
  adapterCase(
    null,
    'ASVS 3.5.2: what a page may send without a preflight is not taken for JSON',
    routes,
    async ({ signedIn, served }) => {
      const cookie = `sid=${(await signedIn()).token()}`
      const outcomes: [string, number][] = []
      for (const type of [
        'application/json',
        'text/plain',
        'text/plain; application/json',
        'multipart/form-data',
        '',
      ]) {
        const headers = { cookie, referer: `${EVIL}/`, ...(type === '' ? {} : { 'content-type': type }) }
        outcomes.push([type, (await served.send({ method: 'POST', path: '/change', headers, body: '{}' })).status])
      }
      expect(outcomes).toEqual([
        ['application/json', 200],
        ['text/plain', 403],
        ['text/plain; application/json', 403],
        ['multipart/form-data', 403],
        ['', 403],
      ])
    },
  ),
  adapterCase(
    null,
    'ASVS 3.5.3: no header or parameter turns an unsafe method into a safe one',
    routes,
    async ({ signedIn }) => {
      const ada = await signedIn()
      const headers = {
        origin: EVIL,
        'x-http-method-override': 'GET',
        'x-method-override': 'GET',
        'x-http-method': 'GET',
      }
      expect((await ada.visit({ method: 'POST', path: '/change?_method=GET', headers })).status).toBe(403)
      expect((await ada.visit({ method: 'DELETE', path: '/change', headers })).status).toBe(403)
      expect((await me(ada)).data).toEqual({})
    },
  ),
  adapterCase(
    null,
    'ASVS 3.7.5: without Fetch Metadata the Origin decides, and without both a token',
    routes,
    async ({ signedIn, served }) => {
      const ada = await signedIn()
      const token = (await ada.visit('/form')).body
      const cookie = `sid=${ada.token()}`
      const send = async (headers: Readonly<Record<string, string>>) =>
        (await served.send({ method: 'POST', path: '/change', headers: { cookie, ...FORM, ...headers } })).status
      expect(await send({ origin: 'http://localhost' })).toBe(200)
      expect(await send({ origin: EVIL })).toBe(403)
      expect(await send({ origin: EVIL, 'x-csrf-token': token })).toBe(403)
      expect(await send({})).toBe(403)
      expect(await send({ 'x-csrf-token': token })).toBe(200)
    },
    { csrf: { requireOrigin: true } },
  ),
  adapterCase(
    null,
    'ASVS 4.4.2: the handshake of a WebSocket has to come from a page of ours',
    routes,
    async ({ signedIn }) => {
      const ada = await signedIn()
      const headers = { upgrade: 'websocket', connection: 'Upgrade' }
      expect((await ada.visit({ path: '/none', headers: { ...headers, origin: EVIL } })).status).toBe(403)
      expect((await ada.visit({ path: '/none', headers: { ...headers, origin: 'http://localhost' } })).status).toBe(200)
    },
  ),
  adapterCase(null, 'ASVS 7.6.2: another site signs nobody in', routes, async ({ visitor, counting }) => {
    const victim = visitor()
    for (const headers of FOREIGN) {
      expect((await victim.visit({ method: 'POST', path: '/sign-in', headers })).status).toBe(403)
    }
    expect(victim.jar.cookies()).toEqual([])
    expect(counting.counts()).toEqual({})
  }),
  adapterCase(
    null,
    'NIST SP 800-63B-4 5.1: a form carries a value that is bound to the session',
    routes,
    async ({ signedIn }) => {
      const [ada, eve] = [await signedIn(), await signedIn()]
      const [own, other] = [(await ada.visit('/form')).body, (await eve.visit('/form')).body]
      const send = async (token: string) => {
        const body = new URLSearchParams({ _csrf: token }).toString()
        return (await ada.visit({ method: 'POST', path: '/send', headers: FORM, body })).status
      }
      expect([await send(own), await send(other), await send('')]).toEqual([200, 422, 422])
    },
    { csrf: { requireToken: 'forms' } },
  ),
])
