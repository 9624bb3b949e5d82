import { afterAll, beforeAll, test } from 'vitest'
import { combinations } from '../combinations/combinations.ts'
import { adapters } from '../contract/adapters/servers.ts'
import { openContext } from './browser.ts'
import { type CookieWindow, cookieWindow } from './chromium.ts'
import { anApplication, meantOver, type Options, walk } from './cookie-walk.ts'
import { openSite, type Site } from './site.ts'

let site: Site
/** For one walk after the other: to open one takes a third of a walk. */
let window: CookieWindow
beforeAll(async () => {
  site = await openSite()
  window = await cookieWindow(await (await openContext(site.browser)).newPage())
})
afterAll(() => site.close())

interface Channel {
  readonly over: string
  readonly origin: string
  readonly adapter: string | null
  readonly options: Options
}

const CHANNELS: readonly Channel[] = [
  { over: 'https', origin: 'https://www.app.example', adapter: null, options: {} },
  {
    over: 'https that a proxy ends',
    origin: 'https://www.app.example',
    adapter: 'node',
    options: { origin: 'https://www.app.example' },
  },
  { over: 'https to this machine', origin: 'https://localhost', adapter: null, options: {} },
  { over: 'http to this machine', origin: 'http://localhost', adapter: null, options: {} },
  {
    over: 'http over a network, by option',
    origin: 'http://www.app.example',
    adapter: null,
    options: { insecure: true },
  },
]

const WALKS = combinations({
  channel: CHANNELS,
  sameSite: ['lax', 'strict', 'none'] as const,
  domain: [null, 'app.example'],
  partitioned: [false, true],
})

test.each(WALKS)(
  'over $channel.over, SameSite $sameSite, domain $domain, partitioned $partitioned: what is meant is held, sent and deleted',
  async ({ channel: { origin, adapter, options }, ...attributes }) => {
    const cookie = { ...attributes, domain: attributes.domain ?? undefined }
    await anApplication(site, { ...options, cookie }, adapter)
    await walk(window, origin, meantOver(origin, attributes))
  },
)

test.each(Object.keys(adapters))('the adapter for %s sends them, as they are by default', async (adapter) => {
  const origin = 'https://www.app.example'
  await anApplication(site, { origin }, adapter)
  await walk(window, origin, meantOver(origin, { sameSite: 'lax', domain: null, partitioned: false }))
})
