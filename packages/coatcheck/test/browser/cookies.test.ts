import { afterAll, beforeAll, describe, test } from 'vitest'
import { adapters } from '../contract/adapters/servers.ts'
import { type Attributes, anApplication, meantOver, type Options, walk } from './cookie-walk.ts'
import { openSite, type Site } from './site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const CHANNELS: readonly (readonly [name: string, origin: string, adapter: string | null, options: Options])[] = [
  ['https', 'https://www.app.example', null, {}],
  ['https that a proxy ends', 'https://www.app.example', 'node', { origin: 'https://www.app.example' }],
  ['https to this machine', 'https://localhost', null, {}],
  ['http to this machine', 'http://localhost', null, {}],
  ['http over a network, by option', 'http://www.app.example', null, { insecure: true }],
]

const ATTRIBUTES: readonly Attributes[] = (['lax', 'strict', 'none'] as const).flatMap((sameSite) =>
  [null, 'app.example'].flatMap((domain) => [false, true].map((partitioned) => ({ sameSite, domain, partitioned }))),
)

describe.each(CHANNELS)('over %s', (_, origin, adapter, options) => {
  test.each(ATTRIBUTES)(
    'SameSite $sameSite, domain $domain, partitioned $partitioned: what is meant is held, sent and deleted',
    async (attributes) => {
      const cookie = { ...attributes, domain: attributes.domain ?? undefined }
      await anApplication(site, { ...options, cookie }, adapter)
      await walk(site, origin, meantOver(origin, attributes))
    },
  )
})

test.each(Object.keys(adapters))('the adapter for %s sends them, as they are by default', async (adapter) => {
  const origin = 'https://www.app.example'
  await anApplication(site, { origin }, adapter)
  await walk(site, origin, meantOver(origin, { sameSite: 'lax', domain: null, partitioned: false }))
})
