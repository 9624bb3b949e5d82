import { parseCookieDate } from './date.ts'

export type SameSite = 'strict' | 'lax' | 'none'

/** What a `Set-Cookie` line says. Of an attribute that comes twice the last one counts. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly partitioned: boolean
  /** `unset` where it is missing or none that is known. */
  readonly sameSite: SameSite | 'unset'
  /** Lower case, without a leading dot; null where there is none or an empty one. */
  readonly domain: string | null
  /** As it was written; null where it is missing or does not begin with a slash. */
  readonly path: string | null
  /** Seconds. */
  readonly maxAge: number | null
  /** Epoch milliseconds. */
  readonly expires: number | null
}

const LARGEST = 4_096
const LARGEST_ATTRIBUTE = 1_024

/** RFC 6265bis 5.6; a text instead where the line is no cookie: why. */
export function parseSetCookie(line: string): SetCookie | string {
  if (hasControl(line)) return 'a control character'
  const [pair = '', ...attributes] = line.split(';')
  const equals = pair.indexOf('=')
  const name = equals === -1 ? '' : trim(pair.slice(0, equals))
  const value = trim(pair.slice(equals + 1))
  if (name === '' && value === '') return 'neither a name nor a value'
  if (octets(name) + octets(value) > LARGEST) return `more than ${LARGEST} octets`
  const bare: SetCookie = {
    name,
    value,
    secure: false,
    httpOnly: false,
    partitioned: false,
    sameSite: 'unset',
    domain: null,
    path: null,
    maxAge: null,
    expires: null,
  }
  return Object.assign(bare, ...attributes.map(parseAttribute))
}

/** Of the control characters only the tabulator may stand in a line. */
function hasControl(line: string): boolean {
  return [...line].some((character) => (character < ' ' && character !== '\t') || character === '\u007f')
}

function parseAttribute(text: string): Partial<SetCookie> {
  const equals = text.indexOf('=')
  const name = trim(equals === -1 ? text : text.slice(0, equals)).toLowerCase()
  const value = equals === -1 ? '' : trim(text.slice(equals + 1))
  if (octets(value) > LARGEST_ATTRIBUTE) return {}
  switch (name) {
    case 'secure':
      return { secure: true }
    case 'httponly':
      return { httpOnly: true }
    case 'partitioned':
      return { partitioned: true }
    case 'samesite':
      return { sameSite: sameSiteOf(value.toLowerCase()) }
    case 'domain':
      return { domain: value.replace(/^\./, '').toLowerCase() || null }
    case 'path':
      return { path: value.startsWith('/') ? value : null }
    case 'max-age':
      return /^-?\d+$/.test(value) ? { maxAge: Number(value) } : {}
    case 'expires': {
      const expires = parseCookieDate(value)
      return expires === null ? {} : { expires }
    }
    default:
      return {}
  }
}

function sameSiteOf(value: string): SetCookie['sameSite'] {
  return value === 'strict' || value === 'lax' || value === 'none' ? value : 'unset'
}

function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '')
}

function octets(text: string): number {
  return new TextEncoder().encode(text).length
}
