import { describe, expect, it } from 'vitest'
import { Client, PASSWORD, runningServer } from '../running.ts'

describe('every answer', () => {
  it('forbids frames, foreign content and sniffing; pages with a session are not cached', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    await client.signIn('alice')
    for (const path of ['/dashboard', '/account/sessions', '/login', '/nope', '/logout']) {
      const { headers } = await client.get(path)
      expect(headers.get('content-security-policy'), path).toMatch(
        /default-src 'none'.*base-uri 'none'.*frame-ancestors 'none'.*object-src 'none'/,
      )
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy'), path).toBe('same-origin')
      expect(headers.get('referrer-policy'), path).toBe('same-origin')
      expect(headers.get('server'), path).toBeNull()
      expect(headers.get('x-powered-by'), path).toBeNull()
    }
    for (const path of ['/dashboard', '/account/sessions', '/login', '/']) {
      expect((await client.get(path)).headers.get('cache-control'), path).toBe('no-store')
    }
  })

  it('sets cookies out of reach of scripts: the session’s ends with the browser, that of a known browser after a year', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    const response = await client.post('/login', { username: 'alice', password: PASSWORD })
    const lines = response.headers.getSetCookie().filter((line) => !/Max-Age=0(;|$)/.test(line))
    expect(lines.toSorted()).toEqual([
      expect.stringMatching(/^known=1\.[\w.-]+; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^sid=cc1\.[^;]+; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
  })

  it('says which methods a path has to who asks with another one, and 404 where there is no path', async () => {
    const client = new Client((await runningServer()).url)
    const asked = async (method: string, path: string) => {
      const { status, headers } = await client.request(path, { method })
      return [status, headers.get('allow')]
    }
    expect(await asked('DELETE', '/login')).toEqual([405, 'GET, HEAD, POST'])
    expect(await asked('POST', '/dashboard')).toEqual([405, 'GET, HEAD'])
    expect(await asked('GET', '/account/sessions/end-all')).toEqual([405, 'POST'])
    expect(await asked('PUT', '/admin/sessions/end')).toEqual([405, 'POST'])
    expect(await asked('HEAD', '/login')).toEqual([200, null])
    expect(await asked('DELETE', '/nowhere')).toEqual([404, null])
    const headers = { accept: 'application/json' }
    const problem = await client.request('/login', { method: 'DELETE', headers })
    expect(await problem.json()).toMatchObject({ status: 405, reason: 'wrong-method' })
    const german = await client.request('/login', { method: 'DELETE', headers: { 'accept-language': 'de' } })
    expect(await german.text()).toContain('<h1>So nicht</h1>')
  })

  it('to a visitor without a session sets no cookie', async () => {
    const client = new Client((await runningServer()).url)
    for (const path of ['/', '/dashboard', '/forgot', '/nowhere', '/gate', '/api/session', '/assets/style.css']) {
      expect((await client.get(path)).headers.getSetCookie(), path).toEqual([])
    }
  })

  it('with a form of a visitor sets the cookie of forms alone, once, until the browser ends', async () => {
    for (const path of ['/login', '/signup', '/setup']) {
      const client = new Client((await runningServer()).url)
      const form = expect.stringMatching(/^form=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/)
      expect((await client.get(path)).headers.getSetCookie(), path).toEqual([form])
      expect((await client.get(path)).headers.getSetCookie(), path).toEqual([])
    }
  })

  it('holds no password and no token in its text', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    const wrong = await client.signIn('alice', 'the wrong password!')
    expect(wrong).not.toContain('the wrong password!')
    await client.signIn('alice')
    const token = client.cookies.get('sid') ?? ''
    expect(token).toMatch(/^cc1\./)
    for (const path of ['/dashboard', '/account/sessions', '/logout']) {
      const text = await client.seen(client.get(path))
      for (const part of [token, token.slice(-72, -29), PASSWORD]) expect(text.includes(part), path).toBe(false)
    }
  })
})

describe('/healthz', () => {
  it('says ok to everybody, and nothing else', async () => {
    const client = new Client((await runningServer()).url)
    expect(await client.seen(client.get('/healthz'))).toBe('200 {"status":"ok"}')
  })
})

describe('many sign-ins at once', () => {
  it('are bounded: the queue takes 64, the rest are told to come again', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    const attempts = Array.from({ length: 120 }, () =>
      client.post('/login', { username: 'alice', password: 'wrong wrong wrong' }),
    )
    const answers = await Promise.all(attempts)
    const refused = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(64)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.every(({ headers }) => headers.get('retry-after') === '5')).toBe(true)
    expect(await client.signIn('alice')).toBe('303 → /dashboard')
  })
})
