import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { Client, dataFolder, runningServer, testConfig } from '../running.ts'

describe('settings', () => {
  it('have safe defaults: this machine only', () => {
    expect(readConfig({})).toMatchObject({ port: 3000, host: '127.0.0.1' })
    expect(readConfig({ PORT: '', HOST: '' })).toMatchObject({ port: 3000, host: '127.0.0.1' })
  })

  it.each([
    [{ PORT: 'abc' }, /^PORT .*PORT=3000/],
    [{ PORT: '65536' }, /^PORT /],
    [{ PORT: '-1' }, /^PORT /],
    [{ HOST: 'a b' }, /^HOST .*HOST=127\.0\.0\.1/],
    [{ COATCHECK_ORIGIN: 'example.org' }, /^COATCHECK_ORIGIN .*COATCHECK_ORIGIN=https:\/\/example\.org/],
    [{ COATCHECK_ORIGIN: 'https://example.org/' }, /^COATCHECK_ORIGIN /],
    [{ COATCHECK_ORIGIN: 'ftp://example.org' }, /^COATCHECK_ORIGIN /],
    [{ COATCHECK_ORIGIN: 'http://example.org' }, /^COATCHECK_ORIGIN /],
    [{ COATCHECK_ORIGIN: 'https://*.example.org' }, /^COATCHECK_ORIGIN /],
    [
      { COATCHECK_TRUSTED_ORIGINS: 'https://*.example.org' },
      /^COATCHECK_TRUSTED_ORIGINS .*=https:\/\/shop\.example\.org/,
    ],
    [{ COATCHECK_TRUSTED_ORIGINS: '*' }, /^COATCHECK_TRUSTED_ORIGINS /],
    [{ COATCHECK_TRUSTED_ORIGINS: 'https://a.example/' }, /^COATCHECK_TRUSTED_ORIGINS /],
    [{ COATCHECK_TRUSTED_ORIGINS: 'https://a.example/path' }, /^COATCHECK_TRUSTED_ORIGINS /],
    [{ COATCHECK_TRUSTED_ORIGINS: 'https://a.example,' }, /^COATCHECK_TRUSTED_ORIGINS /],
    [{ COATCHECK_TRUSTED_ORIGINS: 'https://a.example,http://b.example' }, /^COATCHECK_TRUSTED_ORIGINS /],
    [{ COATCHECK_TRUSTED_ORIGINS: 'null' }, /^COATCHECK_TRUSTED_ORIGINS /],
    [{ COATCHECK_IDEL: '3s' }, /^COATCHECK_IDEL is no setting: the settings are .*COATCHECK_IDLE/],
    [{ COATCHECK_SINGUP: 'open' }, /^COATCHECK_SINGUP is no setting: .* Did you mean COATCHECK_SIGNUP\?$/],
    [{ COATCHECK_SIGN_UP: 'open' }, / Did you mean COATCHECK_SIGNUP\?$/],
    [{ COATCHECK_PROT: '80' }, / Did you mean PORT\?$/],
    [{ COATCHECK_XYZXYZXYZ: '80' }, /COATCHECK_CHANGES_PER_ACCOUNT\.$/],
    [{ COATCHECK_GATE_RULES: '/a=role:pirate' }, /^There is no role pirate\. COATCHECK_GATE_RULES /],
    [{ COATCHECK_SMTP_URL: 'mail.example.org' }, /^COATCHECK_SMTP_URL .*=smtps:\/\/name:password@mail\.example\.org/],
    [{ COATCHECK_SMTP_URL: 'https://mail.example.org' }, /^COATCHECK_SMTP_URL /],
    [{ COATCHECK_SMTP_URL: 'smtp://' }, /^COATCHECK_SMTP_URL /],
    [{ COATCHECK_SMTP_URL: 'smtp://a:%zz@mail.example.org' }, /^COATCHECK_SMTP_URL /],
    [{ COATCHECK_SMTP_URL: 'smtp://a:b#c@mail.example.org' }, /^COATCHECK_SMTP_URL /],
    [{ COATCHECK_SMTP_URL: 'smtp://mail.example.org?secure=no' }, /^COATCHECK_SMTP_URL /],
    [{ COATCHECK_MAIL_FROM: 'Coats <a@example.org>' }, /^COATCHECK_MAIL_FROM .*=accounts@example\.org/],
  ])('%j is refused in a sentence with an example', (environment, message) => {
    expect(() => readConfig(environment)).toThrow(message)
  })
})

