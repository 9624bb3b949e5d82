import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD } from '../running.ts'
import { fillIn, launchBrowser, openWindow, screenshot } from './browser.ts'
import { startProcess } from './process.ts'

/** The roles of tables' parts, with the elements that have them. */
const PARTS = {
  table: 'table',
  rowgroup: 'thead, tbody',
  row: 'tr',
  columnheader: 'th',
  cell: 'td',
} as const

/** How many of each the browser tells screen readers of, and how many there are. */
async function countParts(page: Page) {
  const cdp = await page.context().newCDPSession(page)
  const { nodes } = await cdp.send('Accessibility.getFullAXTree')
  const roles = nodes.flatMap(({ ignored, role }) => (ignored ? [] : String(role?.value)))
  const entries = Object.keys(PARTS).map((part) => [part, roles.filter((role) => role === part).length])
  return Object.fromEntries(entries) as Record<keyof typeof PARTS, number>
}

async function countElements(page: Page) {
  const entries: (readonly [string, number])[] = []
  for (const [part, selector] of Object.entries(PARTS)) entries.push([part, await page.locator(selector).count()])
  return Object.fromEntries(entries) as Record<keyof typeof PARTS, number>
}

describe('a table of the console', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it.each([390, 1280])('is a table to screen readers, %i pixels wide', async (width) => {
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })
    const code = /setup\?code=(\S+)/.exec(server.output())?.[1] ?? ''
    await new Client(server.url).post('/setup', { code, username: 'chief', password: PASSWORD })
    for (const name of ['alice', 'bob']) {
      const client = new Client(server.url)
      await client.signUp(name)
      await client.signIn(name)
    }
    const { page } = await openWindow(browser, { viewport: { width, height: 780 } })
    await page.goto(`${server.url}login`)
    await fillIn(page, 'chief', PASSWORD)
    await page.waitForURL('**/dashboard')
    for (const path of ['users', 'sessions', 'events', 'policy', 'keys']) {
      await page.goto(`${server.url}admin/${path}`)
      const parts = await countParts(page)
      expect([path, parts]).toEqual([path, await countElements(page)])
      expect(parts.table).toBe(1)
      await screenshot(page, `table-${path}-${width}`)
    }
  })
})
