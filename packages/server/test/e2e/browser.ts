import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

export { launchBrowser } from '../../../coatcheck/test/browser/browser.ts'

/** A person's browser: with cookies of its own. What its pages complain about is collected. */
export async function openWindow(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 760 }, ...options })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, complaints }
}

/** Where screenshots go, to be looked at; set `COATCHECK_SCREENSHOTS` to get them. */
const folder = process.env['COATCHECK_SCREENSHOTS'] ?? ''

export async function screenshot(page: Page, name: string): Promise<void> {
  if (folder === '') return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/**
 * Waits until the browser has put the focus where the page says. It does so when it first draws the page, after `load`; where
 * something has the focus by then, as a field that a test fills in, it leaves it there and says so on the console.
 */
export async function focused(page: Page): Promise<void> {
  await page.locator('[autofocus]:focus').waitFor()
}

export async function fillIn(page: Page, username: string, password: string): Promise<void> {
  await focused(page)
  await page.getByLabel('Name').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.locator('main button[type=submit]').click()
}