describe('a start that cannot be', () => {
  it('a taken port: says so and names another one', async () => {
    const { url } = await runningServer()
    const port = Number(new URL(url).port)
    const starting = startServer(testConfig(dataFolder(), { port }))
    await expect(starting).rejects.toThrow(
      `Port ${port} is taken: stop what uses it, or choose another one with PORT=${port + 1}.`,
    )
  })

  it.each([
    [{ COATCHECK_IDLE: '30h' }, 'at most 12h, which COATCHECK_ABSOLUTE is by default'],
    [{ COATCHECK_IDLE: '30h', COATCHECK_ABSOLUTE: '20h' }, 'at most 20h, which COATCHECK_ABSOLUTE is'],
    [
      { COATCHECK_IDLE: '30h', COATCHECK_POLICY: 'aal3' },
      'at most 12h, which COATCHECK_ABSOLUTE is by COATCHECK_POLICY=aal3',
    ],
  ])('%j: names the other timeout and how long it is', async (environment, limit) => {
    const { timeouts } = readConfig(environment)
    await expect(startServer(testConfig(dataFolder(), { timeouts }))).rejects.toThrow(
      `COATCHECK_IDLE cannot be used: set it to ${limit}, or set COATCHECK_ABSOLUTE to more.`,
    )
  })

  it('a database of a newer version: is left alone', async () => {
    const data = folderWith((path) => {
      const database = new DatabaseSync(join(path, 'coatcheck.db'))
      database.exec('CREATE TABLE accounts_schema (version INTEGER NOT NULL); INSERT INTO accounts_schema VALUES (99)')
      database.close()
    })
    await expect(starting(data)).rejects.toThrow(/made by a newer Coatcheck/)
  })
})

/** A data folder in which something has been put. */
function folderWith(put: (path: string) => void): string {
  const data = dataFolder()
  mkdirSync(data, { recursive: true })
  put(data)
  return data
}

const starting = (data: string) => startServer(testConfig(data))

/** Makes a database as a server leaves it, and changes it. */
async function afterwards(change: (database: DatabaseSync) => void): Promise<string> {
  const data = dataFolder()
  await (await starting(data)).stop()
  const database = new DatabaseSync(join(data, 'coatcheck.db'))
  change(database)
  database.close()
  return data
}

