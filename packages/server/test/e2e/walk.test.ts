import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD } from '../running.ts'
import { fillIn, focused, launchBrowser, openWindow, screenshot } from './browser.ts'
import { startProcess } from './process.ts'

const PHONE = {
  viewport: { width: 390, height: 780 },
  colorScheme: 'dark',
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
} as const

describe('the walk of a person with two browsers', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it('sign up, sign in, see both devices, end the other, sign out; killed and started again', async () => {
    const data = dataFolder()
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: data })
    const { page, complaints } = await openWindow(browser)

    await page.goto(`${server.url}signup`)
    await screenshot(page, '01-sign-up')
    await fillIn(page, 'alice', PASSWORD)
    await page.waitForURL('**/login?welcome*')
    expect(await page.getByRole('status').textContent()).toContain('Your account is ready')
    await screenshot(page, '02-welcome')

    await page.goto(`${server.url}signup`)
    await fillIn(page, 'alice', PASSWORD)
    expect(await page.getByRole('alert').textContent()).toBe('User already exists!')
    await screenshot(page, '03-taken')

    await page.goto(`${server.url}login`)
    await fillIn(page, 'alice', 'not the right one')
    expect(await page.getByRole('alert').textContent()).toBe('Invalid credentials!')
    expect(await page.getByLabel('Name').inputValue()).toBe('alice')
    await screenshot(page, '04-wrong')

    await fillIn(page, 'alice', PASSWORD)
    await page.waitForURL('**/dashboard')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Welcome, alice!')
    await screenshot(page, '05-dashboard')

    const phone = await openWindow(browser, PHONE)
    await phone.page.goto(server.url)
    await screenshot(phone.page, '06-phone-login')
    await fillIn(phone.page, 'alice', PASSWORD)
    await phone.page.waitForURL('**/dashboard')
    await screenshot(phone.page, '07-phone-dashboard')
    await phone.page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click()
    await screenshot(phone.page, '08-phone-devices')

    await page.getByRole('link', { name: 'All your devices' }).click()
    const names = await page.locator('.device h2').allTextContents()
    expect(names).toEqual(['Chrome on Linuxthis device', 'Safari on iOS'])
    await screenshot(page, '09-devices')

    // A server that is killed closes the connections of open pages: between answers, within one, or before it has begun. The
    // page asks again, and nobody listens yet.
    const ofKilled = /ERR_(?:INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|CONNECTION_(?:REFUSED|RESET))/
    /** What pages complained of since they were last asked. */
    const complained = () => [complaints, phone.complaints].flatMap((all) => all.splice(0))
    const unexpected = complained().filter((text) => !/status of (401|409)/.test(text))

    // Killed in the middle: what was acknowledged lives on.
    await server.end('SIGKILL')
    const port = new URL(server.url).port
    const again = await startProcess({ PORT: port, COATCHECK_DATA: data })
    await page.reload()
    await phone.page.reload()
    unexpected.push(...complained().filter((text) => !ofKilled.test(text)))
    expect(await page.locator('.device h2').count()).toBe(2)
    await page.getByRole('button', { name: 'End Safari on iOS' }).click()
    await page.waitForURL('**/account/sessions?ended=one')
    expect(await page.getByRole('status').textContent()).toBe('That device is signed out.')
    await screenshot(page, '10-ended')
    unexpected.push(...complained())

    // Killed again: what was ended stays ended, and is told why.
    await again.end('SIGKILL')
    const third = await startProcess({ PORT: port, COATCHECK_DATA: data })
    await phone.page.goto(`${third.url}dashboard`)
    await page.goto(`${third.url}dashboard`)
    unexpected.push(...complained().filter((text) => !ofKilled.test(text)))
    expect(new URL(phone.page.url()).pathname).toBe('/login')
    expect(await phone.page.getByRole('status').textContent()).toContain('ended from another device')
    await screenshot(phone.page, '11-phone-told-why')

    await page.getByRole('navigation').getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('**/login?goodbye')
    await screenshot(page, '12-signed-out')
    await page.goto(`${third.url}dashboard`)
    expect(new URL(page.url()).pathname).toBe('/login')
    expect(await third.end('SIGTERM')).toBe(0)

    unexpected.push(...complained())
    expect(unexpected).toEqual([])
    expect(server.output() + again.output() + third.output()).not.toContain(PASSWORD)
  })

  it('fits a narrow phone with the longest name, on every page', async () => {
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })
    const { page } = await openWindow(browser, { viewport: { width: 320, height: 640 } })
    const name = 'W'.repeat(64)
    const fits = async () => [page.url(), await page.evaluate('document.documentElement.scrollWidth')]
    // A page that stays open while its person signs in in another one.
    const before = await page.context().newPage()
    await before.goto(`${server.url}signup`)
    await page.goto(`${server.url}signup`)
    await fillIn(page, name, 'too short')
    expect(await fits()).toEqual([`${server.url}signup`, 320])
    await fillIn(page, name, PASSWORD)
    await fillIn(page, name, 'the wrong password')
    expect(await fits()).toEqual([`${server.url}login`, 320])
    await fillIn(page, name, PASSWORD)
    await page.waitForURL('**/dashboard')
    for (const path of ['dashboard', 'account/sessions', 'logout', 'nothing-here']) {
      await page.goto(server.url + path)
      expect(await fits()).toEqual([server.url + path, 320])
      await screenshot(page, `narrow-${path.replaceAll('/', '-')}`)
    }
    await fillIn(before, 'another', PASSWORD)
    await before.getByText('Sign out first').waitFor()
    expect(await before.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await screenshot(before, 'narrow-signed-in-already')
  })

  it('names each button of a device by what stands on it', async () => {
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })
    const { page } = await openWindow(browser)
    await page.goto(`${server.url}signup`)
    await fillIn(page, 'alice', PASSWORD)
    await fillIn(page, 'alice', PASSWORD)
    await page.waitForURL('**/dashboard')
    await new Client(server.url, { 'user-agent': 'curl/8.5.0' }).signIn('alice')
    await page.goto(`${server.url}account/sessions`)
    const buttons = page.locator('.device button')
    const named = await buttons.evaluateAll((all) => all.map((one) => [one.textContent, one.ariaLabel]))
    // The accessible name begins with the visible text (WCAG 2.5.3), and tells the buttons apart.
    expect(named).toEqual([
      ['Sign out', 'Sign out of Chrome on Linux, this device'],
      ['End', 'End curl'],
    ])
  })

  it('works by keyboard alone, and without scripts', async () => {
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })
    const { page } = await openWindow(browser, { javaScriptEnabled: false })
    const name = page.locator('input[name=username]:focus')
    await page.goto(`${server.url}signup`)
    await name.waitFor()
    await page.keyboard.type('keys')
    await page.keyboard.press('Tab')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/login?welcome*')
    // The name is filled in.
    await page.locator('input[name=password]:focus').waitFor()
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/dashboard')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/dashboard#content')
  })

  it.each([true, false])(
    'a double click makes one account and one device; with scripts: %s',
    async (javaScriptEnabled) => {
      const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })
      const { page, complaints } = await openWindow(browser, { javaScriptEnabled })
      const fillInTwice = async () => {
        await focused(page)
        await page.getByLabel('Name').fill('alice')
        await page.getByLabel('Password').fill(PASSWORD)
        await page.locator('main button[type=submit]').dblclick({ noWaitAfter: true })
      }
      await page.goto(`${server.url}signup`)
      await fillInTwice()
      await page.waitForURL('**/login?welcome*')
      await fillInTwice()
      await page.waitForURL('**/dashboard')
      await page.goto(`${server.url}account/sessions`)
      expect(await page.locator('.device').count()).toBe(1)
      expect(complaints).toEqual([])
    },
  )

  it('keeps its cookie from scripts, and another site cannot use it', async () => {
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })
    const { page } = await openWindow(browser)
    await page.goto(`${server.url}signup`)
    await fillIn(page, 'alice', PASSWORD)
    await fillIn(page, 'alice', PASSWORD)
    await page.waitForURL('**/dashboard')
    expect(await page.evaluate('document.cookie')).toBe('')
    await page.goto('about:blank')
    await page.setContent(`<form method="post" action="${server.url}logout"><button>Win a coat</button></form>`)
    await page.getByRole('button').click()
    await page.waitForLoadState()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Not from here')
    await page.goto(`${server.url}dashboard`)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Welcome, alice!')
  })
})
