import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makePasswords } from '../../src/accounts/passwords.ts'
import { exchange, requestBytes } from '../raw-http.ts'
import { pathsOf } from '../routes.ts'
import { attackedServer, SERVED } from './serving.ts'

const SEED = 20_260_402
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ unit: 'grapheme', maxLength: 70 }))
const FIELDS = ['username', 'password', 'next', 'code', 'theme', 'language', 'email', 'anything'] as const
const fields = fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), anyText), anyText, { maxKeys: 8 })
const json = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fields.map((given) => JSON.stringify(given)),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue()).map((given) => JSON.stringify(given)),
)
/** What a header may hold: bytes, without those that would end it. */
const headerText = fc.uint8Array({ maxLength: 300 }).map((bytes) =>
  Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '%'),
)

const URIS = [
  '/',
  '/admin/x?y',
  '/Payments',
  '/public',
  '/public/../admin',
  '/hooks',
  '/admin/%',
  '/a;b',
  '/%c3%b6?%ff',
  '/%ff',
  '/x?\u00e9',
]

describe('whatever is sent', () => {
  it('as a form or as JSON, to any route', { timeout: 120_000 }, async () => {
    const { port, services, faults, freshCookie, servesOthers } = await attackedServer()
    const cookie = await freshCookie()
    // Sessions are to last, so those routes that end them are left to the tables of the other test.
    const paths = pathsOf(services, ['x']).filter((path) => !/logout|sign-out|end-all/.test(path))
    const form = fields.map(
      (given) => ['application/x-www-form-urlencoded', new URLSearchParams(given).toString()] as const,
    )
    const body = fc.oneof(
      form,
      json.map((text) => ['application/json', text] as const),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.constantFrom('POST', 'PUT'),
        body,
        async (target, method, [type, text]) => {
          const headers = [
            ['Content-Type', type],
            ['Cookie', cookie],
          ] as const
          const { status } = await exchange(port, requestBytes({ method, target, headers, body: text }))
          expect(status ?? 500).toBeLessThan(500)
          expect(faults).toEqual([])
        },
      ),
      { seed: SEED, numRuns: 1_500 },
    )
    expect(await servesOthers()).toEqual(SERVED)
  })

  it('as a name and a password, to Argon2 and the database', { timeout: 120_000 }, async () => {
    const { port, faults, servesOthers } = await attackedServer(makePasswords())
    const paths = fc.constantFrom('/signup', '/login', '/api/sign-up', '/api/sign-in')
    await fc.assert(
      fc.asyncProperty(
        paths,
        anyText,
        fc.string({ unit: 'binary', minLength: 15, maxLength: 128 }),
        async (target, username, password) => {
          const given = { username, password }
          const isApi = target.startsWith('/api/')
          const type = isApi ? 'application/json' : 'application/x-www-form-urlencoded'
          const body = isApi ? JSON.stringify(given) : new URLSearchParams(given).toString()
          const { status } = await exchange(
            port,
            requestBytes({ method: 'POST', target, headers: [['Content-Type', type]], body }),
          )
          expect(status ?? 500).toBeLessThan(500)
          expect(faults).toEqual([])
        },
      ),
      { seed: SEED, numRuns: 150 },
    )
    expect(await servesOthers()).toEqual(SERVED)
  })

  it('in the headers that the gate reads, is let pass, refused or not understood', async () => {
    const { port, faults, freshCookie, servesOthers } = await attackedServer()
    const cookie = await freshCookie()
    const uri = fc.oneof(
      headerText,
      headerText.map((text) => `/${text}`),
      fc.webPath(),
      fc.constantFrom(...URIS),
    )
    const method = fc.oneof(headerText, fc.constantFrom('GET', 'POST', 'get', 'G ET'))
    const pair = (kind: string) =>
      fc.tuple(method, uri).map(([asked, at]) => [[`X-${kind}-Method`, asked] as const, [`X-${kind}-URI`, at] as const])
    const any = fc.constantFrom('Accept', 'Origin', 'X-Forwarded-Uri', 'X-Coatcheck-User', 'Sec-Fetch-Site', 'Referer')
    const others = fc.array(fc.tuple(any, headerText), { maxLength: 3 })
    const headers = fc.tuple(fc.oneof(pair('Forwarded'), pair('Original')), others).map((both) => both.flat())
    const seen = new Set<number | null>()
    await fc.assert(
      fc.asyncProperty(headers, fc.boolean(), async (given, isSomebody) => {
        const sent = isSomebody ? [...given, ['Cookie', cookie] as const] : given
        const { status, text } = await exchange(port, requestBytes({ target: '/gate?redirect', headers: sent }))
        seen.add(status)
        expect([200, 303, 400, 401, 403]).toContain(status)
        expect(text).not.toMatch(/^(?:location|x-coatcheck-[a-z]+): [^\r]*[^\x20-\x7e\r]/im)
        expect(faults).toEqual([])
      }),
      { seed: SEED, numRuns: 1_500 },
    )
    expect([...seen].toSorted()).toEqual([200, 400, 401, 403])
    expect(await servesOthers()).toEqual(SERVED)
  })
})
