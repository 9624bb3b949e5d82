import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { linkIn } from '../mail-server.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'
import { send } from '../sending.ts'
import { aliceWithAddress, codeIn, serverWithMail, setAddress } from './mailing.ts'
import { staffed } from './staffed.ts'

const ADDRESS = 'alice@example.org'

function database(data: string): DatabaseSync {
  const opened = new DatabaseSync(join(data, 'coatcheck.db'), { timeout: 1000 })
  onTestFinished(() => opened.close())
  return opened
}

describe('an address', () => {
  it('is the account’s when the link of the mail was opened and the button pressed, and signs in from then on', async () => {
    const server = await serverWithMail()
    const client = new Client(server.url)
    await client.signUp('alice')
    await client.signIn('alice')
    expect(await client.seen(client.get('/account/email'))).toContain('Your account has no address.')
    expect(await setAddress(client, ' Alice@Example.org ')).toMatch(
      /^200 .*A mail to Alice@Example\.org is on its way/s,
    )
    const letter = await server.arrived(1)
    expect(letter).toMatchObject({ from: 'coatcheck@localhost', to: ['Alice@example.org'] })
    expect(letter.text).not.toContain('alice')
    const link = linkIn(letter)
    expect(link).toMatch(/^\/verify\?code=[\w-]{43}$/)
    const elsewhere = new Client(server.url)
    for (let i = 0; i < 2; i++) {
      expect(await elsewhere.seen(elsewhere.get(link))).toMatch(/^200 .*Is this your address\?.*<button/s)
      expect(await elsewhere.signIn(ADDRESS)).toMatch(/^401 /)
    }
    const [path = '', code = ''] = link.split('?code=')
    expect(await elsewhere.seen(elsewhere.post(path, { code }))).toMatch(
      /^200 .*Alice@Example\.org is your address now/s,
    )
    expect(await elsewhere.signIn(ADDRESS)).toBe('303 → /dashboard')
    expect(await client.seen(client.get('/account/email'))).toContain('Your address is Alice@Example.org.')
    expect(await elsewhere.seen(elsewhere.get(link))).toMatch(/^410 .*was used already/s)
    expect(await elsewhere.seen(elsewhere.post(path, { code }))).toMatch(/^410 /)
  })

  it('stays until the new one is verified; then the old one is told, and no longer signs in', async () => {
    const server = await serverWithMail()
    const client = await aliceWithAddress(server)
    // Other mails than those of new devices.
    await client.post('/account/preferences', {})
    await server.arrived(1)
    server.letters.length = 0
    await setAddress(client, 'new@example.org')
    const letter = await server.arrived(1)
    expect(await new Client(server.url).signIn(ADDRESS)).toBe('303 → /dashboard')
    expect(await client.seen(client.get('/account/email'))).toContain(`Your address is ${ADDRESS}.`)
    await client.post('/verify', { code: codeIn(letter) })
    expect(await new Client(server.url).signIn('new@example.org')).toBe('303 → /dashboard')
    expect(await new Client(server.url).signIn(ADDRESS)).toMatch(/^401 /)
    const told = await server.arrived(2)
    expect(told).toMatchObject({ to: [ADDRESS], text: expect.stringContaining('Your address was changed') })
    expect(told.text).not.toContain('new@example.org')
  })

  it('is removed, which its owner is told; links sent before are void', async () => {
    const server = await serverWithMail()
    const client = await aliceWithAddress(server)
    await client.post('/forgot', { username: 'alice' })
    await setAddress(client, 'new@example.org')
    await server.arrived(2)
    const codes = server.letters.map(codeIn)
    const remove = (password: string) => client.seen(client.post('/account/email/remove', { password }))
    expect(await remove('not the password')).toMatch(/^403 .*not your current password/s)
    expect(await remove(PASSWORD)).toBe('303 → /account/email?removed')
    expect(await client.seen(client.get('/account/email?removed'))).toMatch(/Your address is removed.*has no address/s)
    expect(await new Client(server.url).signIn(ADDRESS)).toMatch(/^401 /)
    // Also where the same address comes back.
    const { id } = (await server.services.accounts.find('alice')) ?? { id: '' }
    await server.services.accounts.change(id, { email: { address: ADDRESS, isVerified: true } })
    for (const code of codes) {
      for (const path of ['/verify', '/reset']) {
        expect(await client.seen(client.post(path, { code, password: 'another one, newly set' })), path).toMatch(
          /^410 /,
        )
      }
    }
    expect(await server.arrived(3)).toMatchObject({ to: [ADDRESS] })
  })

  it('of another account: the mail goes out all the same, and only its owner finds out', async () => {
    const server = await serverWithMail()
    await aliceWithAddress(server)
    const mallory = new Client(server.url)
    await mallory.signUp('mallory')
    await mallory.signIn('mallory')
    expect(await setAddress(mallory, ADDRESS)).toMatch(/^200 .*is on its way/s)
    const letter = await server.arrived(1)
    const code = codeIn(letter)
    expect(await mallory.seen(mallory.post('/verify', { code }))).toMatch(/^409 .*belongs to another account/s)
    expect(await mallory.seen(mallory.get('/account/email'))).toContain('has no address')
    expect((await server.services.accounts.find(ADDRESS))?.name).toBe('alice')
  })

  it('needs the password, and what can be one', async () => {
    const server = await serverWithMail()
    const client = new Client(server.url)
    expect(await setAddress(client, ADDRESS)).toBe('303 → /login?next=%2Faccount%2Femail')
    await client.signUp('alice')
    await client.signIn('alice')
    expect(await setAddress(client, ADDRESS, 'not the password')).toMatch(/^403 .*not your current password/s)
    for (const email of ['', 'alice', 'a@b', 'a@b.c\r\nBcc: eve@example.org', 'a,b@example.org', '<a@example.org>']) {
      expect(await setAddress(client, email), email).toMatch(/^400 .*That is no e-mail address/s)
    }
    expect(await setAddress(client, ADDRESS)).toMatch(/^200 /)
    await server.arrived(1)
    expect(server.letters).toHaveLength(1)
  })

  it('gets five mails in an hour, whoever asks for them, and an account sends five', async () => {
    const server = await serverWithMail()
    const [alice, bob] = [new Client(server.url), new Client(server.url)]
    for (const [client, name] of [
      [alice, 'alice'],
      [bob, 'bob'],
    ] as const) {
      await client.signUp(name)
      await client.signIn(name)
    }
    for (let i = 0; i < 4; i++) expect(await setAddress(alice, ADDRESS)).toMatch(/^200 /)
    expect(await setAddress(bob, ADDRESS)).toMatch(/^200 /)
    expect(await setAddress(bob, ADDRESS.toUpperCase())).toMatch(/^429 .*tried too often/s)
    expect(await setAddress(alice, 'other@example.org')).toMatch(/^200 /)
    expect(await setAddress(alice, 'third@example.org')).toMatch(/^429 /)
  })

  it('a code that two use at once is used once', async () => {
    const server = await serverWithMail()
    const client = new Client(server.url)
    await client.signUp('alice')
    await client.signIn('alice')
    await setAddress(client, ADDRESS)
    const letter = await server.arrived(1)
    const code = codeIn(letter)
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.seen(client.post('/verify', { code }))))
    expect(answers.map((text) => text.slice(0, 3)).toSorted()).toEqual([
      '200',
      ...Array.from({ length: 7 }, () => '410'),
    ])
  })

  it('asked for before the password was changed or reset is not verified by its link', async () => {
    const server = await serverWithMail()
    const client = await aliceWithAddress(server)
    const next = 'another one, newly set'
    await setAddress(client, 'mallory@example.org')
    const first = codeIn(await server.arrived(1))
    await client.post('/account/password', { password: PASSWORD, 'new-password': next })
    await server.arrived(2)
    await setAddress(client, 'mallory@example.org', next)
    const second = codeIn(await server.arrived(3))
    await client.post('/forgot', { username: 'alice' })
    await client.post('/reset', { code: codeIn(await server.arrived(4)), password: 'a third one, after that' })
    for (const code of [first, second]) expect(await client.seen(client.post('/verify', { code }))).toMatch(/^410 /)
    expect(await server.services.accounts.find('mallory@example.org')).toBeNull()
  })

  it('asked for with a password that changes meanwhile gets a link that does not count', async () => {
    let meanwhile: (() => Promise<unknown>) | null = null
    const server = await serverWithMail(({ codes }) => ({
      codes: {
        ...codes,
        async issue(purpose, facts) {
          await meanwhile?.()
          return await codes.issue(purpose, facts)
        },
      },
    }))
    const client = new Client(server.url)
    await client.signUp('alice')
    await client.signIn('alice')
    const { accounts } = server.services
    const { id } = (await accounts.find('alice')) ?? { id: '' }
    meanwhile = async () => await accounts.change(id, { passwordHash: 'another' })
    expect(await setAddress(client, ADDRESS)).toMatch(/^409 .*changed meanwhile/s)
    const codes = database(server.data).prepare('SELECT count(*) AS n FROM codes').get()
    expect([codes, server.letters]).toEqual([{ n: 0 }, []])
  })
})

