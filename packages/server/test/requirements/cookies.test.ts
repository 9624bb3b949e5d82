// The requirements of ASVS 5.0, NIST SP 800-63B-4 and OWASP's cheat sheet about the server's cookies, one test for each.
import { describe, expect, test } from 'vitest'
import { type Client, PASSWORD } from '../running.ts'
import { requiredServer } from './answers.ts'

const HTTPS = { origin: 'https://coats.example' } as const

/** Each Set-Cookie on a way through the pages and the API. */
async function everyCookie(): Promise<readonly string[]> {
  const { alice } = await requiredServer(HTTPS)
  const lines: string[] = []
  const post = async (client: Client, path: string, fields = {}) =>
    lines.push(...(await client.post(path, fields)).headers.getSetCookie())
  const credentials = { username: 'alice', password: PASSWORD }
  await post(alice, '/reauth', { password: PASSWORD })
  await post(alice, '/login', credentials)
  await post(alice, '/account/sessions/end-all')
  await post(alice, '/login', credentials)
  await post(alice, '/logout')
  // The forms of visitors, and a sign-in after which they are worth nothing.
  lines.push(...(await alice.get('/login')).headers.getSetCookie())
  await post(alice, '/login', credentials)
  await post(alice, '/logout')
  const body = JSON.stringify(credentials)
  const signedIn = await alice.request('/api/sign-in', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  lines.push(...signedIn.headers.getSetCookie())
  expect(lines.length).toBeGreaterThan(5)
  expect(lines.some((line) => line.startsWith('__Host-form='))).toBe(true)
  return lines
}

const isDeletion = (line: string) => /^[^=]+=;/.test(line)

describe('every cookie', () => {
  test('ASVS 3.3.1, 3.3.3: is Secure, for the whole host and no other, and says so in its name', async () => {
    for (const line of await everyCookie()) {
      expect(line).toMatch(/^__Host-(?:sid|vid|known|form)=[^;]*;/)
      expect(line).toMatch(/; Path=\/(?:;|$)/)
      expect(line).toMatch(/; Secure(?:;|$)/)
      expect(line).not.toMatch(/; Domain=/i)
    }
  })

  test('ASVS 3.3.2: says its SameSite', async () => {
    for (const line of await everyCookie()) expect(line).toMatch(/; SameSite=(?:Lax|Strict)(?:;|$)/)
  })

  test('ASVS 3.3.4: is out of reach of scripts', async () => {
    for (const line of await everyCookie()) expect(line).toMatch(/; HttpOnly(?:;|$)/)
  })

  test('NIST SP 800-63B-4 5.1: does not outlive the browser, but the one that signs nobody in', async () => {
    const kept = (await everyCookie()).filter((line) => !isDeletion(line) && !line.startsWith('__Host-known='))
    expect(kept).toHaveLength(6)
    for (const line of kept) expect(line).not.toMatch(/; (?:Max-Age|Expires)=/i)
  })

  test('NIST SP 800-63B-4 5.1.1: holds nothing about the person', async () => {
    for (const line of await everyCookie()) {
      const parts = (/=([^;]*)/.exec(line)?.[1] ?? '').split('.')
      for (const part of parts) expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain('alice')
    }
  })
})

test('OWASP Session Management, strict: an id that was never issued is not adopted', async () => {
  const { alice, base } = await requiredServer()
  const made = `cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`
  alice.cookies.set('sid', made)
  expect(await alice.seen(alice.get('/dashboard'))).toBe('303 → /login')
  expect(await alice.signIn('alice')).toBe('303 → /dashboard')
  expect(alice.cookies.get('sid')).not.toBe(made)
  expect(base).toMatch(/^http:/)
})

test('ASVS 14.2.1: a token in an address is none, and no address of ours has one', async () => {
  const { alice } = await requiredServer()
  const token = alice.cookies.get('sid') ?? ''
  for (const path of ['/dashboard', '/account/sessions', '/account/preferences', '/logout']) {
    expect(await alice.seen(alice.get(path))).not.toContain(token.slice(-72))
  }
  alice.cookies.clear()
  for (const name of ['sid', 'token', 'access_token', 'session']) {
    expect(await alice.seen(alice.get(`/api/session?${name}=${token}`))).toContain('"signedIn":false')
  }
})
