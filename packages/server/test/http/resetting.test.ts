import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { requestReset } from '../../src/actions/resetting-password.ts'
import { startServer } from '../../src/server.ts'
import { linkIn, mailServer } from '../mail-server.ts'
import { Client, dataFolder, PASSWORD, runningServer, testConfig } from '../running.ts'
import { aliceWithAddress, codeIn, serverWithMail } from './mailing.ts'

const NEW = 'another one, newly set'
const forget = (client: Client, username: string) => client.seen(client.post('/forgot', { username }))
const reset = (client: Client, code: string, password = NEW) => client.seen(client.post('/reset', { code, password }))

/** A server with alice and her address, to whom a link was sent. */
async function linkForAlice(around?: Parameters<typeof serverWithMail>[0]) {
  const server = await serverWithMail(around)
  const alice = await aliceWithAddress(server)
  const client = new Client(server.url)
  expect(await forget(client, 'alice')).toMatch(/^200 .*a mail is on its way/s)
  const letter = await server.arrived(1)
  return { server, alice, client, letter, code: codeIn(letter) }
}

describe('a forgotten password', () => {
  it('is replaced by the link of a mail: once, with all sessions ended, and the owner is told', async () => {
    const { server, alice, client, letter, code } = await linkForAlice()
    expect(letter).toMatchObject({ to: ['alice@example.org'], text: expect.stringContaining('your account alice') })
    for (let i = 0; i < 2; i++) {
      expect(await client.seen(client.get(linkIn(letter)))).toMatch(/^200 .*For the account alice.*15 to 128/s)
    }
    expect(await reset(client, code, 'too short')).toMatch(/^400 .*at least 15 characters.*name="code"/s)
    expect(await reset(client, code, 'alice@example.org')).toMatch(/^400 .*would be guessed early/s)
    expect(await alice.seen(alice.get('/dashboard'))).toContain('Welcome, alice!')
    expect(await reset(client, code)).toBe('303 → /login?reset')
    expect(await client.seen(client.get('/login?reset'))).toContain('Your password is changed: sign in with it.')
    expect(await alice.seen(alice.get('/dashboard'))).toBe('303 → /login')
    expect(await client.signIn('alice')).toMatch(/^401 /)
    expect(await client.signIn('alice', NEW)).toBe('303 → /dashboard')
    expect(await reset(client, code, 'a third one, after that')).toMatch(/^410 .*was used already/s)
    expect(await client.seen(client.get(linkIn(letter)))).toMatch(/^410 .*href="\/forgot"/s)
    expect(await server.arrived(2)).toMatchObject({
      to: ['alice@example.org'],
      text: expect.stringContaining('Your password was changed'),
    })
  })

  it('by the address as well, in the language of who asks', async () => {
    const server = await serverWithMail()
    await aliceWithAddress(server)
    const client = new Client(server.url, { 'accept-language': 'de' })
    expect(await forget(client, 'ALICE@EXAMPLE.ORG')).toMatch(/^200 .*ist eine E-Mail unterwegs/s)
    expect((await server.arrived(1)).text).toContain('Wenn Sie es nicht waren, tun Sie nichts')
  })

  it('has a page that the sign-in leads to, and codes go no further than to us', async () => {
    const { client, letter, code } = await linkForAlice()
    expect(await client.seen(client.get('/login'))).toContain('<a href="/forgot">')
    for (const path of [linkIn(letter), `/verify?code=${code}`]) {
      const { headers } = await client.get(path)
      expect(headers.get('referrer-policy'), path).toBe('strict-origin')
      expect(headers.get('cache-control'), path).toBe('no-store')
    }
  })

  it('that is reset makes the browser known, so that nobody who guesses keeps its owner out', async () => {
    const server = await serverWithMail()
    await aliceWithAddress(server)
    const limits = { failuresPerAccount: 2, failuresPerAddress: 9, signupsPerAddress: 9 }
    const { url } = await runningServer(server.data, { limits, smtp: server.mailUrl })
    const [client, stranger] = [new Client(url), new Client(url)]
    await forget(client, 'alice')
    const code = codeIn(await server.arrived(1))
    for (let i = 0; i < 2; i++) expect(await stranger.signIn('alice', 'not the password')).toMatch(/^401 /)
    expect(await client.signIn('alice')).toMatch(/^429 /)
    await reset(client, code)
    expect(await client.signIn('alice', NEW)).toBe('303 → /dashboard')
    expect(await stranger.signIn('alice', NEW)).toMatch(/^429 /)
  })
})