describe('the link in a mail', () => {
  const ask = async (port: number, headers: Record<string, string>) =>
    (await send(port, '/forgot', headers, 'username=alice')).status

  it('leads to this machine by the name that was used, and to no other host or port that a request names', async () => {
    const server = await serverWithMail()
    await aliceWithAddress(server)
    const { port } = new URL(server.url)
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      'evil.example:80',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      // Other programs of this machine.
      'localhost:6666',
      '127.0.0.1:6666',
      'localhost',
      '[::1]:6666',
    ]) {
      expect(await ask(Number(port), { host }), host).toBe(403)
    }
    expect(await ask(Number(port), { host: `localhost:${port}`, 'x-forwarded-host': 'evil.example' })).toBe(200)
    expect((await server.arrived(1)).text).toContain(`\r\nhttp://localhost:${port}/reset?code=`)
    expect(server.letters).toHaveLength(1)
  })

  it('leads to no host that a proxy passes on, unless the origin is set', async () => {
    const server = await serverWithMail()
    await aliceWithAddress(server)
    const proxied = { host: 'internal', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    const trusting = await runningServer(server.data, { smtp: server.mailUrl, trustProxy: { hops: 1 } })
    expect(await ask(trusting.port, proxied)).toBe(403)
    const fixed = await runningServer(server.data, { smtp: server.mailUrl, origin: 'https://coats.example' })
    expect(await ask(fixed.port, { ...proxied, host: 'evil.example' })).toBe(200)
    expect((await server.arrived(1)).text).toContain('\r\nhttps://coats.example/reset?code=')
  })

  it('is in no mail where the server does not know its address, and the page says so', async () => {
    const server = await serverWithMail()
    const { port } = new URL(server.url)
    const { body } = await send(Number(port), '/forgot', { host: 'coats.example' })
    expect(body).toMatch(/sends no links by mail\. Ask an administrator\./)
    expect(body).not.toContain('COATCHECK_')
  })
})

describe('a server without mail', () => {
  it('says so where an address could be set, and sets none', async () => {
    const client = new Client((await runningServer(dataFolder())).url)
    await client.signUp('alice')
    await client.signIn('alice')
    const page = await client.seen(client.get('/account/email'))
    expect(page).toMatch(/^200 .*This server sends no mail\. Ask an administrator\./s)
    expect(page).not.toContain('COATCHECK_')
    expect(page).not.toContain('name="email"')
    expect(await client.seen(client.get('/account'))).not.toContain('/account/email')
    expect(await setAddress(client, ADDRESS)).toMatch(/^403 .*sends no mail/s)
  })

  it('tells an administrator which settings it takes', async () => {
    const { admin } = await staffed()
    for (const path of ['/account/email', '/forgot']) {
      expect(await admin.seen(admin.get(path))).toMatch(/This server sends no mail\. Set COATCHECK_SMTP_URL and/)
    }
  })
})
