import { expect, test } from 'vitest'
import type { SetCookie } from '../../../../src/core/http/slots.ts'
import { anApp } from '../app.ts'

test('a commit answers its cookies in parts and as lines, and further headers', async () => {
  const { sessions, aClient } = anApp({ policy: { rememberMe: { idle: '7d', absolute: '30d' } } })
  const session = await sessions.open(aClient().request())
  await session.signIn(await sessions.begin('ada'), { remember: true })
  const { cookies, parts, headers } = await sessions.save(session)
  const [set] = parts.filter(({ name }) => name === '__Host-sid') as [SetCookie]
  expect(set).toEqual({
    name: '__Host-sid',
    value: expect.stringMatching(/^cc1\./),
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
    domain: undefined,
    partitioned: false,
    maxAge: 30 * 24 * 3_600,
    line: `__Host-sid=${set.value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000`,
  })
  expect(cookies).toEqual(parts.map(({ line }) => line))
  expect(headers).toEqual([])
  expect(await sessions.save(session)).toMatchObject({ cookies: [], parts: [] })
})

test('a sign-out answers cookies that are deleted, and what else browsers are to forget', async () => {
  const { sessions, signedIn } = anApp()
  const session = await sessions.open((await signedIn()).request())
  await session.signOut({ clear: ['storage'] })
  const { parts, headers } = await sessions.save(session)
  expect(parts.map(({ name, value, maxAge }) => [name, value, maxAge])).toEqual([['__Host-sid', '', 0]])
  expect(headers).toEqual([['clear-site-data', '"storage"']])
})

test('a cookie that ends with the browser has no age', async () => {
  const { sessions, aClient } = anApp()
  const session = await sessions.open(aClient().request())
  await session.signIn(await sessions.begin('ada'))
  expect((await sessions.save(session)).parts.map(({ maxAge }) => maxAge)).toContain(undefined)
})

test('after a failure the cookies of what has happened are answered, and nothing is written', async () => {
  const { sessions, signedIn, inner, counting } = anApp()
  const ada = await signedIn({ n: 1 })
  const session = await sessions.open(ada.request())
  await session.rotate()
  session.data.n = 2
  const before = counting.total()
  const { cookies } = sessions.adapter.afterFailure(session)
  expect([cookies.length, counting.total()]).toEqual([1, before])
  expect((await inner.read(session.id ?? ''))?.data.get('n')).toBe('1')
})

test('the answer to an error of the handler writes nothing, whatever its status, and brings the new token', async () => {
  const { withSession } = await import('../../../../src/adapters/fetch.ts')
  const { sessions, signedIn, inner } = anApp()
  const ada = await signedIn({ n: 1 })
  let id: string | null = null
  const answer = withSession(sessions, async (_, open) => {
    const session = await open()
    id = session.id
    await session.rotate()
    session.data.n = 2
    // A thing that cannot be stored makes a second attempt to write fail as well.
    Object.assign(session.data, { broken: () => undefined })
    await session.requireFresh({ level: 3 })
    return new Response('done')
  })
  const response = await answer(ada.request())
  expect([response.status, response.headers.getSetCookie().length]).toEqual([401, 1])
  expect((await inner.read(id ?? ''))?.data.get('n')).toBe('1')
  ada.take(response)
  expect(await ada.visit(({ userId, data }) => [userId, data.n])).toEqual(['ada', 1])
})

test('cookies that were handed over for an answer which then failed are answered again', async () => {
  const { sessions, signedIn } = anApp()
  const session = await sessions.open((await signedIn()).request())
  await session.rotate()
  const { cookies } = await sessions.save(session)
  expect([cookies.length, sessions.adapter.afterFailure(session).cookies]).toEqual([1, cookies])
})