describe('a link', () => {
  it('is void when a newer one was sent, and when the password or the account was changed otherwise', async () => {
    const { server, alice, client, code } = await linkForAlice()
    await forget(client, 'alice')
    const newer = codeIn(await server.arrived(2))
    expect(await reset(client, code)).toMatch(/^410 /)
    await alice.post('/account/password', { password: PASSWORD, 'new-password': NEW })
    expect(await reset(client, newer, 'a third one, after that')).toMatch(/^410 /)
    await server.arrived(3)
    await forget(client, 'alice')
    const last = codeIn(await server.arrived(4))
    await alice.post('/account/delete', { password: NEW })
    expect(await reset(client, last, 'a third one, after that')).toMatch(/^410 /)
  })

  it('does not count where its address is no longer the account’s, though the code is there', async () => {
    const { server, client, code } = await linkForAlice()
    const { accounts } = server.services
    const { id } = (await accounts.find('alice')) ?? { id: '' }
    await accounts.change(id, { email: { address: 'new@example.org', isVerified: true } })
    expect(await reset(client, code)).toMatch(/^410 /)
    await accounts.change(id, { email: { address: 'alice@example.org', isVerified: true }, isDisabled: true })
    expect(await reset(client, code)).toMatch(/^403 .*disabled/s)
    await accounts.change(id, { isDisabled: false })
    expect(await reset(client, code)).toBe('303 → /login?reset')
  })

  it('that two use at once is used once, and the password of the one that was told so counts', async () => {
    const { client, code } = await linkForAlice()
    const passwords = Array.from({ length: 6 }, (_, i) => `number ${i} of the new ones`)
    const answers = await Promise.all(passwords.map((password) => reset(client, code, password)))
    const done = passwords.filter((_, i) => answers[i]?.startsWith('303'))
    expect(done).toHaveLength(1)
    expect(answers.filter((text) => text.startsWith('410'))).toHaveLength(5)
    for (const password of passwords) {
      expect((await client.signIn('alice', password)).slice(0, 3), password).toBe(password === done[0] ? '303' : '401')
      await client.post('/logout')
    }
  })

  it('that is being used is used up: whoever comes before the password is written comes too late', async () => {
    let meanwhile: (() => Promise<void>) | null = null
    const { client, code } = await linkForAlice(({ accounts }) => ({
      accounts: {
        ...accounts,
        async change(id, change) {
          const run = meanwhile
          meanwhile = null
          await run?.()
          return await accounts.change(id, change)
        },
      },
    }))
    meanwhile = async () => expect(await reset(client, code, 'a third one, after that')).toMatch(/^410 /)
    expect(await reset(client, code)).toBe('303 → /login?reset')
    expect(meanwhile).toBeNull()
    expect(await client.signIn('alice', NEW)).toBe('303 → /dashboard')
  })

  it('that is used while somebody signs in with the old password ends that sign-in', async () => {
    let meanwhile: (() => Promise<unknown>) | null = null
    const { alice, client, code } = await linkForAlice(({ passwords }) => ({
      passwords: {
        ...passwords,
        async verify(...given) {
          const fits = await passwords.verify(...given)
          const [run] = [meanwhile]
          meanwhile = null
          await run?.()
          return fits
        },
      },
    }))
    let answer = ''
    meanwhile = async () => {
      answer = await reset(client, code)
    }
    await alice.post('/logout')
    expect(await alice.signIn('alice')).toMatch(/^401 /)
    expect(answer).toBe('303 → /login?reset')
    expect(await alice.seen(alice.get('/dashboard'))).toBe('303 → /login')
  })
})

