// Every combination of prefix, attributes and place that a cookie can have, and what becomes of each, as plain rules: what
// the judges (a browser, tough-cookie, our own jar) are asked about, one and all.

/** What becomes of a line: a cookie as it is held, or null where it is refused. */
export interface Held {
  readonly name: string
  readonly value: string
  readonly domain: string
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'strict' | 'lax' | 'none'
  readonly partitioned: boolean
}

/** A `Set-Cookie` line by its parts, and the page that it comes with. */
export interface Combination {
  readonly from: string
  readonly prefix: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'Strict' | 'Lax' | 'None' | null
  readonly path: string | null
  readonly domain: string | null
  readonly partitioned: boolean
}

const BOTH = [false, true]
const SAME_SITE = { Strict: 'strict', Lax: 'lax', None: 'none' } as const

/** Browsers compare them without regard to case, so that nobody passes one off for another (RFC 6265bis 5.7). */
const PREFIXES = ['', '__Secure-', '__Host-', '__Http-', '__Host-Http-', '__SECURE-', '__host-']

/** The pages, and the domains that a cookie of theirs may name: none, the page's own, one above it, another's. */
const PLACES = [
  ['https://www.app.example/shop/list', [null, 'www.app.example', 'app.example', 'other.example']],
  ['http://www.app.example/shop/list', [null, 'www.app.example', 'app.example', 'other.example']],
  ['http://localhost/shop/list', [null, 'localhost', 'app.example']],
] as const

function* product(): Generator<Combination> {
  for (const [from, domains] of PLACES)
    for (const domain of domains)
      for (const prefix of PREFIXES)
        for (const path of [null, '/', '/shop/list'])
          for (const sameSite of ['Strict', 'Lax', 'None', null] as const)
            for (const secure of BOTH)
              for (const httpOnly of BOTH)
                for (const partitioned of BOTH)
                  yield { from, prefix, secure, httpOnly, sameSite, path, domain, partitioned }
}

export const combinations: readonly Combination[] = [...product()]

/** The name tells the combinations of one page apart, since all lie in one jar. */
export function lineOf(one: Combination, name: string, value: string): string {
  const parts = [`${one.prefix}${name}=${value}`]
  if (one.path !== null) parts.push(`Path=${one.path}`)
  if (one.domain !== null) parts.push(`Domain=${one.domain}`)
  if (one.secure) parts.push('Secure')
  if (one.httpOnly) parts.push('HttpOnly')
  if (one.sameSite !== null) parts.push(`SameSite=${one.sameSite}`)
  if (one.partitioned) parts.push('Partitioned')
  return parts.join('; ')
}

/** The line that would delete it, written with the same attributes. */
export function deletionOf(one: Combination, name: string): string {
  return `${lineOf(one, name, '')}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT`
}

const isPrefix = ({ prefix }: Combination, ...of: readonly string[]) => of.includes(prefix.toLowerCase())

/** Why browsers refuse a cookie (RFC 6265bis 5.7). */
const refusals = {
  'the Domain of another host': ({ from, domain }) =>
    domain !== null && !`.${new URL(from).hostname}`.endsWith(`.${domain}`),
  'Secure over plain http, but for this machine itself': ({ from, secure }) =>
    secure && from.startsWith('http://www.app.example'),
  'SameSite=None without Secure': ({ sameSite, secure }) => sameSite === 'None' && !secure,
  'Partitioned without Secure': ({ partitioned, secure }) => partitioned && !secure,
  'a prefix without Secure': ({ prefix, secure }) => prefix !== '' && !secure,
  'a prefix that says host, with a Domain': (one) => isPrefix(one, '__host-', '__host-http-') && one.domain !== null,
  'a prefix that says host, without Path=/': (one) => isPrefix(one, '__host-', '__host-http-') && one.path !== '/',
  'a prefix that says http, without HttpOnly': (one) => isPrefix(one, '__http-', '__host-http-') && !one.httpOnly,
} satisfies Readonly<Record<string, (one: Combination) => boolean>>

/** A cookie is what it is by these; one that differs in any of them is another. */
const IDENTITY = ['name', 'domain', 'hostOnly', 'path', 'partitioned'] as const

/** Where a judge is not of the browsers' mind. */
export interface Difference {
  readonly reason: string
  /** What it takes the line for. */
  readonly reads?: (one: Combination) => Combination
  /** The refusal that it does not know. */
  readonly allows?: keyof typeof refusals
  /** As what it holds what it takes. */
  readonly holds?: (held: Held, one: Combination) => Held
  /** By what it does not tell two cookies apart. */
  readonly overlooks?: (typeof IDENTITY)[number]
}

/** What becomes of a line, where nothing or these differences apply. */
export function heldOf(line: Combination, name: string, value: string, differences: readonly Difference[] = []) {
  const one = differences.reduce((read, { reads }) => reads?.(read) ?? read, line)
  const allowed = differences.map(({ allows }) => allows)
  const applied = Object.entries(refusals).filter(([reason]) => !allowed.some((allows) => allows === reason))
  if (applied.some(([, isRefused]) => isRefused(one))) return null
  const held: Held = {
    name: line.prefix + name,
    value,
    domain: one.domain ?? new URL(one.from).hostname,
    // A host of one label has none below it.
    hostOnly: one.domain === null || one.domain === 'localhost',
    path: one.path ?? '/shop',
    secure: one.secure,
    httpOnly: one.httpOnly,
    sameSite: SAME_SITE[one.sameSite ?? 'Lax'],
    partitioned: one.partitioned,
  }
  return differences.reduce((as, { holds }) => holds?.(as, one) ?? as, held)
}

/** By what a deletion differs from the line that set the cookie: the key is what it lacks. */
export const deletions: Readonly<Record<string, (one: Combination) => Combination>> = {
  nothing: (one) => one,
  Path: (one) => ({ ...one, path: null }),
  Domain: (one) => ({ ...one, domain: null }),
  Secure: (one) => ({ ...one, secure: false }),
  HttpOnly: (one) => ({ ...one, httpOnly: false }),
  SameSite: (one) => ({ ...one, sameSite: null }),
  Partitioned: (one) => ({ ...one, partitioned: false }),
}

/** Whether a line that sets a cookie anew, or deletes it, gets at the one that is there. */
export function isSame(there: Held, comes: Held | null, differences: readonly Difference[] = []): boolean {
  if (comes === null) return false
  return IDENTITY.every(
    (each) => differences.some(({ overlooks }) => overlooks === each) || comes[each] === there[each],
  )
}
