import { runtime as platform } from '#runtime'
import { KeyError } from '../../errors.ts'
import type { Awaitable, MacKey, Runtime } from '../../runtime/index.ts'
import type { Events } from '../events/events.ts'

/** One signing key, split by purpose so that no MAC made for one purpose means anything for another. */
export interface SigningKey {
  /** A fingerprint of the key: 6 characters of base64url, named by every tag. Tells nothing about the key. */
  readonly id: string
  readonly tag: MacKey
  readonly successor: MacKey
  /** For the tokens of forms. */
  readonly csrf: MacKey
}

/** The newest key writes, every listed key reads. */
export interface KeyRing {
  readonly newest: SigningKey
  /** Newest first. */
  readonly ids: readonly string[]
  readonly find: (id: string) => SigningKey | undefined
}

export const KEY_ID_LENGTH = 6
const SHORTEST = 32
const FEWEST_DISTINCT = 10
/** Keys that have stood in documents, so everybody has them. */
const PUBLISHED: ReadonlySet<string> = new Set(['kX3nq0lVb7Jm2rTzYw9sDf5hGcQe8uAi4oPx1vLtR6M'])
const HOW = `Make one with: node -p "require('crypto').randomBytes(32).toString('base64url')"`

/**
 * The key texts from an option: one string (several keys separated by commas or white space) or a list, newest first.
 * White space around a key in a list is no part of it.
 * @throws KeyError for none, for one that is no text, holds a comma or white space or is under 32 characters, for a placeholder, or for the same one twice (ASVS 13.3.1).
 */
export function parseKeys(keys: string | readonly string[] | undefined): readonly string[] {
  const given: readonly unknown[] = typeof keys === 'string' ? keys.split(/[\s,]+/) : (keys ?? [])
  // A file ends with a line end, in a list too.
  const texts = given.map((text) => (typeof text === 'string' ? text.trim() : text)).filter((text) => text !== '')
  if (texts.length === 0) throw new KeyError(`keys: there is no key to sign tokens with. ${HOW}`)
  return texts.map((text, i) => {
    if (typeof text !== 'string') throw new KeyError(`keys: key ${i + 1} is not a text: is its variable set?`)
    if (/[\s,]/.test(text)) {
      throw new KeyError(`keys: key ${i + 1} holds a comma or white space: write each key as one of the list.`)
    }
    if (text.length < SHORTEST)
      throw new KeyError(
        `keys: key ${i + 1} is shorter than ${SHORTEST} characters (commas and white space separate keys). ${HOW}`,
      )
    if (new Set(text).size < FEWEST_DISTINCT) throw new KeyError(`keys: key ${i + 1} looks like a placeholder. ${HOW}`)
    if (PUBLISHED.has(text)) throw new KeyError(`keys: key ${i + 1} is a placeholder: it stood in a document. ${HOW}`)
    if (texts.indexOf(text) !== i) throw new KeyError(`keys: key ${i + 1} is listed twice.`)
    return text
  })
}

async function deriveKey(text: string, runtime: Runtime): Promise<SigningKey> {
  const root = await runtime.macKey(text)
  const id = (await root.mac('coatcheck/1/key-id')).slice(0, KEY_ID_LENGTH)
  const tag = await runtime.macKey(await root.mac('coatcheck/1/tag'))
  const successor = await runtime.macKey(await root.mac('coatcheck/1/successor'))
  const csrf = await runtime.macKey(await root.mac('coatcheck/1/csrf'))
  return { id, tag, successor, csrf }
}

async function deriveRing(texts: readonly string[], runtime: Runtime): Promise<KeyRing> {
  const byId = new Map<string, SigningKey>()
  for (const [i, text] of texts.entries()) {
    const key = await deriveKey(text, runtime)
    if (byId.has(key.id)) throw new KeyError(`keys: key ${i + 1} has the fingerprint of another one. ${HOW}`)
    byId.set(key.id, key)
  }
  const [newest] = byId.values()
  if (newest === undefined) throw new KeyError(`keys: there is no key to sign tokens with. ${HOW}`)
  return { newest, ids: [...byId.keys()], find: (id) => byId.get(id) }
}

/** The ring in effect, which can be exchanged. */
export interface Keys {
  /** Derived when it is first asked for, since constructing may not compute; once derived it answers at once. */
  readonly ring: () => Awaitable<KeyRing>
  /** Exchanges the ring once the new one is derived; of several calls the last one wins. A KeyError leaves it as it is. */
  readonly set: (texts: readonly string[]) => Promise<void>
}

export function makeKeys(texts: readonly string[], runtime: Runtime): Keys {
  let ring: KeyRing | null = null
  let pending: Promise<KeyRing> | null = null
  let calls = 0
  return {
    ring() {
      if (ring !== null) return ring
      if (pending !== null) return pending
      const deriving = deriveRing(texts, runtime).then((derived) => {
        // Another one may have been set while this one was derived.
        ring ??= derived
        return ring
      })
      if (runtime.mayShareAcrossRequests()) pending = deriving
      return deriving
    },
    async set(others) {
      const call = ++calls
      const derived = await deriveRing(others, runtime)
      if (call === calls) ring = derived
    },
  }
}

/**
 * The fingerprints by which tokens and events name keys, in the order of the keys; a fingerprint tells nothing about its
 * key. Takes what the option `keys` takes. @throws KeyError
 */
export async function keyIds(keys: string | readonly string[] | undefined): Promise<string[]> {
  const { ids } = await deriveRing(parseKeys(keys), platform)
  return [...ids]
}

/** How often an older key that is still in use says so. */
const INTERVAL = 3_600_000

/** Tells that a token of `keyId` was accepted. */
export type KeyUse = (ring: KeyRing, keyId: string) => void

/** Says of each key but the newest that tokens in use still need it: once an hour, so that nobody takes it away too soon. */
export function makeKeyUse(events: Events, runtime: Runtime): KeyUse {
  const saidAt = new Map<string, number>()
  return function note(ring, keyId) {
    if (keyId === ring.newest.id) return
    const now = runtime.now()
    if (now - (saidAt.get(keyId) ?? Number.NEGATIVE_INFINITY) < INTERVAL) return
    saidAt.set(keyId, now)
    events.emit({ type: 'key-used', keyId })
  }
}
