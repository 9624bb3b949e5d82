// The requirements of ASVS 5.0 and RFC 9457 about errors, outages and the log, one test for each.
import { createSessions, StoreUnavailableError } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Services } from '../../src/environment.ts'
import type { SessionData } from '../../src/session-data.ts'
import { Client, cheapPasswords, dataFolder, PASSWORD, runningServer } from '../running.ts'
import { everyAnswer, INTERNAL, isJson, requiredServer, typeOf } from './answers.ts'

/** A server whose store of sessions can be put out of reach. */
async function outageServer() {
  const inner = memoryStore()
  let isOut = false
  const store = new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]) => {
        if (isOut) throw new StoreUnavailableError(String(name), INTERNAL)
        return await Reflect.apply(member, target, args)
      }
    },
  })
  const sessions = createSessions<SessionData>({
    store,
    keys: 'only-for-this-test-0123456789-abcdefghij',
    csrf: { exempt: () => true },
  })
  const around = ({ passwords }: Services) => ({ sessions, passwords: { ...passwords, ...cheapPasswords } })
  const { url } = await runningServer(dataFolder(), { logLevel: 'silent', around })
  const client = new Client(url)
  await client.signUp('alice')
  await client.signIn('alice')
  return {
    client,
    out(isNow: boolean) {
      isOut = isNow
    },
  }
}

describe('a fault', () => {
  test('ASVS 16.5.1: is told in general words, to people and to programs', async () => {
    const { base } = await requiredServer()
    for (const accept of ['text/html', 'application/json']) {
      const answer = await new Client(base).post('/login', { username: 'broken', password: PASSWORD }, { accept })
      expect(answer.status).toBe(500)
      const all = JSON.stringify([await answer.text(), ...answer.headers])
      expect(all).not.toContain(INTERNAL)
      expect(all).not.toMatch(/Error\b|\.tsx?:|\s{4}at /)
    }
  })

  test('ASVS 16.5.4: is caught at the last resort, and others are served', async () => {
    const { base } = await requiredServer()
    const client = new Client(base)
    for (let i = 0; i < 5; i++) expect(await client.signIn('broken')).toMatch(/^500 /)
    expect(await client.signIn('alice')).toBe('303 → /dashboard')
  })

  test('RFC 9457: is problem details for who asks for JSON, as every refusal', async () => {
    const seen = (await everyAnswer(await requiredServer())).filter(({ status }) => status >= 400)
    const problems = seen.filter(isJson)
    expect(problems.length).toBeGreaterThan(20)
    for (const one of problems) {
      const { type, title, status, detail, ...rest } = JSON.parse(one.text)
      expect([one.name, typeOf(one)]).toEqual([one.name, 'application/problem+json; charset=utf-8'])
      expect([one.name, type, status, typeof title, typeof detail]).toEqual([
        one.name,
        'about:blank',
        one.status,
        'string',
        'string',
      ])
      expect(Object.keys(rest).filter((name) => name !== 'reason')).toEqual([])
    }
  })
})

describe('an outage of the sessions', () => {
  const PROTECTED = ['/dashboard', '/account/sessions', '/account/preferences', '/reauth', '/api/devices', '/gate']

  test('ASVS 16.5.2, 16.5.3, 11.2.5: lets nobody in, and says when to come back; afterwards all is as before', async () => {
    const { client, out } = await outageServer()
    out(true)
    const asked = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/any' }
    for (const path of [...PROTECTED, '/', '/login', '/api/session', '/account/events']) {
      const answer = await client.get(path, path === '/gate' ? asked : {})
      const text = await answer.text()
      expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '5'])
      expect(text).not.toMatch(/alice|disk/)
    }
    expect((await client.get('/healthz')).status).toBe(503)
    expect(await new Client(client.base).signIn('alice')).toMatch(/^503 /)
    out(false)
    expect(await client.seen(client.get('/dashboard'))).toContain('Welcome, alice!')
  })

  test('ASVS 7.4.1: makes no sign-out look done that is not', async () => {
    const { client, out } = await outageServer()
    const copy = new Client(client.base)
    for (const [name, value] of client.cookies) copy.cookies.set(name, value)
    out(true)
    expect(await client.seen(client.post('/logout'))).toMatch(/^503 [\s\S]*could not confirm it yet/)
    // On this browser it is done; elsewhere as soon as it can be.
    expect(client.cookies.has('sid')).toBe(false)
    out(false)
    await expect.poll(() => copy.seen(copy.get('/dashboard')), { timeout: 10_000 }).toBe('303 → /login')
  })
})

describe('the log', () => {
  /** What is written to standard error from now on. */
  function written(): () => string {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    onTestFinished(() => write.mockRestore())
    return () => write.mock.calls.map(([text]) => String(text)).join('')
  }

  test('ASVS 16.2.1, 16.2.2: says what, where and when, in UTC', async () => {
    const { url } = await runningServer(dataFolder(), { logLevel: 'debug' })
    const log = written()
    await new Client(url).get('/nowhere?secret')
    await expect.poll(log).toContain('/nowhere')
    expect(JSON.parse(log())).toMatchObject({
      level: 'debug',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      method: 'GET',
      path: '/nowhere',
      status: 404,
    })
  })

  test('ASVS 16.4.1: has one line for one request, without signs that a terminal or a reader of lines obeys', async () => {
    const { url } = await runningServer(dataFolder(), { logLevel: 'debug' })
    const log = written()
    const client = new Client(url)
    const paths = ['/%0d%0a{"level":"error"}', '/%1b[31mred', '/%e2%80%a8', '/%00', '/%9b31m', '/"}']
    for (const path of paths) await client.get(path)
    await expect.poll(() => log().trim().split('\n').length).toBe(paths.length)
    for (const line of log().trim().split('\n')) {
      const { path, msg } = JSON.parse(line)
      expect([path, /[^\x20-\x7e]/.test(path + msg)]).toEqual([path, false])
    }
  })
})