describe('whether there is an account', () => {
  it('nobody learns: the answer is one, and comes before anybody has looked', async () => {
    const asked: string[] = []
    let release: () => void = () => undefined
    let held: Promise<void> | null = null
    const server = await serverWithMail(({ accounts, codes }) => ({
      accounts: {
        ...accounts,
        async find(typed) {
          if (held !== null) asked.push(typed)
          await held
          return await accounts.find(typed)
        },
      },
      codes: {
        ...codes,
        async issue(purpose, facts) {
          if (held !== null) asked.push(purpose)
          return await codes.issue(purpose, facts)
        },
      },
    }))
    await aliceWithAddress(server)
    const client = new Client(server.url)
    await client.signUp('without-address')
    held = new Promise((resolve) => {
      release = resolve
    })
    const answers = new Set<string>()
    for (const name of [
      'alice',
      'nobody',
      'without-address',
      'alice@example.org',
      'nobody@example.org',
      '',
      '\u0000',
    ]) {
      answers.add(await forget(client, name))
    }
    expect(answers.size).toBe(1)
    expect(asked).not.toContain('reset')
    expect(server.letters).toEqual([])
    release()
    await server.arrived(2)
    expect(server.letters.map(({ to }) => to)).toEqual([['alice@example.org'], ['alice@example.org']])
  })

  it('nobody learns from a mail server that fails, and the operator is told without the address', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    onTestFinished(() => write.mockRestore())
    const written = () => write.mock.calls.map(([text]) => String(text)).join('')
    const server = await serverWithMail()
    await aliceWithAddress(server)
    const refusing = await mailServer({
      onRcptTo: (_, __, done) => done(Object.assign(new Error('alice@example.org: no'), { responseCode: 550 })),
    })
    const client = new Client((await runningServer(server.data, { smtp: refusing.url })).url)
    expect(await forget(client, 'alice')).toBe(await forget(client, 'nobody'))
    await vi.waitFor(() => expect(written()).toContain('mail-failed'), 10_000)
    expect(JSON.parse(written()).msg).toBe('mail-failed: EENVELOPE 550')
  })

  it('nobody learns from the limit: an account gets three in half an hour, and twenty are asked for from an address', async () => {
    const server = await serverWithMail()
    await aliceWithAddress(server)
    const client = new Client(server.url)
    const answers = new Set<string>()
    for (const name of ['alice', 'nobody', 'alice@example.org', 'nobody@example.org']) {
      for (let i = 0; i < 5; i++) answers.add(await forget(client, name))
    }
    expect([...answers]).toEqual([expect.stringMatching(/^200 /)])
    expect(await forget(client, 'another')).toMatch(/^429 .*tried too often/s)
    await server.services.background.settled(10_000)
    // By both of its names together an account gets no more than three.
    expect(server.letters).toHaveLength(3)
  })

  it('at any moment the owner has a link that counts or gets one, however often strangers ask', async () => {
    const server = await serverWithMail()
    await aliceWithAddress(server)
    const { attempts, background } = server.services
    const database = new DatabaseSync(join(server.data, 'coatcheck.db'), { timeout: 1000 })
    onTestFinished(() => database.close())
    const strangers = async (name: string) => {
      const asked = {
        username: name,
        address: 'far away',
        knownBrowser: '',
        origin: new URL(server.url).origin,
        language: 'en',
      } as const
      for (let i = 0; i < 7; i++) await requestReset(server.services, asked)
      await background.settled(10_000)
      await attempts.forget('forgot-from:far away')
    }
    const client = new Client(server.url)
    const fiveMinutes = 5 * 60_000
    for (let minute = 0; minute < 95; minute += 5) {
      await strangers(minute % 10 === 0 ? 'alice' : 'ALICE@example.org')
      const letter = server.letters.at(-1)
      if (letter === undefined) throw new Error('no mail at all')
      expect(await client.seen(client.get(linkIn(letter))), `minute ${minute}`).toMatch(/^200 .*For the account alice/s)
      database.exec(
        `UPDATE attempts SET at = at - ${fiveMinutes}; UPDATE codes SET expires_at = expires_at - ${fiveMinutes}`,
      )
    }
    expect(server.letters.length).toBeLessThanOrEqual(3 * 4)
  })

  it('a browser that has signed in gets a mail of its own, when strangers have used up theirs', async () => {
    const server = await serverWithMail()
    const alice = await aliceWithAddress(server)
    await alice.post('/logout')
    const stranger = new Client(server.url)
    for (let i = 0; i < 5; i++) await forget(stranger, 'alice')
    await server.services.background.settled(10_000)
    expect(server.letters).toHaveLength(3)
    await forget(alice, 'alice')
    const letter = await server.arrived(4)
    expect(await reset(alice, codeIn(letter))).toBe('303 → /login?reset')
  })
})

