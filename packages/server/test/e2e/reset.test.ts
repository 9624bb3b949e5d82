import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkIn, mailServer } from '../mail-server.ts'
import { Client, dataFolder, PASSWORD } from '../running.ts'
import { fillIn, focused, launchBrowser, openWindow, screenshot } from './browser.ts'
import { startProcess } from './process.ts'

const NEW = 'another one, newly set'
const button = (page: Page) => page.locator('main button[type=submit]').first()

describe('a person who forgets the password', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it('sets an address, confirms it, and later chooses another password by a mail', async () => {
    const mails = await mailServer()
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder(), COATCHECK_SMTP_URL: mails.url })
    const origin = server.url.replace(/\/$/, '')
    const { page, complaints } = await openWindow(browser)
    const referrers: string[] = []
    page.on('request', (request) => referrers.push(request.headers()['referer'] ?? ''))
    const alert = () => page.getByRole('alert').textContent()

    await page.goto(`${origin}/signup`)
    await fillIn(page, 'alice', 'password12345678')
    expect(await alert()).toContain('would be guessed early')
    await fillIn(page, 'alice', PASSWORD)
    await fillIn(page, 'alice', PASSWORD)
    await page.waitForURL('**/dashboard')
    const other = new Client(server.url)
    await other.signIn('alice')

    await page.getByRole('navigation').getByRole('link', { name: 'Account' }).click()
    await screenshot(page, '20-account')
    await page.getByRole('link', { name: 'E-mail address' }).click()
    await focused(page)
    await page.getByLabel('E-mail address').fill('alice@example.org')
    await page.getByLabel('Current password').fill(PASSWORD)
    await button(page).click()
    expect(await page.getByRole('status').textContent()).toContain('A mail to alice@example.org is on its way')
    await screenshot(page, '21-email')
    await page.goto(origin + linkIn(await mails.arrived(1)))
    await screenshot(page, '22-verify')
    await page.getByRole('button', { name: 'Yes, it is mine' }).click()
    await page.getByText('alice@example.org is your address now.').waitFor()

    await page.getByRole('navigation').getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await screenshot(page, '23-forgot')
    await focused(page)
    await page.getByLabel('Name or e-mail address').fill('alice@example.org')
    await button(page).click()
    await page.getByText('If there is such an account').waitFor()
    await screenshot(page, '24-sent')
    const letter = await mails.arrived(2)
    await page.goto(origin + linkIn(letter))
    await focused(page)
    await page.getByLabel('New password').fill('too short')
    await button(page).click()
    expect(await alert()).toContain('at least 15 characters')
    await screenshot(page, '25-reset')
    await focused(page)
    await page.getByLabel('New password').fill(NEW)
    await button(page).click()
    await page.waitForURL('**/login?reset')
    expect(await page.getByRole('status').textContent()).toContain('Your password is changed')
    await fillIn(page, 'alice@example.org', NEW)
    await page.waitForURL('**/dashboard')
    expect(await other.seen(other.get('/dashboard'))).toBe('303 → /login')

    await page.goto(origin + linkIn(letter))
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('This link does not count')
    await screenshot(page, '26-void')

    expect(referrers.filter((referrer) => referrer.includes('code='))).toEqual([])
    expect(referrers).toContain(`${origin}/`)
    expect(complaints.filter((text) => !/status of (400|410)/.test(text))).toEqual([])
    const written = server.output()
    for (const secret of [PASSWORD, NEW, linkIn(letter).split('code=')[1] ?? PASSWORD, 'alice@example.org']) {
      expect(written).not.toContain(secret)
    }
  })

  it('finds pages that fit a narrow phone in the dark, and changes and deletes by keyboard', async () => {
    const mails = await mailServer()
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder(), COATCHECK_SMTP_URL: mails.url })
    const name = 'W'.repeat(64)
    const { page } = await openWindow(browser, { viewport: { width: 320, height: 640 }, colorScheme: 'dark' })
    await page.goto(`${server.url}signup`)
    await fillIn(page, name, PASSWORD)
    await fillIn(page, name, PASSWORD)
    await page.waitForURL('**/dashboard')
    for (const path of ['account', 'account/email', 'account/password', 'account/delete', 'forgot', 'reset?code=x']) {
      await page.goto(server.url + path)
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 320])
      await screenshot(page, `narrow-${path.replaceAll(/\W/g, '-')}`)
    }
    await page.goto(`${server.url}account/password`)
    await page.locator('input[name=password]:focus').waitFor()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Tab')
    await page.keyboard.type(NEW)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/account?changed=password')
    await screenshot(page, 'narrow-changed')
    await page.goto(`${server.url}account/delete`)
    await page.getByLabel('Current password').fill(NEW)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/login?deleted')
    expect(await page.getByRole('status').textContent()).toBe('Your account is deleted.')
  })
})
