// Answers that a proxy on a socket delays and reorders, for each adapter.
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSessions } from '../../src/index.ts'
import { type AdapterData, cookieJar, manualClock, modelStore, type Received } from '../../src/testing/index.ts'
import { holdingProxy } from './adapters/holding-proxy.ts'
import { adapters } from './adapters/servers.ts'

const URL_OF_APP = 'http://localhost/'
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

describe.each(Object.entries(adapters))('%s', (_, { serve }) => {
  async function behindProxy() {
    const clock = manualClock()
    const sessions = createSessions<AdapterData>({
      store: modelStore(),
      keys: 'a-signing-key-of-the-adapters-0123456789',
      runtime: { now: clock.now },
      policy: { renewal: '5m' },
    })
    const origin = await serve(sessions, {
      '/sign-in': async (session) => {
        await (await session()).signIn(await sessions.begin('ada'))
        return { body: 'signed in' }
      },
      '/sign-out': async (session) => {
        await (await session()).signOut()
        return { body: 'signed out' }
      },
      '/me': async (session) => ({ body: String((await session()).userId) }),
    })
    const proxy = await holdingProxy(origin)
    onTestFinished(async () => {
      await proxy.close()
      await origin.close()
    })
    const jar = cookieJar({ clock })
    const take = (answer: Received) => {
      const lines = answer.headers.flatMap(([name, value]) => (name === 'set-cookie' ? [value] : []))
      expect(jar.take(URL_OF_APP, lines)).toEqual([])
      return answer
    }
    const sent = (path: string, headers = {}) => {
      const cookie = jar.header(URL_OF_APP)
      return { path, headers: { ...(cookie === null ? {} : { cookie }), ...headers } }
    }
    const visit = async (path: string, headers = {}) => take(await proxy.send(sent(path, headers)))
    const hold = async (name: string, path: string, headers = {}) => {
      const { release } = await proxy.hold(name, sent(path, headers))
      return { release: async () => take(await release()) }
    }
    const token = () => jar.cookies().find(({ name }) => name === 'sid')?.value
    return { clock, sessions, visit, hold, token }
  }

  test('no late answer to what a page loads displaces a newer sign-in, in whatever order they come', async () => {
    const { clock, visit, hold, token } = await behindProxy()
    await visit('/sign-in')
    clock.advance('6m')
    const late = [await hold('1', '/me'), await hold('2', '/me'), await hold('3', '/me')]
    await visit('/sign-in')
    const newest = token()
    for (const { release } of late.toReversed()) await release()
    expect(token()).toBe(newest)
    expect((await visit('/me')).body).toBe('ada')
  })

  test('of two late renewals of one token the client ends with one that counts', async () => {
    const { clock, visit, hold } = await behindProxy()
    await visit('/sign-in')
    clock.advance('6m')
    const late = [await hold('1', '/me', NAVIGATION), await hold('2', '/me', NAVIGATION)]
    for (const { release } of late.toReversed()) expect((await release()).body).toBe('ada')
    expect((await visit('/me', NAVIGATION)).body).toBe('ada')
  })

  test('no late refusal signs anybody out who has signed in meanwhile', async () => {
    const { sessions, visit, hold, token } = await behindProxy()
    await visit('/sign-in')
    await sessions.revokeUser('ada')
    const refused = [await hold('1', '/me'), await hold('2', '/me', NAVIGATION)]
    await visit('/sign-in')
    const newest = token()
    for (const { release } of refused.toReversed()) expect((await release()).body).toBe('null')
    expect(token()).toBe(newest)
    expect((await visit('/me')).body).toBe('ada')
  })

  test('a late answer from before a sign-out brings no session back', async () => {
    const { clock, visit, hold } = await behindProxy()
    await visit('/sign-in')
    clock.advance('6m')
    const late = await hold('1', '/me', NAVIGATION)
    await visit('/sign-out')
    await late.release()
    expect((await visit('/me')).body).toBe('null')
  })
})
