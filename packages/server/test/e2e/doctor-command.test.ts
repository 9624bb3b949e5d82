import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, expect, it } from 'vitest'
import { certificateFor } from '../certificate.ts'
import { toEarlierSessions } from '../earlier-schema.ts'
import { coatcheck, startedFolder } from './command.ts'

interface Found {
  readonly check: string
  readonly state: 'well' | 'wrong'
  readonly found: string
  readonly remedy: string | null
}

type Settings = Readonly<Record<string, string>>

let data = ''
beforeEach(async () => {
  data = await startedFolder()
})

async function examined(settings: Settings = {}) {
  const { code, out, err } = await coatcheck(data, ['doctor', '--json'], '', settings)
  const all = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Found)
  return { code, err, all, wrong: all.filter(({ state }) => state === 'wrong') }
}

const database = () => join(data, 'coatcheck.db')

function sql(text: string): void {
  const opened = new DatabaseSync(database())
  opened.exec(text)
  opened.close()
}

/** When each file was written, but for the empty ones that SQLite puts beside a database that is read. */
const written = () =>
  readdirSync(data)
    .filter((name) => !/-(?:wal|shm)$/.test(name))
    .map((name) => [name, statSync(join(data, name)).mtimeMs])

it('a folder that is well is, and nothing in it is changed', async () => {
  const before = written()
  const { code, err, all, wrong } = await examined()
  expect([code, err, wrong]).toEqual([0, '', []])
  expect(all.map(({ check }) => check)).toEqual([
    'versions',
    'configuration',
    'origin',
    'proxy',
    'rights',
    'keys',
    'database',
    'journal',
    'log',
    'schema',
    'clock',
    'disk',
  ])
  expect(written()).toEqual(before)
  expect((await coatcheck(data, ['doctor'])).out).toMatch(/^versions\twell\tCoatcheck .*\t-\n/)
  expect((await coatcheck(data, ['doctor', '--fix'])).code).toBe(2)
})

it('finds a folder without data, and does not make it', async () => {
  const mistyped = join(dirname(data), 'typo')
  const findings = async () => (await examined({ COATCHECK_DATA: mistyped })).wrong
  const none = {
    check: 'folder',
    state: 'wrong',
    found: `There is no data in ${mistyped}.`,
    remedy: expect.stringMatching(/COATCHECK_DATA has to name the folder of the server.*first start/),
  }
  expect(await findings()).toEqual([none])
  expect(existsSync(mistyped)).toBe(false)
  mkdirSync(mistyped)
  expect(await findings()).toEqual([none])
})

