import { describe, expect, onTestFinished, test } from 'vitest'
import { withSession } from '../../src/adapters/fetch.ts'
import type { SameSite } from '../../src/index.ts'
import type { AdapterSessions } from '../../src/testing/index.ts'
import { anApp } from '../unit/core/app.ts'
import { adapters } from './adapters/servers.ts'

/**
 * The whole matrix of what can say where a request was made, by what it is and carries. What is expected is written out
 * by hand: first by the two headers, then, where they say nothing, by token, cookie and kind of body.
 */
const OWN = 'https://app.example'
const TRUSTED = 'https://partner.example'

const SAME_SITES = ['lax', 'none'] as const satisfies readonly SameSite[]
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

/** `+` allowed, `-` refused, `?` undecided, `o` hidden, in the order of the origins above. */
const HEADERS: readonly (readonly [site: string | null, row: string])[] = [
  [null, '                       ? + - - + - o - -'],
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

/** With a session's cookie of `SameSite=None` and neither header: the kinds of body in the order above. */
const UNDECIDED = {
  none: '     - + + -',
  good: '     + + + +',
  other: '    - - - -',
  truncated: '- - - -',
} as const

/** With `Origin: null` alone, by token and whether it comes with the session's cookie: the same kinds of body. */
const HIDDEN = {
  none: '     + - - -',
  good: '     + + + +',
  other: '    - - - -',
  truncated: '- - - -',
} as const

type Mark = '+' | '-' | '?' | 'o'
const marksOf = (row: string) => row.trim().split(/\s+/) as Mark[]

/** The cookie of somebody who is signed in, and the tokens to try. */
async function visitorOf(app: ReturnType<typeof anApp>) {
  const [ada, eve] = [await app.signedIn(), await app.signedIn({}, 'eve')]
  const good = await ada.visit((session) => session.csrfToken())
  const other = await eve.visit((session) => session.csrfToken())
  return {
    cookie: ada.request().headers.get('cookie') ?? '',
    tokens: { none: null, good, other, truncated: good.slice(0, -1) },
  }
}

/** An application that counts how often its handler ran, and a session in it. */
async function aServer(sameSite: SameSite) {
  const app = anApp({ csrf: { trustedOrigins: [TRUSTED] }, cookie: { sameSite } })
  let handled = 0
  const handle = withSession(app.sessions, () => {
    handled++
    return new Response('handled')
  })
  return {
    ...(await visitorOf(app)),
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

function expected(
  byHeaders: Mark,
  sameSite: SameSite,
  token: keyof typeof UNDECIDED,
  hasCookie: boolean,
  body: number,
): Mark {
  // A good token is good for its session alone.
  if (byHeaders === 'o') return marksOf(HIDDEN[token === 'good' && !hasCookie ? 'other' : token])[body]!
  if (byHeaders !== '?') return byHeaders
  if (sameSite !== 'none') return '+'
  return hasCookie ? marksOf(UNDECIDED[token])[body]! : '+'
}

const rows = HEADERS.flatMap(([site, row]) =>
  Object.entries(ORIGINS).map(([name, origin], i) => ({ site, name, origin, mark: marksOf(row)[i]! })),
)

describe.each(SAME_SITES)(
  'over the fetch adapter, with SameSite=%s, each method, token, cookie and body',
  (sameSite) => {
    test.for(rows)('with Sec-Fetch-Site $site and Origin $name', async ({ site, origin, mark }) => {
      const { cookie, tokens, outcome } = await aServer(sameSite)
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
            const unsafe = expected(mark, sameSite, name, hasCookie, Object.keys(BODIES).indexOf(body))
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
  },
)

describe.each(
  Object.entries(adapters).flatMap(([name, { serve }]) => SAME_SITES.map((one) => [name, one, serve] as const)),
)('over the adapter of %s and real sockets, with SameSite=%s, each token, cookie and body', (_, sameSite, serve) => {
  test.for(rows)('with Sec-Fetch-Site $site and Origin $name', async ({ site, origin, mark }) => {
    const app = anApp({ origin: OWN, csrf: { trustedOrigins: [TRUSTED] }, cookie: { sameSite } })
    const { cookie, tokens } = await visitorOf(app)
    let handled = 0
    const server = await serve(app.sessions as unknown as AdapterSessions, {
      '/change': () => {
        handled++
        return { body: 'handled' }
      },
    })
    onTestFinished(() => server.close())
    const asked = Object.entries(tokens).flatMap(([token, value]) =>
      [true, false].flatMap((hasCookie) =>
        Object.entries(BODIES).flatMap(([body, type]) =>
          ['GET', 'POST', 'DELETE'].map((method) => {
            const given = {
              'sec-fetch-site': site,
              origin,
              'x-csrf-token': value,
              cookie: hasCookie ? cookie : null,
              ...type,
            }
            const byHeaders = method === 'GET' ? '+' : mark
            const should = expected(
              byHeaders,
              sameSite,
              token as keyof typeof UNDECIDED,
              hasCookie,
              Object.keys(BODIES).indexOf(body),
            )
            return { what: `${method}, ${body}, token ${token}, cookie ${hasCookie}`, method, given, should }
          }),
        ),
      ),
    )
    const answers = await server.pipeline(asked.map(written).join(''), asked.length)
    const is = answers.map(({ status, body }) =>
      status === 200 && body === 'handled' ? '+' : status === 403 ? '-' : status,
    )
    expect(asked.map(({ what }, i) => `${what}: ${is[i]}`)).toEqual(
      asked.map(({ what, should }) => `${what}: ${should}`),
    )
    expect(handled).toBe(asked.filter(({ should }) => should === '+').length)
  })
})

/** As it goes over the socket. */
function written({
  method,
  given,
}: {
  readonly method: string
  readonly given: Readonly<Record<string, string | null>>
}): string {
  const lines = Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]))
  return [`${method} /change HTTP/1.1`, 'host: app.example', 'content-length: 0', ...lines, '', ''].join('\r\n')
}

test('the table has a mark for everything', () => {
  expect(rows).toHaveLength(63)
  for (const { mark } of rows) expect(['+', '-', '?', 'o']).toContain(mark)
  for (const row of [...Object.values(UNDECIDED), ...Object.values(HIDDEN)])
    expect(marksOf(row)).toHaveLength(Object.keys(BODIES).length)
})
