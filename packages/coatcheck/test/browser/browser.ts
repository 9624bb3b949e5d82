import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

/** Debian's Chromium: the one without windows takes half the time, and has the same cookies, network and pages. */
const PROGRAMS = ['chromium-headless-shell', 'chromium', 'chromium-browser'].map((name) => `/usr/bin/${name}`)

/** Nothing in it may call home. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = PROGRAMS.find(existsSync) ?? ''
  return await chromium.launch({ executablePath, args: [...ARGUMENTS, ...more] })
}

/** A person's browser: with cookies of its own, and no doubts about certificates made for a test. */
export const openContext = async (browser: Browser): Promise<BrowserContext> =>
  await browser.newContext({ ignoreHTTPSErrors: true })

/** A window of such a browser, which is closed when the test is over. */
export async function openWindow(browser: Browser): Promise<Page> {
  const context = await openContext(browser)
  onTestFinished(() => context.close())
  return await context.newPage()
}
