import { describe, expect, test } from 'vitest'
import { allowCachingBy, forbidCaching, PUBLIC_OVERRULED } from '../../../../src/core/http/caching.ts'
import { anApp } from '../app.ts'

describe('by default', () => {
  const told: string[] = []
  const rule = forbidCaching((text) => told.push(text))

  test.each([
    [null, 'no-store'],
    ['', 'no-store'],
    ['private, max-age=60', 'no-store'],
    ['no-cache', 'no-store'],
    ['private, no-store', 'private, no-store'],
    ['No-Store', 'No-Store'],
    ['no-store-ish', 'no-store'],
    // What Express's `send` says where the application has said nothing.
    ['public, max-age=0', 'no-store'],
  ])('%j is sent as %j, and nothing is said', (cacheControl, sent) => {
    expect(rule({ cacheControl, vary: 'Accept' })).toEqual({ cacheControl: sent, vary: null })
    expect(told).toEqual([])
  })

  test.each(['public', 'max-age=1, PUBLIC', 's-maxage=60', 'public,max-age=5'])(
    '%j is overruled, and the developer told',
    (cacheControl) => {
      told.length = 0
      expect(rule({ cacheControl, vary: null })).toEqual({ cacheControl: 'no-store', vary: null })
      expect(told).toEqual([PUBLIC_OVERRULED])
    },
  )
})

describe('where the application allows it', () => {
  test.each([
    ['max-age=60', null, 'Cookie', 'max-age=60', 'Cookie'],
    ['public', 'Accept', 'Cookie', 'public', 'Accept, Cookie'],
    ['public', 'cookie', 'Cookie', 'public', 'cookie'],
    ['public', '', 'Cookie', 'public', 'Cookie'],
    ['public', '*', 'Cookie', 'public', null],
    ['public', 'accept, authorization', 'Cookie, Authorization', 'public', 'accept, authorization, Cookie'],
    [null, 'Accept', 'Cookie', 'no-store', null],
  ])('%j with Vary %j, carried by %j', (cacheControl, vary, carriers, sent, sentVary) => {
    expect(allowCachingBy(carriers)({ cacheControl, vary })).toEqual({ cacheControl: sent, vary: sentVary })
  })

  const cacheable = () => new Response('', { headers: { 'cache-control': 'private, max-age=60' } })

  test('an answer that only reads is kept, for each cookie apart', async () => {
    const { sessions, signedIn } = anApp()
    const session = await sessions.open((await signedIn()).request())
    session.allowCaching()
    const { headers } = await sessions.commit(session, cacheable())
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['private, max-age=60', 'Cookie'])
  })

  test('with Authorization taken as well, for each of both apart', async () => {
    const { sessions, aClient } = anApp({ bearer: true })
    const session = await sessions.open(aClient().request())
    session.allowCaching()
    expect((await sessions.commit(session, cacheable())).headers.get('vary')).toBe('Cookie, Authorization')
  })

  test.each([
    ['a cookie', (session: { rotate(): Promise<void> }) => session.rotate()],
    ['a form’s token', (session: { csrfToken(): Promise<string> }) => session.csrfToken()],
    [
      'a token',
      async (session: { rotate(): Promise<void>; takeToken(): string | null }) => {
        await session.rotate()
        expect(session.takeToken()).not.toBeNull()
      },
    ],
  ])('an answer with %s is not, whenever it was allowed', async (_, use) => {
    const { sessions, signedIn } = anApp()
    const session = await sessions.open((await signedIn()).request())
    session.allowCaching()
    await use(session)
    session.allowCaching()
    const { headers } = await sessions.commit(session, cacheable())
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['no-store', null])
  })
})
