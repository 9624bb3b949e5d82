import { KEY_ID_LENGTH, type KeyRing, type SigningKey } from '../../core/keys/keys.ts'
import type { Awaitable, Runtime } from '../../runtime/index.ts'

/**
 * The opaque token: `cc1.<generation>.<id><secret>.<key id><tag>`, 100 to 107 characters that need no encoding in a
 * cookie or header. `cc1` is the format's version, the generation base 36 without leading zeros, id and secret 22 and 43
 * characters of base64url, the tag the first 132 bits of HMAC-SHA256 over everything before the last dot.
 */
export interface Token {
  readonly id: string
  readonly secret: string
  readonly generation: number
  readonly keyId: string
  readonly tag: string
  /** What the tag is made over. */
  readonly signed: string
}

export const TOKEN_PREFIX = 'cc1.'
const SECRET_BYTES = 32
const ID_LENGTH = 22
const SECRET_LENGTH = 43
const TAG_LENGTH = 22
const MOST_GENERATIONS = 36 ** 8
const LONGEST = 107
const SHAPE = /^cc1\.(?:0|[1-9a-z][0-9a-z]{0,7})\.[A-Za-z0-9_-]{65}\.[A-Za-z0-9_-]{28}$/

export function newSecret(runtime: Runtime): string {
  return runtime.random(SECRET_BYTES)
}

/** The token in a text, or null where it has not the shape of one (any bytes, any length). Says nothing about validity. */
export function parseToken(text: string): Token | null {
  if (text.length > LONGEST || !SHAPE.test(text)) return null
  const end = text.length - TAG_LENGTH - KEY_ID_LENGTH - 1
  const secretAt = end - SECRET_LENGTH
  return {
    id: text.slice(secretAt - ID_LENGTH, secretAt),
    secret: text.slice(secretAt, end),
    generation: Number.parseInt(text.slice(TOKEN_PREFIX.length, secretAt - ID_LENGTH - 1), 36),
    keyId: text.slice(end + 1, end + 1 + KEY_ID_LENGTH),
    tag: text.slice(end + 1 + KEY_ID_LENGTH),
    signed: text.slice(0, end),
  }
}

/** What a tag says: made by us, made by nobody, or made with a key that is not in the ring. */
export type TagVerdict = 'ours' | 'forged' | 'unknown-key'

/** Decides before any read of the store whether the token was issued here. */
export function checkTag(token: Token, ring: KeyRing, runtime: Runtime): Awaitable<TagVerdict> {
  const key = ring.find(token.keyId)
  if (key === undefined) return 'unknown-key'
  const mac = key.tag.mac(token.signed)
  if (typeof mac === 'string') return verdict(mac, token, runtime)
  return mac.then((late) => verdict(late, token, runtime))
}

function verdict(mac: string, token: Token, runtime: Runtime): TagVerdict {
  return runtime.equal(mac.slice(0, TAG_LENGTH), token.tag) ? 'ours' : 'forged'
}

/** The token's text for a secret, tagged by the newest key. */
export async function writeToken(id: string, generation: number, secret: string, key: SigningKey): Promise<string> {
  if (generation >= MOST_GENERATIONS) throw new RangeError('a session can be rotated at most 36^8 times')
  const signed = `${TOKEN_PREFIX}${generation.toString(36)}.${id}${secret}`
  return `${signed}.${key.id}${(await key.tag.mac(signed)).slice(0, TAG_LENGTH)}`
}

/**
 * The secret that follows `secret` in a renewal. Whoever presents the same predecessor gets the same successor, and
 * without the record's nonce nobody gets any; nothing secret has to be stored for it.
 */
export async function deriveSuccessor(
  key: SigningKey,
  from: { readonly id: string; readonly generation: number; readonly secret: string; readonly nonce: string },
): Promise<string> {
  return await key.successor.mac(`${from.id}.${from.generation}.${from.secret}.${from.nonce}`)
}
