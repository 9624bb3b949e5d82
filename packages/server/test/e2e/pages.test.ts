import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { combinations } from '../../../coatcheck/test/combinations/combinations.ts'
import { Client, dataFolder, PASSWORD } from '../running.ts'
import { fillIn, focused, launchBrowser, openWindow, screenshot } from './browser.ts'
import { type ServerProcess, startProcess } from './process.ts'

/** Path → the name of its pictures. */
const FOR_ALL = {
  '/login': 'sign-in',
  '/signup': 'sign-up',
  '/setup': 'set-up',
  '/forgot': 'forgot',
  '/reset?code=x': 'reset-void',
  '/verify?code=x': 'verify-void',
  '/nowhere': 'not-found',
}
const SIGNED_IN = {
  '/dashboard': 'dashboard',
  '/account/sessions': 'devices',
  '/account': 'account',
  '/account/activity': 'activity',
  '/account/preferences': 'preferences',
  '/account/email': 'email',
  '/account/password': 'password',
  '/account/delete': 'delete',
  '/reauth': 'reauthenticate',
  '/logout': 'sign-out',
  '/signed-in-nowhere': 'not-found-signed-in',
}
const FOR_ADMINISTRATORS = {
  '/admin': 'console',
  '/admin/users': 'console-users',
  '/admin/sessions': 'console-sessions',
  '/admin/policy': 'console-policy',
  '/admin/keys': 'console-keys',
  '/admin/events': 'console-events',
}
/** Pages that are come to by others. */
const FURTHER = ['console-numbers', 'console-user', 'console-session', 'console-invitation']
const SCHEMES = ['light', 'dark'] as const
const LOCALES = ['en', 'de'] as const

/** Each page in light and in dark, and in each language. */
const LOOKS = combinations({
  name: [...Object.values({ ...FOR_ALL, ...SIGNED_IN, ...FOR_ADMINISTRATORS }), ...FURTHER],
  colorScheme: SCHEMES,
  locale: LOCALES,
})
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 780 } }

/** What axe-core finds on the page: the rule, and where. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => String(target)).join(' ')}`)
  })
  return found
}

describe('every page', () => {
  let browser: Browser
  let server: ServerProcess
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it('the scan finds what is wrong, where something is', async () => {
    const { page } = await openWindow(browser)
    await page.setContent('<html><body><img src="x"><button></button></body></html>')
    expect((await violations(page)).map((text) => text.split(':')[0])).toEqual(
      expect.arrayContaining(['button-name', 'document-title', 'html-has-lang', 'image-alt']),
    )
  })

  it.each(combinations({ colorScheme: SCHEMES, locale: LOCALES }))(
    'has nothing that keeps people out, fits a phone, and complains of nothing: $colorScheme, $locale',
    async ({ colorScheme, locale }) => {
      server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder(), COATCHECK_SMTP_URL: 'smtp://127.0.0.1:1' })
      await new Client(server.url).signUp('alice')
      const other = new Client(server.url, {
        'user-agent': 'Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0',
      })
      await other.signIn('alice')
      const { page, complaints } = await openWindow(browser, { colorScheme, locale })
      const isLookedAt = (name: string) =>
        LOOKS.some((look) => look.name === name && look.colorScheme === colorScheme && look.locale === locale)
      const examine = async (path: string, name: string) => {
        for (const [size, viewport] of Object.entries(SIZES)) {
          await page.setViewportSize(viewport)
          await screenshot(page, `${name}-${size}-${colorScheme}-${locale}`)
          expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, viewport.width])
        }
        expect([path, await violations(page)]).toEqual([path, []])
        expect(await page.getAttribute('html', 'lang')).toBe(locale)
      }
      const look = async (pages: Readonly<Record<string, string>>) => {
        for (const [path, name] of Object.entries(pages)) {
          if (!isLookedAt(name)) continue
          await page.goto(new URL(path, server.url).href)
          await examine(path, name)
        }
      }
      await look(FOR_ALL)
      const signIn = async (name: string) => {
        await page.goto(`${server.url}login`)
        await focused(page)
        await page.locator('[name=username]').fill(name)
        await page.locator('[name=password]').fill(PASSWORD)
        await page.locator('main button').click()
        await page.waitForURL('**/dashboard')
      }
      await signIn('alice')
      await look(SIGNED_IN)
      await page.context().clearCookies()
      const code = /setup\?code=(\S+)/.exec(server.output())?.[1] ?? ''
      await other.post('/setup', { code, username: 'chief', password: PASSWORD })
      await signIn('chief')
      await look(FOR_ADMINISTRATORS)
      if (isLookedAt('console-numbers')) {
        // The tables of the charts, too.
        await page.goto(`${server.url}admin?period=hour`)
        for (const summary of await page.locator('.chart summary').all()) await summary.click()
        await examine('/admin?period=hour', 'console-numbers')
      }
      await page.goto(`${server.url}admin/users`)
      const account = await page.getByRole('link', { name: 'alice' }).getAttribute('href')
      await look({ [account ?? '']: 'console-user' })
      await page.goto(`${server.url}admin/sessions?name=alice`)
      const story = await page.locator('td a[href^="/admin/sessions/"]').first().getAttribute('href')
      await look({ [story ?? '']: 'console-session' })
      if (isLookedAt('console-invitation')) {
        await page.goto(`${server.url}admin/users`)
        await page.locator('form[action="/admin/invite"] button').click()
        await page.waitForURL('**/admin/invite')
        await examine('/admin/invite', 'console-invitation')
      }
      expect(complaints.filter((text) => !/status of (404|410)/.test(text))).toEqual([])
    },
  )

  it('that is open says at once that its session was ended, and why, and its next click leads to the sign-in', async () => {
    server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })
    const desk = new Client(server.url)
    await desk.signUp('alice')
    await desk.signIn('alice')
    const { page, complaints } = await openWindow(browser)
    await page.goto(`${server.url}login`)
    await fillIn(page, 'alice', PASSWORD)
    await page.waitForURL('**/dashboard')
    const following = page.waitForResponse('**/account/events')
    await page.reload()
    await following
    expect(await page.locator('#over').isHidden()).toBe(true)
    await desk.post('/account/sessions/end-others')
    await page.locator('#over').waitFor({ state: 'visible' })
    expect(await page.locator('#over').textContent()).toBe(
      'You were signed out because this session was ended from another device. Sign in',
    )
    await screenshot(page, 'told-at-once')
    expect(await violations(page)).toEqual([])
    await page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click()
    expect(new URL(page.url()).pathname).toBe('/login')
    expect(await page.getByRole('status').textContent()).toContain('ended from another device')
    expect(complaints).toEqual([])
  })
})
