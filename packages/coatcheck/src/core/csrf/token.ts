import type { Runtime } from '../../runtime/index.ts'
import type { KeyRing, SigningKey } from '../keys/keys.ts'

/**
 * The token of a form: nonce, key id and three MACs of 132 bits, 94 characters of base64url. Each rendering has a nonce
 * of its own and shares nothing secret with the next, so that no compression of pages gives it away (BREACH). Nothing of
 * it is stored: it is bound by its first MAC to the session and its last authentication (OWASP: HMAC-based tokens).
 */
export interface Subject {
  /** A session by its id, or a visitor without one by the random value of a cookie. */
  readonly who: string
  /** When the user was authenticated last, in epoch milliseconds; 0 for a visitor. A renewal or rotation leaves it. */
  readonly authenticatedAt: number
}

export function sessionSubject(record: { readonly id: string; readonly authenticatedAt: number | null }): Subject {
  return { who: `session.${record.id}`, authenticatedAt: record.authenticatedAt ?? 0 }
}

export function visitorSubject(value: string): Subject {
  return { who: `visitor.${value}`, authenticatedAt: 0 }
}

const NONCE_BYTES = 16
const NONCE_LENGTH = 22
const KEY_ID_LENGTH = 6
const MAC_LENGTH = 22
const SHAPE = /^[A-Za-z0-9_-]{94}$/

/** `older`: of this subject, before its last authentication. `other`: ours, of another subject. `none`: not ours. */
export type TokenMatch = 'exact' | 'older' | 'other' | 'none'

/** What the three MACs are made over: this subject at this authentication, this subject at any, any subject. */
function exactText(nonce: string, { who, authenticatedAt }: Subject): string {
  return `exact.${nonce}.${who}.${authenticatedAt}`
}
const whoText = (nonce: string, { who }: Subject): string => `who.${nonce}.${who}`
const oursText = (nonce: string): string => `ours.${nonce}`

async function shortMac(key: SigningKey, text: string): Promise<string> {
  return (await key.csrf.mac(text)).slice(0, MAC_LENGTH)
}

/** A new token for the subject, another one each time. */
export async function writeCsrfToken(subject: Subject, key: SigningKey, runtime: Runtime): Promise<string> {
  const nonce = runtime.random(NONCE_BYTES)
  const texts = [exactText(nonce, subject), whoText(nonce, subject), oursText(nonce)]
  const macs = await Promise.all(texts.map((text) => shortMac(key, text)))
  return `${nonce}${key.id}${macs.join('')}`
}

/** Whose token a text is, any text: its shape is looked at before a MAC is made. Compares in constant time. */
export async function matchCsrfToken(
  text: string,
  subjects: readonly Subject[],
  ring: KeyRing,
  runtime: Runtime,
): Promise<TokenMatch> {
  if (!SHAPE.test(text)) return 'none'
  const macsAt = NONCE_LENGTH + KEY_ID_LENGTH
  const nonce = text.slice(0, NONCE_LENGTH)
  const key = ring.find(text.slice(NONCE_LENGTH, macsAt))
  if (key === undefined) return 'none'
  const isMac = async (place: number, signed: string) => {
    const at = macsAt + place * MAC_LENGTH
    return runtime.equal(await shortMac(key, signed), text.slice(at, at + MAC_LENGTH))
  }
  for (const subject of subjects) if (await isMac(0, exactText(nonce, subject))) return 'exact'
  for (const subject of subjects) if (await isMac(1, whoText(nonce, subject))) return 'older'
  return (await isMac(2, oursText(nonce))) ? 'other' : 'none'
}
