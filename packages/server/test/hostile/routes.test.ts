import { describe, expect, it } from 'vitest'
import { combinations } from '../../../coatcheck/test/combinations/combinations.ts'
import { exchange, requestBytes } from '../raw-http.ts'
import { pathsOf } from '../routes.ts'
import { BODIES, type HostileBody } from './bodies.ts'
import { attackedServer, SERVED } from './serving.ts'

const VALUES = [
  'x',
  '%00',
  '%ff%fe',
  '%',
  '%E0%A4%A',
  '..%2f..%2fkeys',
  "'%20OR%201=1--",
  '__proto__',
  'constructor',
  '%0d%0aX-A:%20b',
  '%F0%9F%A7%A5',
  'a'.repeat(4_000),
]

const VALUE_NAMES = ['next', 'code', 'ended', 'saved', 'welcome', 'goodbye', 'redirect', 'token', 'page', 'after']
const QUERIES = ['', ...['constructor', '__proto__', '%ff', '/%E2%82%AC', '%0d%0aX-A:b', '[]'].map(queryOf)]

function queryOf(value: string): string {
  return `?${VALUE_NAMES.map((name) => `${name}=${value}`).join('&')}&${VALUE_NAMES[0]}=${value}`
}

const BOTH = [false, true]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']
const HOSTILE_HEADERS: readonly (readonly [string, string])[] = [
  ['Accept', '*/*;q=\u00ff, application/json;;;'],
  ['Accept-Language', `${'de;q=2,'.repeat(400)}*;q=-1, \u00e9`],
  ['User-Agent', `${'Mozilla/5.0 ('.repeat(200)}\u0080\u00ff`],
  ['X-Forwarded-For', '\u00ff, ::1, 999.1.1.1'],
  ['X-Forwarded-Proto', 'gopher'],
  ['X-Forwarded-Method', 'GET'],
  ['X-Forwarded-Uri', '/\u00ff?%'],
  ['Range', 'bytes=-1,0-,5-2'],
  ['If-None-Match', '"'],
  ['Content-Encoding', 'br, gzip, nonsense'],
]

describe('hostile input, on every route of the app, as nobody and as somebody', () => {
  it('in bodies of every type is never an internal error', { timeout: 600_000 }, async () => {
    const { port, services, faults, freshCookie, servesOthers } = await attackedServer()
    const paths = pathsOf(services, ['x', '%ff', 'constructor'])
    const wrong: string[] = []
    const asked = [
      ...combinations({ target: paths, method: ['POST', 'PUT'], sent: BODIES, isSomebody: BOTH }),
      ...combinations({ target: paths, method: ['DELETE', 'PATCH'], sent: few(BODIES), isSomebody: BOTH }),
    ]
    for (const { target, method, sent, isSomebody } of asked) {
      const [type, body] = sent
      const headers: [string, string][] = type === null ? [] : [['Content-Type', type]]
      // Some requests sign out.
      if (isSomebody) headers.push(['Cookie', await freshCookie()])
      const { status } = await exchange(port, requestBytes({ method, target, headers, body }))
      if (status === null || status >= 500)
        wrong.push(`${method} ${target} ${type} ${String(body).slice(0, 40)}: ${status}`)
    }
    expect(wrong).toEqual([])
    expect(faults).toEqual([])
    expect(asked.length).toBeGreaterThan(2_000)
    expect(await servesOthers()).toEqual(SERVED)
  })

  it('in paths, queries, methods and headers is never an internal error', { timeout: 600_000 }, async () => {
    const { port, services, faults, freshCookie, servesOthers } = await attackedServer()
    const wrong: string[] = []
    const asked = combinations({ path: pathsOf(services, VALUES), method: METHODS, query: QUERIES, isSomebody: BOTH })
    for (const { path, method, query, isSomebody } of asked) {
      const headers = [
        ...(query === '' ? [] : HOSTILE_HEADERS),
        ...(isSomebody ? [['Cookie', await freshCookie()] as const] : []),
      ]
      const { status } = await exchange(port, requestBytes({ method, target: path + query, headers }))
      if (status === null || status >= 500)
        wrong.push(`${method} ${path}${query} ${isSomebody ? 'as somebody' : ''}: ${status}`)
    }
    expect(wrong).toEqual([])
    expect(faults).toEqual([])
    expect(await servesOthers()).toEqual(SERVED)
  })
})

const few = (bodies: readonly HostileBody[]) => bodies.filter((_, i) => i % 8 === 0)
