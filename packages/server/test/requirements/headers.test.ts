// The requirements of ASVS 5.0 about the headers of every answer, one test for each.
import { describe, expect, test } from 'vitest'
import { SCRIPT } from '../../src/pages/assets.ts'
import { everyAnswer, isJson, isPage, requiredServer, type SeenAnswer, typeOf } from './answers.ts'

const HTTPS = { origin: 'https://coats.example' } as const

/** Those answers that are not as they have to be. */
const others = (seen: readonly SeenAnswer[], isRight: (answer: SeenAnswer) => boolean) =>
  seen.filter((answer) => !isRight(answer)).map(({ name, status }) => `${name}: ${status}`)

const has = (header: string, value: RegExp | string) => (answer: SeenAnswer) => {
  const text = answer.headers.get(header)
  return typeof value === 'string' ? text === value : value.test(text ?? '')
}

async function seenAnswers(changes = {}) {
  const seen = await everyAnswer(await requiredServer(changes))
  const statuses = new Set(seen.map(({ status }) => status))
  // Each kind of answer is among them, so that nothing is said of none.
  for (const status of [200, 303, 400, 401, 403, 404, 405, 413, 500, 503]) expect([...statuses]).toContain(status)
  return seen
}

describe('every answer', () => {
  test('ASVS 3.2.1: of the API says its type, and can be taken for nothing else', async () => {
    const seen = (await seenAnswers()).filter(({ path }) => path.startsWith('/api/'))
    expect(others(seen, isJson)).toEqual([])
    expect(others(seen, has('x-content-type-options', 'nosniff'))).toEqual([])
    expect(others(seen, has('content-security-policy', /default-src 'none'.*frame-ancestors 'none'/))).toEqual([])
  })

  test('ASVS 3.4.1: has HSTS for at least a year, with subdomains, where the server is reached by https', async () => {
    const seen = await seenAnswers(HTTPS)
    expect(others(seen, has('strict-transport-security', 'max-age=31536000; includeSubDomains'))).toEqual([])
    expect(others(await seenAnswers(), ({ headers }) => !headers.has('strict-transport-security'))).toEqual([])
  })

  test('ASVS 3.4.2: lets no other origin read it', async () => {
    const { alice } = await requiredServer()
    const evil = { origin: 'https://evil.example', 'access-control-request-method': 'PUT' }
    for (const path of ['/api/session', '/dashboard', '/api/preferences']) {
      for (const method of ['GET', 'OPTIONS']) {
        const { headers } = await alice.request(path, { method, headers: evil })
        expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
      }
    }
  })

  test('ASVS 3.4.3: has a policy without inline scripts, plug-ins and other bases, and pages keep to it', async () => {
    const seen = await seenAnswers()
    const policy = /^default-src 'none';.* script-src 'self';.* base-uri 'none';.* object-src 'none'$/
    expect(others(seen, has('content-security-policy', policy))).toEqual([])
    expect(
      others(seen, ({ headers }) => !/unsafe|\*|data:/.test(headers.get('content-security-policy') ?? '')),
    ).toEqual([])
    const inline = /<script(?![^>]* src="\/)|<style| style=| on[a-z]+="|javascript:/i
    expect(others(seen, (answer) => !(isPage(answer) && inline.test(answer.text)))).toEqual([])
  })

  test('ASVS 3.4.4: forbids sniffing', async () => {
    expect(others(await seenAnswers(), has('x-content-type-options', 'nosniff'))).toEqual([])
  })

  test('ASVS 3.4.5: tells other sites nothing of addresses', async () => {
    expect(others(await seenAnswers(), has('referrer-policy', /^(same-origin|strict-origin)$/))).toEqual([])
  })

  test('ASVS 3.4.6: is framed by nobody', async () => {
    expect(others(await seenAnswers(), has('content-security-policy', /frame-ancestors 'none'/))).toEqual([])
  })

  test('ASVS 3.4.8: shares its window with no other origin', async () => {
    expect(others(await seenAnswers(), has('cross-origin-opener-policy', 'same-origin'))).toEqual([])
  })

  test('ASVS 3.5.8: is embedded by no other origin', async () => {
    expect(others(await seenAnswers(), has('cross-origin-resource-policy', 'same-origin'))).toEqual([])
  })

  test('ASVS 4.1.1: with a body says its type, and its charset where the type has one', async () => {
    const withBody = (await seenAnswers()).filter(({ text }) => text !== '')
    const isJsonAlone = (answer: SeenAnswer) => typeOf(answer) === 'application/json'
    expect(others(withBody, (answer) => isJsonAlone(answer) || /; charset=utf-8$/i.test(typeOf(answer)))).toEqual([])
  })

  test('ASVS 13.4.6: tells nothing of what the server is made of', async () => {
    const seen = await seenAnswers()
    expect(others(seen, ({ headers }) => !headers.has('server') && !headers.has('x-powered-by'))).toEqual([])
    const names = /hono|node|sqlite|kysely|argon|pino|version/i
    expect(others(seen, (answer) => answer.path === '/api/openapi.json' || !names.test(answer.text))).toEqual([])
  })

  test('ASVS 14.2.2, 14.3.2: that depends on a session is kept by no cache', async () => {
    const seen = (await seenAnswers()).filter(
      ({ path }) => !path.startsWith('/assets/') && path !== '/api/openapi.json',
    )
    expect(others(seen, has('cache-control', 'no-store'))).toEqual([])
  })
})

test('ASVS 14.3.1, 14.3.3: a browser keeps nothing of a session but its cookie, and a sign-out takes that away', async () => {
  expect(SCRIPT).not.toMatch(/localStorage|sessionStorage|indexedDB|caches|cookie/)
  const { alice } = await requiredServer()
  const answer = await alice.post('/logout')
  expect(answer.headers.getSetCookie()[0]).toMatch(/^sid=; .*Max-Age=0/)
  expect([...alice.cookies.keys()]).toEqual(['known'])
})
