import { expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

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
