import { expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'
import { aliceWithAddress, codeIn, serverWithMail } from './mailing.ts'

const NEW = 'another one, newly set'

async function signedIn() {
  const { url } = await runningServer(dataFolder())
  const [one, other] = [new Client(url), new Client(url)]
  await one.signUp('alice')
  await one.signIn('alice')
  await other.signIn('alice')
  const call = async (method: string, path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await one.request(`/api/${path}`, { method, body: JSON.stringify(body), headers })
    const text = await answer.text()
    return [answer.status, text === '' ? null : JSON.parse(text).reason]
  }
  return { one, other, call }
}

it('a program changes the password, which ends all other devices, and deletes the account', async () => {
  const { one, other, call } = await signedIn()
  const wrong = { password: 'wrong', newPassword: NEW }
  expect(await call('PUT', 'account/password', wrong)).toEqual([403, 'password-wrong'])
  expect(await call('PUT', 'account/password', { password: PASSWORD, newPassword: 'short' })).toEqual([
    400,
    'password-short',
  ])
  expect(await call('PUT', 'account/password', { password: PASSWORD, newPassword: NEW })).toEqual([204, null])
  expect(await other.seen(other.get('/dashboard'))).toBe('303 → /login')
  expect(await one.seen(one.get('/dashboard'))).toContain('Welcome, alice!')
  expect(await call('DELETE', 'account', { password: PASSWORD })).toEqual([403, 'password-wrong'])
  expect(await call('DELETE', 'account', { password: NEW })).toEqual([204, null])
  expect(await other.signIn('alice', NEW)).toMatch(/^401 /)
})

it('where no mail server is set, an address cannot be given, and the program is told', async () => {
  const { call } = await signedIn()
  expect(await call('PUT', 'account/email', { password: PASSWORD, email: 'a@example.org' })).toEqual([
    403,
    'mail-unset',
  ])
  expect(await call('DELETE', 'account/email', { password: PASSWORD })).toEqual([204, null])
})

it('a program resets a forgotten password and verifies an address by the codes of mails', async () => {
  const server = await serverWithMail()
  const alice = await aliceWithAddress(server)
  const call = async (method: string, path: string, body?: object) => {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await alice.request(`/api/${path}`, { method, ...json })
    const text = await answer.text()
    return [answer.status, text === '' ? null : JSON.parse(text)]
  }
  expect(await call('GET', 'account')).toMatchObject([200, { name: 'alice', email: 'alice@example.org', alerts: true }])
  expect(await call('PUT', 'account/email', { password: PASSWORD, email: 'new@example.org' })).toEqual([204, null])
  const verification = codeIn(await server.arrived(1))
  expect(await call('POST', 'verify', { code: verification })).toEqual([200, { address: 'new@example.org' }])
  expect(await call('POST', 'verify', { code: verification })).toMatchObject([410, { reason: 'code-void' }])
  await server.arrived(2)
  expect(await call('POST', 'forgot', { username: 'new@example.org' })).toEqual([204, null])
  expect(await call('POST', 'forgot', { username: 'nobody-there' })).toEqual([204, null])
  const code = codeIn(await server.arrived(3))
  expect(await call('POST', 'reset', { code, password: 'short' })).toMatchObject([400, { reason: 'password-short' }])
  expect(await call('POST', 'reset', { code, password: NEW })).toEqual([204, null])
  expect(await call('GET', 'account')).toMatchObject([401, { reason: 'not-signed-in' }])
  expect(await new Client(server.url).signIn('alice', NEW)).toBe('303 → /dashboard')
})

it('a program makes the first administrator, once', async () => {
  const { url, services } = await runningServer()
  const client = new Client(url)
  const setUp = async (code: string, username: string) => {
    const body = JSON.stringify({ code, username, password: PASSWORD })
    const headers = { 'content-type': 'application/json' }
    return (await client.request('/api/setup', { method: 'POST', body, headers })).status
  }
  const code = await services.codes.issue('setup', { accountId: null, subject: null })
  expect(await setUp('made-up', 'mallory')).toBe(403)
  expect(await setUp(code, 'chief')).toBe(201)
  expect(await setUp(code, 'mallory')).toBe(403)
})
