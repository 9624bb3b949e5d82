import { describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0'

describe('a person', () => {
  it('signs up, is told when the name is taken, and signs in', async () => {
    const client = new Client((await runningServer()).url)
    expect(await client.seen(client.get('/'))).toBe('303 → /login')
    expect(await client.signUp('alice')).toBe('303 → /login?welcome')
    expect(await client.signUp('ALICE')).toMatch(/^409 .*User already exists!/s)
    expect(await client.seen(client.get('/login?welcome'))).toContain('Your account is ready')
    expect(await client.signIn('alice', 'not the password')).toMatch(/^401 .*Invalid credentials!/s)
    expect(await client.signIn('nobody')).toMatch(/^401 .*Invalid credentials!/s)
    expect([...client.cookies.keys()]).toEqual(['form'])
    expect(await client.signIn('Alice')).toBe('303 → /dashboard')
    expect(await client.seen(client.get('/dashboard'))).toMatch(/^200 .*Welcome, alice!/s)
    expect(await client.seen(client.get('/'))).toBe('303 → /dashboard')
    expect(await client.seen(client.get('/login'))).toBe('303 → /dashboard')
  })

  it('finds its name filled in after the sign-up, as it is kept, whatever letters it has', async () => {
    const client = new Client((await runningServer()).url)
    const { headers } = await client.post('/signup', { username: 'Zoë "&" <Co> ', password: PASSWORD })
    const page = await client.seen(client.get(headers.get('location') ?? ''))
    expect(page).toContain('Your account is ready')
    expect(page).toContain('name="username" value="Zoë &quot;&amp;&quot; &lt;Co&gt;"')
    // Then the password is what is to be typed.
    expect(page).toMatch(/name="password"[^>]* autofocus/)
  })

  it.each([
    ['/signup', { username: 'bob', password: 'too short' }, ['password']],
    ['/signup', { username: 'root', password: PASSWORD }, ['username']],
    ['/signup', { username: 'alice', password: PASSWORD }, ['username']],
    ['/login', { username: 'alice', password: 'wrong' }, ['username', 'password']],
    ['/account/password', { password: 'wrong', 'new-password': 'another one, newly set' }, ['password']],
    ['/account/password', { password: PASSWORD, 'new-password': 'too short' }, ['new-password']],
    ['/account/delete', { password: 'wrong' }, ['password']],
    ['/reauth', { password: 'wrong' }, ['password']],
  ])('sees the fields marked that were wrong, and no others: %s %j', async (path, fields, marked) => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    if (path.startsWith('/account') || path === '/reauth') await client.signIn('alice')
    const page = await client.seen(client.post(path, fields as Record<string, string>))
    const inputs = [...page.matchAll(/<input[^>]*>/g)].map(([input]) => input)
    const names = inputs
      .filter((input) => input.includes('aria-invalid'))
      .map((input) => / name="([^"]*)"/.exec(input)?.[1])
    expect(names).toEqual(marked)
  })

  it('signs in by the name as it was typed at the sign-up, with the blank that a keyboard added', async () => {
    const client = new Client((await runningServer()).url)
    expect(await client.signUp('trail ')).toBe('303 → /login?welcome')
    for (const name of ['trail ', 'trail', ' TRAIL', 'ｔrail']) {
      expect([name, await client.signIn(name)]).toEqual([name, '303 → /dashboard'])
    }
    expect(await client.signIn('tr\u0000ail')).toMatch(/^401 .*Invalid credentials!/s)
  })

  it('may have any name but those that would pass for somebody else’s, or for a mail address', async () => {
    const client = new Client((await runningServer()).url)
    for (const name of ['nobody', 'Root', 'ｓｕｐｐｏｒｔ', 'alice@example.org', '@']) {
      expect([name, await client.signUp(name)]).toEqual([name, expect.stringMatching(/^400 .*This name is reserved/s)])
    }
    for (const name of ['admin', 'health', '__proto__', 'constructor']) {
      expect([name, await client.signUp(name)]).toEqual([name, '303 → /login?welcome'])
      expect([name, await client.signIn(name)]).toEqual([name, '303 → /dashboard'])
      await client.post('/logout')
    }
  })

  it('who is signed in cannot sign up: the page says as whom, and nothing is made', async () => {
    const { url } = await runningServer()
    const client = new Client(url)
    await client.signUp('alice')
    await client.signIn('alice')
    expect(await client.seen(client.get('/signup'))).toBe('303 → /dashboard')
    expect(await client.signUp('bob')).toMatch(/^409 .*You are signed in as alice\. Sign out first.*action="\/logout"/s)
    expect(await new Client(url).signIn('bob')).toMatch(/^401 /)
    await client.post('/logout')
    expect(await client.signUp('bob')).toBe('303 → /login?welcome')
  })

  it('sees every device, ends one, and that one is told why', async () => {
    const { url } = await runningServer()
    const [desktop, phone] = [new Client(url, { 'user-agent': FIREFOX }), new Client(url)]
    await desktop.signUp('alice')
    await desktop.signIn('alice')
    await phone.signIn('alice')
    const page = await desktop.seen(desktop.get('/account/sessions'))
    expect(page).toContain('Firefox on Windows')
    expect(page.match(/class="card device"/g)).toHaveLength(2)
    expect(page.match(/this device<\/span>/g)).toHaveLength(1)
    const ids = [...page.matchAll(/\/account\/sessions\/([\w-]{22})\/end/g)].map(([, id]) => id)
    const other = ids[1] ?? ''
    expect(await desktop.seen(desktop.post(`/account/sessions/${other}/end`))).toBe('303 → /account/sessions?ended=one')
    expect(await desktop.seen(desktop.post(`/account/sessions/${other}/end`))).toBe(
      '303 → /account/sessions?ended=gone',
    )
    expect(await desktop.seen(desktop.get('/account/sessions?ended=gone'))).toContain('role="status"')
    for (const made of ['constructor', '__proto__', 'anything']) {
      expect(await desktop.seen(desktop.get(`/account/sessions?ended=${made}`))).not.toContain('role="status"')
    }
    expect(await phone.seen(phone.get('/dashboard'))).toBe('303 → /login')
    expect(await phone.seen(phone.get('/login'))).toContain('because this session was ended from another device')
    expect(await desktop.seen(desktop.get('/dashboard'))).toContain('Welcome, alice!')
  })

  it('ends all others, and nobody else', async () => {
    const { url } = await runningServer()
    const clients = [new Client(url), new Client(url), new Client(url)]
    const bob = new Client(url)
    await clients[0]?.signUp('alice')
    await bob.signUp('bob')
    for (const client of clients) await client.signIn('alice')
    await bob.signIn('bob')
    const [first] = clients
    expect(await first?.seen(first.post('/account/sessions/end-others'))).toBe('303 → /account/sessions?ended=others')
    const seen = await Promise.all([...clients, bob].map((client) => client.seen(client.get('/dashboard'))))
    expect(seen.map((text) => text.slice(0, 3))).toEqual(['200', '303', '303', '200'])
  })

  it("cannot end another person's device", async () => {
    const { url } = await runningServer()
    const [alice, bob] = [new Client(url), new Client(url)]
    await alice.signUp('alice')
    await bob.signUp('bob')
    await alice.signIn('alice')
    await bob.signIn('bob')
    const page = await bob.seen(bob.get('/account/sessions'))
    const id = /sessions\/([\w-]{22})\/end/.exec(page)?.[1] ?? ''
    expect(await alice.seen(alice.post(`/account/sessions/${id}/end`))).toBe('303 → /account/sessions?ended=gone')
    expect(await bob.seen(bob.get('/dashboard'))).toContain('Welcome, bob!')
  })

  it('signs out, and the cookie from before is refused afterwards', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    await client.signIn('alice')
    const stolen = new Map(client.cookies)
    expect(await client.seen(client.get('/logout'))).toMatch(/^200 .*Sign out\?/s)
    expect(await client.seen(client.get('/dashboard'))).toContain('Welcome')
    expect(await client.seen(client.post('/logout'))).toBe('303 → /login?goodbye')
    expect([...client.cookies.keys()]).toEqual(['known'])
    expect(await client.seen(client.get('/dashboard'))).toBe('303 → /login')
    for (const [name, value] of stolen) client.cookies.set(name, value)
    expect(await client.seen(client.get('/dashboard'))).toBe('303 → /login')
  })

  it('gets a new token at each sign-in, and a planted one never becomes signed in', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    const planted = `cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`
    client.cookies.set('sid', planted).set('vid', planted)
    await client.signIn('alice')
    expect(client.cookies.get('sid')).not.toBe(planted)
    const first = client.cookies.get('sid') ?? ''
    await client.signIn('alice')
    expect(client.cookies.get('sid')).not.toBe(first)
    const old = new Client((await runningServer()).url)
    old.cookies.set('sid', first)
    expect(await old.seen(old.get('/dashboard'))).toBe('303 → /login')
  })

  it('returns to the page that was asked for, and to no other site', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice')
    const location = await client.seen(client.get('/account/sessions'))
    expect(location).toBe('303 → /login?next=%2Faccount%2Fsessions')
    const signIn = (next: string) => client.seen(client.post('/login', { username: 'alice', password: PASSWORD, next }))
    expect(await signIn('/account/sessions')).toBe('303 → /account/sessions')
    const elsewhere = [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'javascript:alert(1)',
    ]
    for (const next of elsewhere) expect(await signIn(next)).toBe('303 → /dashboard')
  })
})

describe('two processes on one folder', () => {
  it('make one set of keys, and share accounts and sessions', async () => {
    const data = dataFolder()
    const [one, two] = await Promise.all([runningServer(data), runningServer(data)])
    const client = new Client(one.url)
    await client.signUp('alice')
    await client.signIn('alice')
    const other = new Client(two.url)
    for (const [name, value] of client.cookies) other.cookies.set(name, value)
    expect(await other.seen(other.get('/dashboard'))).toContain('Welcome, alice!')
    await client.post('/logout')
    expect(await other.seen(other.get('/dashboard'))).toBe('303 → /login')
  })
})
