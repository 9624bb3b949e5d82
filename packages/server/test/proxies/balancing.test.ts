import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startRedis } from '../../../../scripts/engines.ts'
import { fillIn, launchBrowser, openWindow, screenshot } from '../e2e/browser.ts'
import { type ServerProcess, startProcess } from '../e2e/process.ts'
import { answers, freePort, start } from '../programs.ts'
import { dataFolder, PASSWORD } from '../running.ts'

const examples = fileURLToPath(new URL('../../../../examples/balancer/', import.meta.url))
const SERVERS = 4

/** Four servers on one Redis behind nginx, by a file of the examples with free ports. */
async function balanced(file: 'nginx.conf' | 'nginx-sticky.conf') {
  const redis = await startRedis()
  onTestFinished(redis.stop)
  const port = await freePort()
  const data = dataFolder()
  const servers: ServerProcess[] = []
  for (let i = 0; i < SERVERS; i++) {
    servers.push(
      await startProcess({
        PORT: String(await freePort()),
        COATCHECK_DATA: data,
        COATCHECK_DRAIN: '0s',
        COATCHECK_STORE_URL: `redis://127.0.0.1:${redis.port}`,
        COATCHECK_ONE_MACHINE: 'yes',
        COATCHECK_ORIGIN: `http://localhost:${port}`,
        COATCHECK_TRUST_PROXY: '1',
      }),
    )
  }
  const addresses = servers.map(({ listens }) => `127.0.0.1:${listens}`)
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-balancer-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  let text = readFileSync(join(examples, file), 'utf8').replaceAll('8080', String(port))
  for (const [i, address] of addresses.entries()) text = text.replaceAll(`127.0.0.1:300${i + 1}`, address)
  writeFileSync(join(folder, file), text)
  await answers(port, start('nginx', ['-p', '.', '-c', file], { cwd: folder }))
  /** Each request that nginx was asked, and the server that answered it. */
  const log = () =>
    readFileSync(join(folder, 'upstream.log'), 'utf8')
      .trim()
      .split('\n')
      // One that was passed over stands before the one that answered.
      .map((line) => /^(\S+) (\S+) (?:.*[, ])?(127\.0\.0\.1:\d+) (\d+)$/.exec(line)?.slice(1) ?? [])
  return { url: `http://localhost:${port}/`, servers, addresses, log }
}

describe('four servers behind nginx', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it.each(['nginx.conf', 'nginx-sticky.conf'] as const)(
    'are one to people, by %s: the whole walk, and one killed in the middle of it is not noticed',
    async (file) => {
      const { url, servers, addresses, log } = await balanced(file)
      const { page, complaints } = await openWindow(browser)
      await page.goto(`${url}signup`)
      await fillIn(page, 'alice', PASSWORD)
      await page.waitForURL('**/login?welcome*')
      await fillIn(page, 'alice', PASSWORD)
      await page.waitForURL('**/dashboard')
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Welcome, alice!')

      const other = await openWindow(browser)
      await other.page.goto(`${url}login`)
      await fillIn(other.page, 'alice', PASSWORD)
      await other.page.waitForURL('**/dashboard')
      for (let i = 0; i < 2 * SERVERS; i++) await page.reload()

      if (file === 'nginx.conf') expect(serversOf(log()).toSorted()).toEqual(addresses.toSorted())
      // Each of the two windows has one place, and so have its reloads.
      else expect(serversOf(log().filter(([, path]) => path === '/dashboard')).length).toBeLessThanOrEqual(2)

      // The one that has just shown the page.
      const last = log().findLast(([, path]) => path === '/dashboard')?.[2] ?? ''
      const victim = addresses.indexOf(last)
      await servers[victim]?.end('SIGKILL')
      for (let i = 0; i < 2 * SERVERS; i++) {
        await page.reload()
        expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Welcome, alice!')
      }

      await page.goto(`${url}account/sessions`)
      expect(await page.locator('.device').count()).toBe(2)
      await page.getByRole('button', { name: /^End / }).first().click()
      await page.waitForURL('**/account/sessions?ended=one')
      await screenshot(page, `balanced-${file}`)
      await other.page.goto(`${url}dashboard`)
      expect(new URL(other.page.url()).pathname).toBe('/login')
      expect(await other.page.getByRole('status').textContent()).toContain('ended from another device')

      await page.goto(`${url}dashboard`)
      await page.getByRole('navigation').getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL('**/login?goodbye')
      await page.goto(`${url}dashboard`)
      expect(new URL(page.url()).pathname).toBe('/login')

      const statuses = new Set(log().map(([, , , status]) => status))
      for (const bad of ['500', '502', '503', '504']) expect(statuses).not.toContain(bad)
      // The stream of the page that stood open on the killed one is broken off, and asked for again.
      const expected = /status of (401|409)|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_REFUSED/
      expect([...complaints, ...other.complaints].filter((text) => !expected.test(text))).toEqual([])
    },
  )
})

/** The servers that have answered. */
function serversOf(log: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(log.map(([, , address]) => address ?? ''))]
}
