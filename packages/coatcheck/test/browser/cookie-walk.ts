import { expect, onTestFinished } from 'vitest'
import type { CookieSettings } from '../../src/core/http/transport.ts'
import { createSessions, type SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import type { AdapterData, AdapterRoutes } from '../../src/testing/index.ts'
import { adapters, nodeListener } from '../contract/adapters/servers.ts'
import { type Judge, ourJar, toughCookie } from '../contract/cookies/judges.ts'
import { type BrowserCookie, type CookieWindow, heldAs } from './chromium.ts'
import { forwardTo, type Site } from './site.ts'

export type Options = Partial<SessionsOptions<AdapterData>>

/** An application behind the site: with an adapter's name in a server of its own, which the site forwards to. */
export async function anApplication(site: Site, options: Options, adapter: string | null = null) {
  const keys = 'a-signing-key-of-the-browser-0123456789'
  const policy = { rememberMe: { idle: 'none', absolute: '500d' } } as const
  const warnings: string[] = []
  const sessions = createSessions<AdapterData>({
    store: memoryStore(),
    keys,
    policy,
    runtime: { warn: (text) => warnings.push(text) },
    ...options,
  })
  const events: string[] = []
  sessions.on(({ type }) => events.push(type))
  const routes: AdapterRoutes = {
    '/': () => ({ body: 'home' }),
    '/form': async (session) => ({ body: await (await session()).csrfToken() }),
    '/visit': async (session) => {
      ;(await session()).data.n = 1
      return { body: 'noted' }
    },
    '/sign-in': async (session) => {
      await (await session()).signIn(await sessions.begin('ada'))
      return { body: 'signed in' }
    },
    '/remember': async (session) => {
      await (await session()).signIn(await sessions.begin('ada'), { remember: true })
      return { body: 'signed in' }
    },
    '/sign-out': async (session) => {
      await (await session()).signOut()
      return { body: 'signed out' }
    },
    '/deep/me': async (session) => ({ body: String((await session()).userId) }),
  }
  if (adapter === null) site.answerBy(nodeListener(sessions, routes))
  else {
    const { port, close } = await adapters[adapter]!.serve(sessions, routes)
    onTestFinished(close)
    site.answerBy(forwardTo(port))
  }
  return { warnings, events }
}

/** What the page came with and what the browser had asked it by. */
export async function visit({ page }: CookieWindow, url: string) {
  const response = await page.goto(url)
  const headers = (await response?.headersArray()) ?? []
  return {
    lines: headers.flatMap(({ name, value }) => (name.toLowerCase() === 'set-cookie' ? [value] : [])),
    cookie: (await response?.request().allHeaders())?.['cookie'] ?? '',
    body: await page.textContent('body'),
  }
}

/** What browsers allow at most; the sessions here are remembered for longer. */
const FOUR_HUNDRED_DAYS = 400 * 24 * 60 * 60

/** What a cookie is meant to be, told in the words of Chromium. */
type Meant = Omit<BrowserCookie, 'value' | 'size' | 'expires' | 'session' | 'name'> & { readonly prefix: string }

const SAME_SITE = { lax: 'Lax', strict: 'Strict', none: 'None' } as const
export type Attributes = Pick<CookieSettings, 'sameSite' | 'domain' | 'partitioned'>

export function meantOver(origin: string, { sameSite, domain, partitioned }: Attributes): Meant {
  const secure = origin.startsWith('https:')
  const { hostname } = new URL(origin)
  const isLocal = hostname === 'localhost'
  const isShared = domain !== null && !isLocal
  const topLevelSite = isLocal ? origin : 'https://app.example'
  return {
    prefix: secure ? (isShared ? '__Secure-' : '__Host-') : '',
    domain: isShared ? `.${domain}` : hostname,
    path: '/',
    secure,
    httpOnly: true,
    sameSite: SAME_SITE[!secure && sameSite === 'none' ? 'lax' : sameSite],
    priority: 'Medium',
    sourceScheme: secure ? 'Secure' : 'NonSecure',
    sourcePort: secure ? 443 : 80,
    ...(partitioned && secure && { partitionKey: { topLevelSite, hasCrossSiteAncestor: false } }),
  }
}

const byName = (a: { readonly name: string }, b: { readonly name: string }) => (a.name < b.name ? -1 : 1)

/** A walk without cookies from the first form to the sign-out, after each step of which the browser and both jars hold what was meant. */
export async function walk(window: CookieWindow, origin: string, meant: Meant) {
  await window.page.context().clearCookies()
  const jars: readonly Judge[] = [ourJar(), toughCookie()]
  const step = async (path: string, expected: readonly Omit<BrowserCookie, 'value' | 'size' | 'expires'>[]) => {
    const { lines } = await visit(window, origin + path)
    const cookies = (await window.cookies()).toSorted(byName)
    expect(cookies.map(({ value: _, size: __, expires: ___, ...cookie }) => cookie)).toEqual(expected)
    const held = cookies.map(heldAs)
    for (const jar of jars) {
      await jar.take(origin + path, lines)
      const plain = jar.name === 'tough-cookie' ? held.map((one) => ({ ...one, partitioned: false })) : held
      expect((await jar.held(origin)).toSorted(byName), jar.name).toEqual(plain)
    }
    return cookies
  }
  const { prefix, ...attributes } = meant
  const session = (name: string) => ({ name: prefix + name, ...attributes, session: true })
  const hostPrefix = attributes.secure ? '__Host-' : ''
  const pre = { ...session('pre'), name: `${hostPrefix}pre`, domain: new URL(origin).hostname }

  await step('/form', [pre])
  expect((await step('/visit', [pre, session('vid')])).map(({ expires }) => expires)).toEqual([-1, -1])
  // Both cookies of the visitor go as the one of who signed in comes.
  const before = Date.now()
  const [remembered] = await step('/remember', [{ ...session('sid'), session: false }])
  const after = Date.now()
  const since = (remembered!.expires - FOUR_HUNDRED_DAYS) * 1_000
  expect(since).toBeGreaterThanOrEqual(before - 1)
  expect(since).toBeLessThanOrEqual(after + 1)
  for (const jar of jars) {
    const expiry = await jar.expiry(origin, remembered!.name)
    // The jars took it a little later, and tough-cookie counts from when it was last asked.
    expect(Math.abs((expiry ?? 0) - remembered!.expires * 1_000), jar.name).toBeLessThanOrEqual(Date.now() - before + 1)
  }
  const next = await visit(window, `${origin}/deep/me`)
  expect([next.body, next.cookie]).toEqual(['ada', `${prefix}sid=${remembered!.value}`])
  for (const jar of jars) expect(await jar.header(`${origin}/deep/me`), jar.name).toBe(next.cookie)

  await step('/sign-out', [])
  await step('/sign-in', [session('sid')])
  await step('/sign-out', [])
  expect(await visit(window, `${origin}/deep/me`)).toEqual({ lines: [], cookie: '', body: 'null' })
}
