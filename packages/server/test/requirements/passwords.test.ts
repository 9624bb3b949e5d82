// The requirements of ASVS 5.0, NIST SP 800-63B-4 and OWASP's cheat sheets about passwords and guessing, one test for each.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'
import { requiredServer } from './answers.ts'

const LIMITS = { failuresPerAccount: 3, failuresPerAddress: 5, signupsPerAddress: 2 }

describe('passwords', () => {
  test('ASVS 11.4.2, OWASP Password Storage: are kept as Argon2id of 19 MiB and two passes, with a salt of 128 bits each', async () => {
    const data = dataFolder()
    const { url } = await runningServer(data)
    for (const name of ['alice', 'bob']) await new Client(url).signUp(name)
    const database = new DatabaseSync(join(data, 'coatcheck.db'))
    const hashes = database
      .prepare('SELECT password_hash FROM accounts')
      .all()
      .map((row) => String(row['password_hash']))
    database.close()
    const salts = hashes.map((hash) => {
      const [, salt = '', output = ''] = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([\w+/]+)\$([\w+/]+)$/.exec(hash) ?? []
      expect(Buffer.from(output, 'base64')).toHaveLength(32)
      return salt
    })
    expect(salts.every((salt) => Buffer.from(salt, 'base64').length === 16)).toBe(true)
    expect(new Set(salts).size).toBe(2)
  })

  test('ASVS 6.2.8: are compared as they are: no cut, no change of case, no trimming', async () => {
    const client = new Client((await runningServer()).url)
    const password = ` ${'Ab1!'.repeat(31)} `
    await client.signUp('alice', password)
    for (const other of [password.trim(), password.toLowerCase(), password.slice(0, 72), `${password} `]) {
      expect(await client.signIn('alice', other)).toMatch(/^401 /)
    }
    expect(await client.signIn('alice', password)).toBe('303 → /dashboard')
  })

  test('ASVS 6.2.9: have 64 characters and more, up to 128, of any kind, without rules of composition', async () => {
    const client = new Client((await runningServer()).url)
    for (const [i, password] of [
      Array.from({ length: 64 }, (_, i) => String.fromCharCode(97 + ((i * i) % 26))).join(''),
      Array.from({ length: 128 }, (_, i) => String.fromCodePoint(0x1f400 + ((i * 7) % 60))).join(''),
      ' a  b   c    d ',
      'ä€\u0000\t 한 und 漢字 auch',
    ].entries()) {
      expect(await client.signUp(`user-${i}`, password)).toBe('303 → /login?welcome')
      expect(await client.signIn(`user-${i}`, password)).toBe('303 → /dashboard')
      await client.post('/logout')
    }
  })

  test('NIST SP 800-63B-4 3.1.1.2: have 15 characters at least, which is said before one types', async () => {
    const client = new Client((await runningServer()).url)
    expect(await client.seen(client.get('/signup'))).toContain('15 to 128 characters')
    expect(await client.signUp('alice', 'abcdefgh jklmn')).toMatch(/^400 /)
    expect(await client.signUp('alice', 'abcdefgh jklmno')).toBe('303 → /login?welcome')
  })

  test('NIST SP 800-63B-4 3.1.1.2: are the same however a keyboard composes their letters', async () => {
    const client = new Client((await runningServer()).url)
    await client.signUp('alice', 'caf\u00e9 in the morning')
    expect(await client.signIn('alice', 'cafe\u0301 in the morning')).toBe('303 → /dashboard')
  })
})

