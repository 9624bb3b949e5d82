import { OptionError } from '../../errors.ts'

/** The keys that an option takes, by the names of the options in it; null where it takes anything. */
export type KnownOptions = { readonly [name: string]: KnownOptions | null }

/** A type whose keys are exactly the options of `Options`, so that none is forgotten here. */
export type KnownOf<Options> = { readonly [Name in keyof Required<Options>]: KnownOptions | null }

/** What people who come from other libraries write, by its path, and what to write instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  secret: 'write the signing keys as `keys`.',
  password: 'write the signing keys as `keys`.',
  resave: 'leave it out: only what a request changed is written.',
  saveUninitialized: 'leave it out: a session begins when something is stored in it, or by `session.begin()`.',
  rolling: 'leave it out: activity extends the session by itself, up to `policy.idle`.',
  name: 'write `cookie: { name }`.',
  cookieName: 'write `cookie: { name }`.',
  cookieOptions: 'write `cookie`; how long a session lasts is `policy.idle` and `policy.absolute`.',
  genid: 'leave it out: an id is 128 random bits.',
  proxy: 'write `trustProxy`, or `origin` behind a proxy that ends TLS.',
  unset: 'leave it out: `await session.signOut()` ends a session.',
  maxAge: 'write `policy: { idle, absolute }`.',
  ttl: 'write `policy: { idle, absolute }`.',
  'cookie.maxAge':
    'how long a session lasts is `policy.idle` and `policy.absolute`; a cookie that outlives the browser is `policy.rememberMe`.',
  'cookie.expires':
    'how long a session lasts is `policy.idle` and `policy.absolute`; a cookie that outlives the browser is `policy.rememberMe`.',
  'cookie.secure':
    'leave it out: cookies are Secure wherever the request came over https; over plain http on a network they need `insecure: true`.',
  'cookie.httpOnly': 'leave it out: cookies are always HttpOnly.',
  'cookie.path': 'leave it out: the path is always /.',
  'cookie.signed': 'leave it out: every token is signed, by `keys`.',
}

/** Refuses options that nobody knows, at any depth. @throws OptionError that says what to write instead, where that is known */
export function refuseUnknown(options: object, known: KnownOptions, path = ''): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const place = path === '' ? name : `${path}.${name}`
    const inner = Object.hasOwn(known, name) ? known[name] : undefined
    if (inner === undefined) throw new OptionError(place, `there is no such option. ${advice(name, place, known)}`)
    if (inner !== null && typeof value === 'object' && value !== null) refuseUnknown(value, inner, place)
  }
}

function advice(name: string, place: string, known: KnownOptions): string {
  const instead = Object.hasOwn(INSTEAD, place) ? INSTEAD[place] : undefined
  if (instead !== undefined) return `${instead.charAt(0).toUpperCase()}${instead.slice(1)}`
  const meant = nearest(name, known) ?? elsewhere(name, known)
  if (meant !== null) return `Did you mean '${meant}'?`
  return `The options here are ${Object.keys(known).join(', ')}.`
}

function nearest(name: string, known: KnownOptions): string | null {
  const names = Object.keys(known).map((one) => [distance(name.toLowerCase(), one.toLowerCase()), one] as const)
  const [found] = names.filter(([far, one]) => far <= Math.min(2, Math.ceil(one.length / 2))).sort(([a], [b]) => a - b)
  return found?.[1] ?? null
}

/** An option of that name that stands one level deeper. */
function elsewhere(name: string, known: KnownOptions): string | null {
  for (const [place, inner] of Object.entries(known)) {
    if (inner !== null && Object.hasOwn(inner, name)) return `${place}.${name}`
  }
  return null
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const changed = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
