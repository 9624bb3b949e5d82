import {
  type CookieAttributes,
  deleteCookie,
  isOverlong,
  readCookie,
  type SameSite,
  wholeAge,
  writeCookie,
} from './cookies.ts'

/** The places in which a client carries the texts of a session. `access` goes beside another one and opens nothing alone. */
export type SessionSlot = 'signed-in' | 'anonymous' | 'access'

/** The places of an answer's cookies: those of sessions, and that of a visitor's forms. */
export type Slot = SessionSlot | 'pre-session'

export const SESSION_SLOTS: readonly SessionSlot[] = ['signed-in', 'anonymous', 'access']

/** The order in which an answer names them. */
export const SLOTS: readonly Slot[] = [...SESSION_SLOTS, 'pre-session']

/** One cookie of ours: its name with the prefix, and where it is valid. */
export interface SlotCookie {
  readonly name: string
  readonly attributes: CookieAttributes
}

/** The cookie of visitors' forms, without prefix; sessions' cookies have other names. */
export const PRE_SESSION_NAME = 'pre'

/** Name and value together, as RFC 6265bis 5.7 counts them; browsers drop what is longer. */
const LARGEST_COOKIE = 4_096
/** What stands before the first chunk of a text that needs several cookies: how many they are. */
const COUNTED = /^([2-9])~/
const MARK = 2

/** The name of a chunk: the first has the slot's own. */
function chunkName(name: string, index: number): string {
  return index === 0 ? name : `${name}.${index}`
}

/**
 * The different texts that a `Cookie` header holds in a slot, at most 4, put together from at most `chunks` cookies. Where a
 * chunk is missing the first one is answered as it is, which no kind takes for a text of its own.
 */
export function readSlot(header: string | null, name: string, chunks: number): readonly string[] {
  const values = readCookie(header, name)
  return chunks === 1 || values.length === 0 ? values : values.map((value, i) => joined(header, name, value, i, chunks))
}

function joined(header: string | null, name: string, first: string, nth: number, chunks: number): string {
  const count = Number(COUNTED.exec(first)?.[1] ?? 1)
  if (count === 1 || count > chunks) return first
  const parts = [first.slice(MARK)]
  for (let i = 1; i < count; i++) {
    const values = readCookie(header, chunkName(name, i))
    // Of several values of one name those that a browser names at the same place belong together.
    const part = values[Math.min(nth, values.length - 1)]
    if (part === undefined) return first
    parts.push(part)
  }
  return parts.join('')
}

/** A cookie that an answer sets or deletes, in parts; also what Next.js takes in `cookies().set`. */
export interface SetCookie {
  readonly name: string
  /** Empty where the cookie is deleted. */
  readonly value: string
  readonly path: '/'
  readonly httpOnly: true
  readonly secure: boolean
  readonly sameSite: SameSite
  readonly domain: string | undefined
  readonly partitioned: boolean
  /** Whole seconds; 0 deletes the cookie, undefined lets it end with the browser. */
  readonly maxAge: number | undefined
  /** The same as a `Set-Cookie` line. */
  readonly line: string
}

/** What an answer says of a slot. `text` null deletes it. `maxAge` in seconds; null for a cookie that ends with the browser. */
export interface SlotWrite {
  readonly text: string | null
  readonly maxAge: number | null
  readonly chunks: number
}

/**
 * The lines that put a text into a slot, in as many cookies as it needs, and that delete the chunks of a longer text before
 * it. @throws RangeError where it needs more than `chunks`: the kind has to refuse such a text before
 */
export function writeSlot(
  header: string | null,
  { name, attributes }: SlotCookie,
  { text, maxAge, chunks }: SlotWrite,
): readonly SetCookie[] {
  const parts = text === null ? [] : split(text, name, chunks)
  const lines = parts.map((value, i) => set(chunkName(name, i), value, maxAge, attributes))
  if (text === null) lines.push(unset(name, attributes))
  for (let i = Math.max(1, parts.length); i < chunks; i++) {
    const left = chunkName(name, i)
    // What a header holds that is too long to be looked into, nobody knows.
    if ((header !== null && isOverlong(header)) || readCookie(header, left).length > 0)
      lines.push(unset(left, attributes))
  }
  return lines
}

function set(name: string, value: string, maxAge: number | null, attributes: CookieAttributes): SetCookie {
  const line = writeCookie(name, value, maxAge, attributes)
  return { ...partsOf(name, value, attributes), maxAge: maxAge === null ? undefined : wholeAge(maxAge), line }
}

function unset(name: string, attributes: CookieAttributes): SetCookie {
  return { ...partsOf(name, '', attributes), maxAge: 0, line: deleteCookie(name, attributes) }
}

function partsOf(name: string, value: string, { secure, sameSite, domain, partitioned }: CookieAttributes) {
  return { name, value, path: '/', httpOnly: true, secure, sameSite, domain: domain ?? undefined, partitioned } as const
}

function split(text: string, name: string, chunks: number): readonly string[] {
  const room = LARGEST_COOKIE - chunkName(name, chunks === 1 ? 0 : 1).length - (chunks === 1 ? 0 : MARK)
  if (text.length <= room) return [text]
  const count = Math.ceil(text.length / room)
  if (count > chunks) throw new RangeError(`the cookie '${name}' does not fit into ${chunks} of 4,096 bytes`)
  return Array.from({ length: count }, (_, i) => {
    const part = text.slice(i * room, (i + 1) * room)
    return i === 0 ? `${count}~${part}` : part
  })
}