const PLANTED: readonly (readonly [
  fault: string,
  plant: () => Settings | undefined,
  check: string,
  found: RegExp,
  remedy: RegExp,
])[] = [
  ['a setting that cannot be', () => ({ PORT: 'abc' }), 'configuration', /^PORT cannot be used/, /such as PORT=3000/],
  [
    'plain http for others',
    () => ({ HOST: '0.0.0.0' }),
    'origin',
    /keep no cookie/,
    /COATCHECK_ORIGIN=https:.*COATCHECK_TLS_CERT/,
  ],
  [
    'an origin of plain http',
    () => ({ COATCHECK_ORIGIN: 'http://example.org' }),
    'configuration',
    /^COATCHECK_ORIGIN cannot be used/,
    /COATCHECK_ORIGIN=https:/,
  ],
  [
    'a proxy that is not named',
    () => ({ COATCHECK_ORIGIN: 'https://example.org' }),
    'proxy',
    /one address/,
    /COATCHECK_TRUST_PROXY=1/,
  ],
  [
    'a certificate of another key',
    () => {
      const [cert, key] = [join(dirname(data), 'cert.pem'), join(dirname(data), 'key.pem')]
      writeFileSync(cert, certificateFor('example.org').cert)
      writeFileSync(key, certificateFor('example.org').key)
      return { COATCHECK_TLS_CERT: cert, COATCHECK_TLS_KEY: key }
    },
    'tls',
    /do not go together/,
    /a certificate and its own key/,
  ],
  [
    'a clock that is behind',
    () => {
      sql(`UPDATE accounts SET created_at = ${Date.now() + 3_600_000}`)
      return undefined
    },
    'clock',
    /something was written at/,
    /NTP/,
  ],
  [
    'a key file of the future',
    () => {
      const at = new Date(Date.now() + 3_600_000)
      utimesSync(join(data, 'keys'), at, at)
      return undefined
    },
    'clock',
    /something was written at/,
    /NTP/,
  ],
  [
    'keys that others read',
    () => {
      chmodSync(join(data, 'keys'), 0o644)
      return undefined
    },
    'rights',
    /Others may read or write .*keys/,
    /^chmod 600 /,
  ],
  [
    'a folder that everybody writes to',
    () => {
      chmodSync(data, 0o777)
      return undefined
    },
    'rights',
    /Everybody may write/,
    /^chmod o-w /,
  ],
  [
    'a folder that others read',
    () => {
      chmodSync(data, 0o755)
      return undefined
    },
    'rights',
    /^Others may look into /,
    /^chmod 700 /,
  ],
  [
    'a mail server that does not listen',
    () => ({ COATCHECK_ORIGIN: 'http://localhost:3000', COATCHECK_SMTP_URL: 'smtp://postman:hunter2@127.0.0.1:1' }),
    'mail',
    /^The mail server of COATCHECK_SMTP_URL, 127\.0\.0\.1:1, cannot be reached \(ECONNREFUSED\)\.$/,
    /COATCHECK_SMTP_URL/,
  ],
  [
    'a key that is too short',
    () => {
      writeFileSync(join(data, 'keys'), 'hunter2')
      return undefined
    },
    'keys',
    /key 1 is shorter than 32/,
    /Restore it/,
  ],
  [
    'an empty key file',
    () => {
      writeFileSync(join(data, 'keys'), '\n')
      return undefined
    },
    'keys',
    /is empty/,
    /Restore it/,
  ],
  [
    'a key file that is missing',
    () => {
      rmSync(join(data, 'keys'))
      return undefined
    },
    'keys',
    /^The key file .*keys is missing/,
    /^Restore it from a backup, or start the server/,
  ],
  [
    'a database that is cut off',
    () => {
      truncateSync(database(), 20_000)
      return undefined
    },
    'database',
    /is damaged/,
    /coatcheck restore/,
  ],
  [
    'no database',
    () => {
      writeFileSync(database(), 'garbage '.repeat(1_000))
      return undefined
    },
    'database',
    /is no SQLite database/,
    /restore it from a backup/,
  ],
  [
    'another journal mode',
    () => {
      sql('PRAGMA journal_mode = DELETE')
      return undefined
    },
    'journal',
    /journal mode delete/,
    /coatcheck migrate/,
  ],
  [
    'tables of an earlier version',
    () => {
      toEarlierSessions(database())
      return undefined
    },
    'schema',
    /of an earlier version/,
    /coatcheck migrate/,
  ],
  [
    'tables of a later version',
    () => {
      sql('UPDATE accounts_schema SET version = 99')
      return undefined
    },
    'schema',
    /of a newer Coatcheck/,
    /Use that version/,
  ],
  [
    'a restore that was broken off',
    () => {
      writeFileSync(`${database()}.restoring`, '', { mode: 0o600 })
      return undefined
    },
    'database',
    /broken off/,
    /coatcheck restore again/,
  ],
]

it.each(PLANTED)('finds %s, and names the remedy', async (_, plant, check, found, remedy) => {
  const { code, err, wrong } = await examined(plant())
  expect(wrong).toEqual([
    { check, state: 'wrong', found: expect.stringMatching(found), remedy: expect.stringMatching(remedy) },
  ])
  expect(code).toBe(1)
  expect(err).toMatch(/^1 of \d+ findings need something to be done\.\n$/)
})
