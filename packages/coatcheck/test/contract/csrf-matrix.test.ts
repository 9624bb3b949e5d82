import { describe, expect, test } from 'vitest'
import { withSession } from '../../src/adapters/fetch.ts'
import { anApp } from '../unit/core/app.ts'

/**
 * The whole matrix of what can say where a request was made, by what it is and carries. What is expected is written out
 * by hand: first by the two headers, then, where they say nothing, by token, cookie and kind of body.
 */
const OWN = 'https://app.example'
const TRUSTED = 'https://partner.example'

const SAFE = ['GET', 'HEAD', 'OPTIONS']
const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'get-all']

const ORIGINS = {
  absent: null,
  own: OWN,
  'own, another port': `${OWN}:8443`,
  'own, by http': 'http://app.example',
  trusted: TRUSTED,
  evil: 'https://evil.example',
  null: 'null',
  malformed: '//app.example',
  'two values': `${OWN}, ${TRUSTED}`,
} as const

/** `+` allowed, `-` refused, `?` undecided, in the order of the origins above. */
const HEADERS: readonly (readonly [site: string | null, row: string])[] = [
  [null, '                       ? + - - + - - - -'],
  ['none', '                     + + + + + + + + +'],
  ['same-origin', '              + + + + + + + + +'],
  ['same-site', '                - - - - + - - - -'],
  ['cross-site', '               - - - - + - - - -'],
  ['junk', '                     - - - - - - - - -'],
  ['same-origin, same-origin', ' - - - - - - - - -'],
]

const BODIES = {
  form: { 'content-type': 'application/x-www-form-urlencoded' },
  'form by script': { 'content-type': 'text/plain', 'x-requested-with': 'fetch' },
  json: { 'content-type': 'application/json' },
  none: {},
} as const

/** With a session's cookie and neither header: the kinds of body in the order above. */
const UNDECIDED = {
  none: '     - + + -',
  good: '     + + + +',
  other: '    - - - -',
  truncated: '- - - -',
} as const

type Mark = '+' | '-' | '?'
const marksOf = (row: string) => row.trim().split(/\s+/) as Mark[]

/** An application that counts how often its handler ran, a session in it, and the tokens to try. */
async function aServer() {
  const app = anApp({ csrf: { trustedOrigins: [TRUSTED] } })
  const [ada, eve] = [await app.signedIn(), await app.signedIn({}, 'eve')]
  const good = await ada.visit((session) => session.csrfToken())
  const other = await eve.visit((session) => session.csrfToken())
  let handled = 0
  const handle = withSession(app.sessions, () => {
    handled++
    return new Response('handled')
  })
  return {
    cookie: ada.request().headers.get('cookie') ?? '',
    tokens: { none: null, good, other, truncated: good.slice(0, -1) },
    /** The status, where that and the handler agree on whether it ran. */
    async outcome(method: string, given: Readonly<Record<string, string | null>>): Promise<Mark> {
      const before = handled
      const headers = Object.entries(given).flatMap(([name, value]) =>
        value === null ? [] : [[name, value] as [string, string]],
      )
      const { status } = await handle(new Request(`${OWN}/change`, { method, headers }))
      expect([status, handled - before]).toEqual(handled === before ? [403, 0] : [200, 1])
      return handled === before ? '-' : '+'
    },
  }
}

function expected(byHeaders: Mark, token: keyof typeof UNDECIDED, hasCookie: boolean, body: number): Mark {
  if (byHeaders !== '?') return byHeaders
  return hasCookie ? marksOf(UNDECIDED[token])[body]! : '+'
}

const rows = HEADERS.flatMap(([site, row]) =>
  Object.entries(ORIGINS).map(([name, origin], i) => ({ site, name, origin, mark: marksOf(row)[i]! })),
)

describe('over the fetch adapter, each method, token, cookie and body', () => {
  test.for(rows)('with Sec-Fetch-Site $site and Origin $name', async ({ site, origin, mark }) => {
    const { cookie, tokens, outcome } = await aServer()
    const wrong: string[] = []
    for (const [name, token] of Object.entries(tokens) as [keyof typeof UNDECIDED, string | null][]) {
      for (const hasCookie of [true, false]) {
        for (const [body, type] of Object.entries(BODIES)) {
          const given = {
            'sec-fetch-site': site,
            origin,
            'x-csrf-token': token,
            cookie: hasCookie ? cookie : null,
            ...type,
          }
          const unsafe = expected(mark, name, hasCookie, Object.keys(BODIES).indexOf(body))
          for (const method of [...SAFE, ...UNSAFE]) {
            const is = await outcome(method, given)
            const should = SAFE.includes(method) ? '+' : unsafe
            if (is !== should)
              wrong.push(`${method}, ${body}, token ${name}, cookie ${hasCookie}: ${is}, not ${should}`)
          }
        }
      }
    }
    expect(wrong).toEqual([])
  })
})

test('the table has a mark for everything', () => {
  expect(rows).toHaveLength(63)
  for (const { mark } of rows) expect(['+', '-', '?']).toContain(mark)
  for (const row of Object.values(UNDECIDED)) expect(marksOf(row)).toHaveLength(Object.keys(BODIES).length)
})