describe('guessing', () => {
  const pages = {
    'at the sign-in': (client: Client) => client.post('/login', { username: 'alice', password: 'wrong' }),
    'at the sign-in of the API': (client: Client) =>
      client.request('/api/sign-in', {
        method: 'POST',
        body: JSON.stringify({ username: 'alice', password: 'wrong' }),
        headers: { 'content-type': 'application/json' },
      }),
    'of the own password': (client: Client) => client.post('/reauth', { password: 'wrong' }),
    'of the code of the first administrator': (client: Client) =>
      client.post('/setup', { code: 'guess', username: 'mallory', password: PASSWORD }),
  }

  test.each(Object.entries(pages))('ASVS 6.3.1: %s is stopped, and one is told when to come back', async (_, guess) => {
    const { alice } = await requiredServer({ limits: LIMITS })
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) {
      const answer = await guess(alice)
      statuses.push(answer.status)
      if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(statuses[0]).toBeLessThan(404)
    expect(statuses.at(-1)).toBe(429)
  })

  test('ASVS 2.4.1: accounts are not made by the thousand', async () => {
    const { base } = await requiredServer({ limits: LIMITS })
    const client = new Client(base)
    expect(await client.signUp('bob')).toBe('303 → /login?welcome')
    expect(await client.signUp('carol')).toMatch(/^429 /)
  })

  test('ASVS 4.1.3: another address that the client names makes no fresh start', async () => {
    const { base } = await requiredServer({ limits: LIMITS })
    const answers: number[] = []
    for (let i = 0; i <= LIMITS.failuresPerAddress; i++) {
      const forged = {
        'x-forwarded-for': `203.0.113.${i}`,
        'x-real-ip': `203.0.113.${i}`,
        forwarded: `for=203.0.113.${i}`,
      }
      answers.push((await new Client(base).post('/login', { username: `name-${i}`, password: 'wrong' }, forged)).status)
    }
    expect(answers).toEqual([401, 401, 401, 401, 401, 429])
  })

  test('ASVS 6.3.8: a name that nobody has is answered as a wrong password is, by the same work', async () => {
    const work: (string | null)[] = []
    const { url } = await runningServer(dataFolder(), {
      around: ({ passwords }) => ({
        passwords: {
          ...passwords,
          async verify(password, hash, by) {
            work.push(hash === null ? null : 'a hash')
            return await passwords.verify(password, hash, by)
          },
        },
      }),
    })
    const client = new Client(url)
    await client.signUp('alice')
    const answers: unknown[] = []
    // The cookie of forms, so that neither answer sets it.
    await client.get('/login')
    for (const username of ['alice', 'nobo1']) {
      const page = await client.post('/login', { username, password: 'wrong' })
      const headers = [...page.headers].filter(([name]) => name !== 'date')
      const text = (await page.text()).replaceAll(username, 'NAME').replace(/name="once" value="[\w-]{22}"/, 'ONCE')
      answers.push([page.status, headers, text.replaceAll(/\d+ms/g, '')])
      const body = JSON.stringify({ username, password: 'wrong' })
      const api = await client.request('/api/sign-in', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      answers.push([api.status, await api.text()])
    }
    expect(answers.slice(0, 2)).toEqual(answers.slice(2))
    expect(work).toEqual(['a hash', 'a hash', null, null])
  })

  test('ASVS 6.6.3: a code of set-up has 256 bits, is hashed at rest, counts once and not for long', async () => {
    const data = dataFolder()
    const { url, services } = await runningServer(data)
    const code = await services.codes.issue('setup', { accountId: null, subject: null })
    expect(Buffer.from(code, 'base64url')).toHaveLength(32)
    const database = new DatabaseSync(join(data, 'coatcheck.db'), { timeout: 1_000 })
    const row = () => database.prepare('SELECT * FROM codes').all()
    expect(JSON.stringify(row())).not.toContain(code)
    expect(Number(row()[0]?.['expires_at']) - Date.now()).toBeLessThanOrEqual(30 * 60_000)
    database.exec('UPDATE codes SET expires_at = expires_at - 1800000')
    const client = new Client(url)
    const given = { code, username: 'boss', password: PASSWORD }
    expect(await client.seen(client.post('/setup', given))).toMatch(/^403 /)
    database.exec('UPDATE codes SET expires_at = expires_at + 1800000')
    database.close()
    expect(await client.seen(client.post('/setup', given))).toBe('303 → /dashboard')
    expect(await client.seen(client.post('/setup', { ...given, username: 'another' }))).toMatch(/^404 /)
  })
})