describe('a data folder that cannot be used: a sentence says what is wrong, where, and what to do', () => {
  const DATABASE: readonly (readonly [string, () => string | Promise<string>, RegExp])[] = [
    [
      'garbage instead of a database',
      () => folderWith((path) => writeFileSync(join(path, 'coatcheck.db'), 'garbage '.repeat(1000))),
      /is no SQLite database: restore it from a backup/,
    ],
    [
      'a database that is cut off',
      async () => {
        const data = await afterwards(() => undefined)
        truncateSync(join(data, 'coatcheck.db'), 5000)
        return data
      },
      /is damaged: restore it from a backup/,
    ],
    [
      'a folder instead of a database',
      () => folderWith((path) => mkdirSync(join(path, 'coatcheck.db'))),
      /is a folder: move it away/,
    ],
    [
      "a database of something else, with a table 'accounts'",
      () =>
        folderWith((path) => {
          const database = new DatabaseSync(join(path, 'coatcheck.db'))
          database.exec('CREATE TABLE accounts (iban TEXT)')
          database.close()
        }),
      /has tables that are not Coatcheck's \(.*accounts.*\): move it away/,
    ],
    [
      'sessions of a newer version',
      () => afterwards((database) => database.exec('INSERT INTO coatcheck_schema (version) VALUES (99)')),
      /cannot be used for sessions: .*newer Coatcheck \(schema 99.*update it here too, or name/,
    ],
    [
      'tables that lack a column',
      () => afterwards((database) => database.exec('ALTER TABLE coatcheck_sessions DROP COLUMN label')),
      /has tables that are not Coatcheck's \(.*label.*\)/,
    ],
  ]

  it.each(DATABASE)('%s', async (_, make, message) => {
    const data = await make()
    const refusal: unknown = await starting(data).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(refusal).toMatchObject({ message: expect.stringMatching(message) })
    expect(refusal).toMatchObject({ message: expect.stringContaining(join(data, 'coatcheck.db')) })
    expect(refusal).toMatchObject({ message: expect.stringContaining('COATCHECK_DATA') })
  })

  const KEYS: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ['an emptied key file', (path) => writeFileSync(path, ' \n'), /is empty: restore it/],
    ['a key that is too short', (path) => writeFileSync(path, 'hunter2\n'), /key 1 is shorter than 32 characters/],
    ['a placeholder', (path) => writeFileSync(path, 'a'.repeat(40)), /key 1 looks like a placeholder/],
    ['a key twice', (path) => writeFileSync(path, `${KEY}\n${KEY}\n`), /key 2 is listed twice/],
    ['bytes that are no text', (path) => writeFileSync(path, new Uint8Array(64).fill(0xfe)), /is damaged/],
    ['zeros, as a crash leaves them', (path) => writeFileSync(path, new Uint8Array(64)), /is damaged/],
    ['a folder', (path) => mkdirSync(path), /is no file: put the keys into one/],
  ]
  const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789'

  it.each(KEYS)('keys: %s', async (_, put, message) => {
    const path = folderWith((folder) => put(join(folder, 'keys')))
    const refusal: unknown = await starting(path).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(refusal).toMatchObject({ message: expect.stringMatching(message) })
    expect(refusal).toMatchObject({ message: expect.stringContaining(join(path, 'keys')) })
    expect(String(refusal)).not.toMatch(/hunter2|abcdefghij/)
  })

  const FOLDERS: readonly (readonly [string, () => string, RegExp])[] = [
    ['a plain file', () => plainFile(), /data is a file: name a folder with COATCHECK_DATA=/],
    ['below a file', () => join(plainFile(), 'a', 'b'), / lies below a file: name a folder with COATCHECK_DATA=/],
    // Node's own way of making folders tries for ever here.
    ['below /proc', () => '/proc/x/y', /The folder \/proc\/x\/y cannot be used \(E[A-Z]+\): .*COATCHECK_DATA=/],
  ]

  it.each(FOLDERS)('the folder: %s', async (_, make, message) => {
    const refusal: unknown = await starting(make()).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(refusal).toMatchObject({ message: expect.stringMatching(message) })
  })
})

function plainFile(): string {
  const path = dataFolder()
  writeFileSync(path, 'a file')
  return path
}

describe('the data folder', () => {
  it("is its owner's alone", async () => {
    const data = dataFolder()
    await runningServer(data)
    expect(statSync(data).mode & 0o777).toBe(0o700)
    expect(statSync(join(data, 'keys')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(data, 'keys'), 'utf8')).toMatch(/^[\w-]{43}\n$/)
    expect(dirname(join(data, 'keys'))).toBe(data)
  })
})

describe('accounts in a file of their own', () => {
  const keysOf = (data: string) => readFileSync(join(data, 'keys'), 'utf8')

  it('are there, for their owner alone, and the data folder has the keys', async () => {
    const [data, elsewhere] = [dataFolder(), dataFolder()]
    mkdirSync(elsewhere)
    const accountsFile = join(elsewhere, 'accounts.db')
    const client = new Client((await runningServer(data, { accountsFile })).url)
    await client.signUp('alice')
    expect(await client.signIn('alice')).toBe('303 → /dashboard')
    expect(readdirSync(data)).toEqual(['keys'])
    expect((statSync(accountsFile).mode & 0o777).toString(8)).toBe('600')
  })

  it('and sessions of servers with keys of their own: the second one is refused', async () => {
    const [one, other, elsewhere] = [dataFolder(), dataFolder(), dataFolder()]
    mkdirSync(elsewhere)
    const settings = { accountsFile: join(elsewhere, 'accounts.db') }
    await runningServer(one, settings)
    await expect(startServer(testConfig(other, settings))).rejects.toThrow(/Other servers .* copy the key file/)
    writeFileSync(join(other, 'keys'), keysOf(one))
    await runningServer(other, settings)
  })
})
