import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { addAccount } from '../../src/actions/administering.ts'
import { fillIn, launchBrowser, openWindow, screenshot } from '../e2e/browser.ts'
import { answers, freePort, start } from '../programs.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'
import { startPlain } from './applications/plain.ts'

/** What nginx does with the path: passes it on, or cuts it off, as many guides have it. */
const PASSES = { whole: '', cut: '/' } as const

/** The server at `/auth/` of a host whose other paths are another application's. */
async function belowPath(pass: keyof typeof PASSES) {
  const [port, appPort] = [await freePort(), await freePort()]
  const server = await runningServer(dataFolder(), {
    origin: `http://localhost:${port}`,
    basePath: '/auth',
    cookieName: 'auth',
    trustProxy: { networks: ['127.0.0.1'] },
  })
  await startPlain(appPort)
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-below-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const configuration = `
    daemon off;
    pid nginx.pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      server {
        listen 127.0.0.1:${port};
        location /auth/ {
          proxy_pass http://127.0.0.1:${server.port}${PASSES[pass]};
          proxy_buffering off;
        }
        location / {
          proxy_pass http://127.0.0.1:${appPort};
        }
      }
    }`
  writeFileSync(join(folder, 'nginx.conf'), configuration)
  await answers(port, start('nginx', ['-p', '.', '-c', 'nginx.conf'], { cwd: folder }))
  return { ...server, url: `http://localhost:${port}/` }
}

/** Every address that the page asked for, and what it was answered. */
function listenTo(page: Page): readonly (readonly [path: string, status: number])[] {
  const heard: [string, number][] = []
  page.on('response', (response) => heard.push([new URL(response.url()).pathname, response.status()]))
  return heard
}

describe('a server below a path, behind nginx', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  it.each(Object.keys(PASSES) as (keyof typeof PASSES)[])(
    'is walked in a browser; nginx passes its path on: %s',
    async (pass) => {
      const { url, services } = await belowPath(pass)
      const { page, complaints } = await openWindow(browser)
      const heard = listenTo(page)
      await page.goto(`${url}auth/`)
      expect(page.url()).toBe(`${url}auth/login`)
      await page.getByRole('link', { name: 'Create an account' }).click()
      await page.waitForURL(`${url}auth/signup`)
      await fillIn(page, 'alice', PASSWORD)
      await page.waitForURL('**/auth/login?welcome*')
      await fillIn(page, 'alice', PASSWORD)
      await page.waitForURL(`${url}auth/dashboard`)
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Welcome, alice!')
      await screenshot(page, `below-path-${pass}`)
      const cookies = (await page.context().cookies()).map(({ name, path }) => `${name} ${path}`)
      expect(cookies.toSorted()).toEqual(['auth /', 'auth-known /'])

      const session = await page.evaluate(async () => await (await fetch('/auth/api/session')).json())
      expect(session).toMatchObject({ signedIn: true, user: { name: 'alice' } })

      // Ended elsewhere, the page that stands open says so, and leads to the sign-in.
      await Promise.all([
        page.waitForResponse('**/auth/account/events'),
        page.getByRole('navigation').getByRole('link', { name: 'Devices' }).click(),
      ])
      const phone = new Client(url, { origin: url.slice(0, -1) })
      await phone.post('/auth/login', { username: 'alice', password: PASSWORD })
      await phone.post('/auth/account/sessions/end-others')
      await page.locator('#over').waitFor({ state: 'visible' })
      await page.locator('#over').getByRole('link').click()
      expect(page.url()).toBe(`${url}auth/login`)

      await addAccount(services, { username: 'chief', password: PASSWORD, role: 'admin' })
      await page.goto(`${url}auth/admin/users?search=al`)
      expect(page.url()).toBe(`${url}auth/login?next=%2Fauth%2Fadmin%2Fusers%3Fsearch%3Dal`)
      await fillIn(page, 'chief', PASSWORD)
      await page.waitForURL(`${url}auth/admin/users?search=al`)
      await page.getByRole('link', { name: 'alice' }).click()
      await page.getByRole('button', { name: 'Disable the account' }).click()
      await page.waitForURL('**/auth/admin/users/*?done')
      for (const tab of await page.locator('.tabs a').allTextContents()) {
        await page.locator('.tabs').getByRole('link', { name: tab }).click()
        expect(await page.locator('.tabs [aria-current=page]').textContent()).toBe(tab)
      }
      await page.getByRole('navigation').getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${url}auth/login?goodbye`)

      // The other application's icon apart, nothing was asked for outside, and nothing was missing.
      expect(heard.filter(([path]) => !path.startsWith('/auth/'))).toEqual([])
      expect(heard.filter(([, status]) => status >= 400)).toEqual([])
      expect(heard.map(([path]) => path)).toEqual(
        expect.arrayContaining(['/auth/assets/style.css', '/auth/assets/session.js']),
      )
      expect(complaints).toEqual([])
      expect(JSON.parse(await (await fetch(`${url}orders`)).text())).toMatchObject({ path: '/orders' })
    },
  )
})
