import type { CDPSession, Page } from 'playwright-core'
import type { Judge } from '../contract/cookies/judges.ts'
import type { Held } from '../contract/cookies/matrix.ts'
import { openWindow } from './browser.ts'
import type { Site } from './site.ts'

/** A cookie as Chromium tells of it over its debugging protocol. */
export type BrowserCookie = Awaited<ReturnType<typeof cookiesOf>>[number]

/** All cookies that a window holds, whatever page it shows. */
async function cookiesOf(session: CDPSession) {
  const { cookies } = await session.send('Network.getAllCookies')
  return cookies
}

export interface CookieWindow {
  readonly page: Page
  readonly cookies: () => Promise<readonly BrowserCookie[]>
}

/** A window of the test's own. */
export const openCookieWindow = async ({ browser }: Site): Promise<CookieWindow> =>
  await cookieWindow(await openWindow(browser))

export async function cookieWindow(page: Page): Promise<CookieWindow> {
  const session = await page.context().newCDPSession(page)
  return { page, cookies: () => cookiesOf(session) }
}

const SAME_SITE = { Strict: 'strict', Lax: 'lax', None: 'none' } as const

export function heldAs({ name, value, domain, path, secure, httpOnly, sameSite, partitionKey }: BrowserCookie): Held {
  return {
    name,
    value,
    domain: domain.replace(/^\./, ''),
    hostOnly: !domain.startsWith('.'),
    path,
    secure,
    httpOnly,
    // Chromium says nothing where the line said nothing, and treats it as Lax.
    sameSite: SAME_SITE[sameSite ?? 'Lax'],
    partitioned: partitionKey !== undefined,
  }
}

/** What the browser makes of lines that come with a page, as it gets and shows it. */
export async function chromium(site: Site): Promise<Judge> {
  const { page, cookies } = await openCookieWindow(site)
  const visit = async (url: string, lines: readonly string[] = []) => {
    let asked = ''
    site.answerBy((request, response) => {
      // The browser looks for an icon, too, whose path is another.
      if (request.url === new URL(url).pathname) {
        asked = request.headers.cookie ?? ''
        response.setHeader('set-cookie', lines)
      }
      response.end()
    })
    await page.goto(url)
    return asked
  }
  return {
    name: 'Chromium',
    differences: [],
    async take(url, lines) {
      await visit(url, lines)
    },
    held: async () => (await cookies()).map(heldAs),
    header: (url) => visit(url),
    async expiry(_url, name) {
      const found = (await cookies()).find((one) => one.name === name)
      return found === undefined || found.session ? null : found.expires * 1_000
    },
    clear: () => page.context().clearCookies(),
  }
}
