import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { keysOf } from '../keys/key-file.ts'
import type { Account } from './accounts.ts'

/** So many accounts may have been signed in to from one browser; of more, those of longest ago are forgotten. */
const MOST_ACCOUNTS = 5
const PURPOSE = 'coatcheck-server/1/known-browser'
const NOBODY = { id: 'nobody', passwordChangedAt: 0 }

/** Format, browser's id, and a MAC for each account, the latest first. It tells nothing of which accounts these are. */
const COOKIE = /^1\.([\w-]{22})((?:\.[\w-]{43}){1,5})$/

type Owner = Pick<Account, 'id' | 'passwordChangedAt'>

/**
 * Browsers that have signed in to an account since its password changed. Their failures are counted apart, so that nobody
 * who guesses elsewhere locks the owner out. What such a browser holds signs nobody in.
 */
export interface KnownBrowsers {
  /** What the browser's failures at the account are counted under; null where it is not known there. */
  readonly counterOf: (cookie: string, account: Owner | null) => string | null
  /** The cookie of a browser that has proven to be the account's. */
  readonly remember: (cookie: string, account: Owner) => string
  /** Other keys from now on. */
  readonly setKeys: (keys: string) => void
}

/** `keys`: those of the data folder, newest first. The newest writes, all count. */
export function makeKnownBrowsers(keys: string): KnownBrowsers {
  let ring = ringOf(keys)
  // With the password's age in it: who once knew the password has no counters of their own for the next one.
  const macs = (browser: string, { id, passwordChangedAt }: Owner) =>
    ring.map((key) => createHmac('sha256', key).update(`${id}.${passwordChangedAt}.${browser}`).digest())
  return {
    counterOf(cookie, account) {
      const { browser, known } = parsed(cookie)
      if (browser === null) return null
      const wanted = macs(browser, account ?? NOBODY)
      const fits = known.some((one) => wanted.some((mac) => isSame(mac, one)))
      return fits && account !== null ? `known:${account.id}:${browser}` : null
    },
    remember(cookie, account) {
      const { browser, known } = parsed(cookie)
      const id = browser ?? randomBytes(16).toString('base64url')
      const [newest, ...older] = macs(id, account)
      if (newest === undefined) return cookie
      const others = known.filter((one) => ![newest, ...older].some((mac) => isSame(mac, one)))
      return ['1', id, newest.toString('base64url'), ...others].slice(0, 2 + MOST_ACCOUNTS).join('.')
    },
    setKeys(others) {
      ring = ringOf(others)
    },
  }
}

function ringOf(keys: string): readonly Buffer[] {
  return keysOf(keys).map((key) => Buffer.from(hkdfSync('sha256', key, '', PURPOSE, 32)))
}

function parsed(cookie: string): { browser: string | null; known: readonly string[] } {
  const [, browser, rest = ''] = COOKIE.exec(cookie) ?? []
  return { browser: browser ?? null, known: rest.split('.').filter((mac) => mac !== '') }
}

function isSame(mac: Buffer, text: string): boolean {
  const other = Buffer.from(text, 'base64url')
  return other.length === mac.length && timingSafeEqual(mac, other)
}
