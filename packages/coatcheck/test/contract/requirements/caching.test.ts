// The requirements of ASVS 5.0, RFC 9111 and Clear-Site-Data about what is kept where, one test for each, through each adapter.
import { expect } from 'vitest'
import { PUBLIC_OVERRULED } from '../../../src/core/http/caching.ts'
import { type AdapterRoutes, adapterCase, headerOf, headersOf } from '../../../src/testing/adapter-contract/kit.ts'
import { testRows } from './rows.ts'

const warned: string[] = []

const routes = (): AdapterRoutes => ({
  '/public': async (session) => ({
    headers: { 'cache-control': 'public, max-age=600' },
    body: String((await session()).userId),
  }),
  '/kept': async (session) => {
    const one = await session()
    one.allowCaching()
    return { headers: { 'cache-control': 'public, max-age=600' }, body: String(one.userId) }
  },
  '/sign-out': async (session) => {
    await (await session()).signOut({ clear: ['cookies', 'storage'] })
    return { body: 'bye' }
  },
})

testRows([
  adapterCase(
    null,
    'ASVS 14.2.2: what was answered to a session is kept by no cache, and the developer is told where it said otherwise',
    routes,
    async ({ signedIn }) => {
      const ada = await signedIn()
      warned.length = 0
      const answer = await ada.visit('/public')
      expect(headersOf(answer, 'cache-control')).toEqual(['no-store'])
      expect(warned).toEqual([PUBLIC_OVERRULED])
      await ada.visit('/public')
      expect(warned, 'once').toHaveLength(1)
    },
    { runtime: { warn: (text) => warned.push(text) } },
  ),
  adapterCase(
    null,
    'ASVS 14.3.2: an answer that sets a cookie of ours is kept by no cache',
    routes,
    async ({ visitor }) => {
      const answer = await visitor().visit('/sign-in')
      expect(headersOf(answer, 'set-cookie')[0]).toMatch(/^sid=cc1\./)
      expect(headersOf(answer, 'cache-control')).toEqual(['no-store'])
    },
  ),
  adapterCase(null, 'RFC 9111 4.1: what is cacheable on purpose varies by the cookie', routes, async ({ signedIn }) => {
    const answer = await (await signedIn()).visit('/kept')
    expect([headerOf(answer, 'cache-control'), headerOf(answer, 'vary')]).toEqual(['public, max-age=600', 'Cookie'])
  }),
  adapterCase(
    null,
    'ASVS 14.3.1: at a sign-out the browser forgets what the application asks it to',
    routes,
    async ({ signedIn }) => {
      const answer = await (await signedIn()).visit({ method: 'POST', path: '/sign-out' })
      expect(headersOf(answer, 'clear-site-data')).toEqual(['"cookies", "storage"'])
      expect(headersOf(answer, 'set-cookie')[0]).toMatch(/^sid=; .*Max-Age=0/)
    },
  ),
])