it('an account that is disabled, or whose address is not verified, gets no link', async () => {
  const server = await serverWithMail()
  const client = await aliceWithAddress(server)
  const { accounts, background } = server.services
  const { id } = (await accounts.find('alice')) ?? { id: '' }
  for (const change of [
    { isDisabled: true },
    { isDisabled: false, email: { address: 'alice@example.org', isVerified: false } },
  ]) {
    await accounts.change(id, change)
    expect(await forget(client, 'alice')).toMatch(/^200 /)
    await background.settled(10_000)
  }
  expect(server.letters).toEqual([])
  await accounts.change(id, { email: { address: 'alice@example.org', isVerified: true } })
  await forget(client, 'alice')
  await server.arrived(1)
})

it('a mail that was asked for just before the server stops is sent', async () => {
  const { server } = await linkForAlice()
  const last = await startServer(testConfig(server.data, { smtp: server.mailUrl }))
  await forget(new Client(last.url), 'alice')
  await last.stop()
  expect(server.letters).toHaveLength(2)
})

it('no code is in the database or in what the operator reads', async () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  const { server, client, code } = await linkForAlice(({ sessions }) => ({
    sessions: Object.assign(Object.create(sessions), {
      adapter: sessions.adapter,
      ...Object.fromEntries(
        (['open', 'commit', 'csrfFault', 'withheld', 'arrival', 'begin', 'list'] as const).map((name) => [
          name,
          sessions[name].bind(sessions),
        ]),
      ),
      revokeUser: async () => Promise.reject(new Error('a fault for this test')),
    }),
  }))
  expect(await reset(client, code)).toMatch(/^500 /)
  const written = write.mock.calls.map(([text]) => String(text)).join('')
  expect(written).toContain('"message":"a fault for this test"')
  const files = ['coatcheck.db', 'coatcheck.db-wal'].map((name) => readFileSync(join(server.data, name), 'latin1'))
  for (const text of [written, ...files]) {
    expect(text.includes(code)).toBe(false)
    expect(text.includes(NEW)).toBe(false)
  }
  expect(files.join('')).toContain('alice@example.org')
  expect(written).not.toContain('alice')
})

describe('a server without mail', () => {
  it('leads nobody to what cannot be done, and says so to who asks for it', async () => {
    const client = new Client((await runningServer(dataFolder())).url)
    for (const answer of [client.seen(client.get('/forgot')), forget(client, 'alice')]) {
      const page = await answer
      expect(page).toMatch(/^403 .*sends no mail\. Ask an administrator\./s)
      expect(page).not.toContain('COATCHECK_')
    }
    const page = await client.seen(client.get('/login'))
    expect(page).toMatch(/<label>Name<input/)
    expect(page).not.toContain('/forgot')
  })

  it('with mail the sign-in takes an address, and leads to a forgotten password', async () => {
    const client = new Client((await serverWithMail()).url)
    const page = await client.seen(client.get('/login'))
    expect(page).toMatch(/<label>Name or e-mail address<input/)
    expect(page).toContain('href="/forgot"')
  })
})
