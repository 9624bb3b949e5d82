import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeCookie } from '../../src/core/http/cookies.ts'
import { cookieJar, type RequestContext } from '../../src/testing/index.ts'
import { openCookieWindow } from './chromium.ts'
import { anApplication, visit } from './cookie-walk.ts'
import { type Listener, openSite, type Site } from './site.ts'

const HTTPS = 'https://www.app.example'
const HTTP = 'http://www.app.example'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

/** A page with these lines, and nothing else. */
const saying =
  (...lines: readonly string[]): Listener =>
  (_, response) =>
    response.setHeader('set-cookie', lines).end()

describe('what is withheld', () => {
  test('over plain http on a network nothing is sent: the browser would keep none of what https gets', async () => {
    const window = await openCookieWindow(site)
    const lines: string[] = []
    for (const cookie of [{}, { domain: 'app.example' }, { sameSite: 'none', partitioned: true }] as const) {
      await anApplication(site, { cookie })
      for (const path of ['/form', '/visit', '/sign-in']) lines.push(...(await visit(window, HTTPS + path)).lines)
      await window.page.context().clearCookies()
    }
    expect(lines.filter((line) => !line.includes('Max-Age=0'))).toHaveLength(9)
    site.answerBy(saying(...lines))
    await visit(window, HTTP)
    expect(await window.cookies()).toEqual([])

    const { warnings, events } = await anApplication(site, {})
    for (const path of ['/sign-in', '/sign-in', '/visit']) expect((await visit(window, HTTP + path)).lines).toEqual([])
    expect(events.filter((type) => type === 'cookie-withheld')).toHaveLength(3)
    // Each thing that does not work is said once.
    expect(warnings).toEqual([
      expect.stringMatching(/^A sign-in cannot last: .*`origin: .*`insecure: true`/),
      expect.stringMatching(/^A session could not begin: .*`origin: .*`insecure: true`/),
    ])
  })

  test('behind a proxy that ends TLS and is not declared neither, and the warning names the setting', async () => {
    const window = await openCookieWindow(site)
    const { warnings, events } = await anApplication(site, {}, 'node')
    expect((await visit(window, `${HTTPS}/visit`)).lines).toEqual([])
    expect(events).toEqual(['cookie-withheld'])
    expect(warnings).toEqual([expect.stringContaining("Behind a proxy that ends TLS set `origin: 'https://…'`")])
  })

  test('the browser keeps cookies of 4,096 octets, which is more than ours ever have', async () => {
    const value = 'v'.repeat(4_096 - '__Host-sid'.length)
    const attributes = { secure: true, sameSite: 'lax', domain: null, partitioned: false } as const
    const window = await openCookieWindow(site)
    site.answerBy(saying(writeCookie('__Host-sid', value, null, attributes)))
    await visit(window, HTTPS)
    expect((await window.cookies()).map((cookie) => cookie.value)).toEqual([value])
  })
})

/** As a page on another site sends its visitors to us: in their sight by GET, and by POST. */
const WAYS: readonly (readonly [RequestContext, method: 'get' | 'post'])[] = [
  ['cross-site-navigation', 'get'],
  ['cross-site-subrequest', 'post'],
]

async function submitTo(page: Page, action: string, method: string): Promise<void> {
  const form = `<form action="${action}" method="${method}"></form><script>document.forms[0].submit()</script>`
  await page.setContent(form, { waitUntil: 'commit' })
  await page.waitForURL((url) => url.href.startsWith(action))
}

describe('from another site', () => {
  test.each(['lax', 'strict', 'none'] as const)('SameSite %s is sent where our jar sends it, too', async (sameSite) => {
    const window = await openCookieWindow(site)
    const jar = cookieJar({ clock: { now: Date.now } })
    await anApplication(site, { cookie: { sameSite } })
    jar.take(HTTPS, (await visit(window, `${HTTPS}/sign-in`)).lines)
    for (const [context, method] of WAYS) {
      let sent: string | undefined
      site.answerBy(({ headers, url }, response) => {
        if (url?.startsWith('/asked')) sent = headers.cookie
        response.setHeader('content-type', 'text/html').end()
      })
      await window.page.goto('https://evil.example/')
      // Chromium lets a young cookie without SameSite go with such a form, too; ours always has one.
      await submitTo(window.page, `${HTTPS}/asked`, method)
      expect(sent ?? null, `${context}`).toBe(jar.header(HTTPS, context))
    }
  })
})

describe('embedded', () => {
  const embed = (page: Page, path: string) => page.setContent(`<iframe src="${HTTPS}${path}"></iframe>`)

  test('a partitioned session is another one on each site that embeds us', async () => {
    const window = await openCookieWindow(site)
    await anApplication(site, { cookie: { sameSite: 'none', partitioned: true } })
    for (const host of ['one.example', 'two.example']) {
      await visit(window, `https://${host}/`)
      await embed(window.page, '/sign-in')
    }
    await visit(window, `${HTTPS}/sign-in`)
    const keys = async () => (await window.cookies()).map((cookie) => cookie.partitionKey?.topLevelSite).toSorted()
    expect(await keys()).toEqual(['https://app.example', 'https://one.example', 'https://two.example'])
    expect(new Set((await window.cookies()).map(({ value }) => value)).size).toBe(3)

    await visit(window, 'https://one.example/')
    await embed(window.page, '/sign-out')
    expect(await keys()).toEqual(['https://app.example', 'https://two.example'])
  })

  test('a session that is Lax neither begins nor counts there', async () => {
    const window = await openCookieWindow(site)
    await anApplication(site, {})
    await visit(window, 'https://one.example/')
    await embed(window.page, '/sign-in')
    expect(await window.cookies()).toEqual([])
    await visit(window, `${HTTPS}/sign-in`)
    await visit(window, 'https://one.example/')
    await embed(window.page, '/deep/me')
    expect(await window.page.frameLocator('iframe').locator('body').textContent()).toBe('null')
    expect((await visit(window, `${HTTPS}/deep/me`)).body).toBe('ada')
  })
})

test('with a domain the sibling gets the cookie of the session, without one nobody else does', async () => {
  const window = await openCookieWindow(site)
  for (const [domain, body] of [
    ['app.example', 'ada'],
    [undefined, 'null'],
  ] as const) {
    await anApplication(site, { cookie: { domain } })
    await visit(window, `${HTTPS}/sign-in`)
    for (const host of ['shop.app.example', 'app.example']) {
      expect((await visit(window, `https://${host}/deep/me`)).body).toBe(body)
    }
    await window.page.context().clearCookies()
  }
})
