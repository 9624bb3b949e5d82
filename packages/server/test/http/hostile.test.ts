import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Client, PASSWORD, runningServer } from '../running.ts'

const PATHS = [
  '/',
  '/signup',
  '/login',
  '/logout',
  '/dashboard',
  '/account/sessions',
  '/account/sessions/x/end',
  '/account',
  '/account/email',
  '/account/email/remove',
  '/account/password',
  '/account/delete',
  '/verify',
  '/verify?code=%00%ff&code=x',
  '/forgot',
  '/reset',
  '/reset?code[]=a&code=%E0%A4%A',
  '/healthz',
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const BODIES: readonly (readonly [string, NonNullable<RequestInit['body']>])[] = [
  ['application/x-www-form-urlencoded', 'username=%ff%fe&password=%00&next=%E0%A4%A'],
  ['application/x-www-form-urlencoded', 'username[]=a&username=b&username=c&__proto__=x&constructor=y'],
  ['application/json', '{"username":{"$ne":null},"password":[1]}'],
  ['multipart/form-data', 'no boundary'],
  [
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="username"; filename="a"\r\n\r\nfile\r\n--x--',
  ],
  ['text/plain', '\u0000\u0001\ud800'],
  ['', new Uint8Array([0, 255, 254, 10, 13])],
]

describe('hostile input', () => {
  it('is never an internal error, on any route, by any method', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    await client.signIn('alice')
    for (const path of PATHS) {
      for (const method of METHODS) {
        const bodies = method === 'GET' || method === 'HEAD' ? [['', null] as const] : BODIES
        for (const [type, body] of bodies) {
          const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
          const { status } = await client.request(path, { method, body, headers })
          expect(status, `${method} ${path} ${type}`).toBeLessThan(500)
        }
      }
    }
  })

  it('in cookies is a visitor without a session', async () => {
    const client = new Client((await runningServer()).url)
    const values = ['', '=', 'cc1.', `cc1.0.${'é'.repeat(65)}`, 'x'.repeat(8000), '"quoted"', '%00%ff', 'a=b=c', '{}']
    for (const value of values) {
      const cookie = encodeURI(`sid=${value}; sid=other; __Host-sid=${value}; __proto__=1; =; ;;`)
      const response = await client.get('/dashboard', { cookie })
      expect([response.status, response.headers.get('location')], value).toEqual([303, '/login'])
    }
  })

  it('that is too large is refused before it is read', async () => {
    const client = new Client((await runningServer()).url)
    expect((await client.post('/login', { username: 'x'.repeat(70_000) })).status).toBe(413)
  })

  it('as raw bytes instead of HTTP closes the connection, and others are served', async () => {
    const { url } = await runningServer()
    const { port } = new URL(url)
    const answer = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('\x16\x03\x01\x02\x00\x01\xff\xfe\r\n\r\n'))
      socket.on('data', (chunk) => {
        text += chunk.toString()
      })
      socket.on('close', () => resolve(text)).on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
    expect((await fetch(new URL('/healthz', url))).status).toBe(200)
  })

  it('in names is refused, and strange names are shown as text', async () => {
    const client = new Client((await runningServer()).url)
    for (const name of ['', '   ', 'a\u0000b', 'a\u200bb', 'x'.repeat(65), '\u202eevil']) {
      expect(await client.signUp(name), JSON.stringify(name)).toMatch(/^400 /)
    }
    const name = '<script>alert("ö")</script>'
    expect(await client.signUp(name)).toBe('303 → /login?welcome')
    expect(await client.signIn(name)).toBe('303 → /dashboard')
    const page = await client.seen(client.get('/dashboard'))
    expect(page).not.toContain('<script>')
    expect(page).toContain('&lt;script&gt;')
  })

  it('in passwords: any characters count, 15 to 128 of them', async () => {
    const client = new Client((await runningServer()).url)
    expect(await client.signUp('short', 'x'.repeat(14))).toMatch(/^400 .*at least 15 characters/s)
    expect(await client.signUp('long', 'x'.repeat(129))).toMatch(/^400 .*at most 128 characters/s)
    const coats = '🧥🧣🧤🎩👒🧢👢👞👟🥾🥿👠👡🩰🧦'
    expect(await client.signUp('coats', coats)).toBe('303 → /login?welcome')
    expect(await client.signIn('coats', coats)).toBe('303 → /dashboard')
    await client.post('/logout')
    const most = ' \u0001'.repeat(4) + ' '.repeat(120)
    expect(await client.signUp('most', most)).toBe('303 → /login?welcome')
    expect(await client.signIn('most', most.slice(0, -1))).toMatch(/^401 /)
    expect(await client.signIn('most', most)).toBe('303 → /dashboard')
  })
})

describe('requests of other sites', () => {
  const CASES: readonly (readonly [Readonly<Record<string, string>>, number])[] = [
    [{}, 303],
    [{ 'sec-fetch-site': 'same-origin' }, 303],
    [{ 'sec-fetch-site': 'none' }, 303],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'junk' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'OWN' }, 403],
    [{ origin: 'OWN' }, 303],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'OWN.evil.example' }, 403],
    [{ referer: 'https://evil.example/page' }, 403],
    [{ referer: 'OWN/login' }, 303],
    [{ referer: 'not a url' }, 403],
  ]

  it.each(CASES)('%j → %i', async (given, status) => {
    const { url } = await runningServer()
    const own = new URL(url).origin
    const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value.replace('OWN', own)]))
    const client = new Client(url)
    const response = await client.post('/signup', { username: 'alice', password: PASSWORD }, headers)
    expect(response.status).toBe(status)
    expect(await client.signIn('alice')).toMatch(status === 303 ? /^303 → \/dashboard/ : /^401/)
  })

  it('cannot sign anybody out by a GET', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    await client.signIn('alice')
    await client.get('/logout', {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'image',
    })
    expect(await client.seen(client.get('/dashboard'))).toContain('Welcome, alice!')
  })
})
