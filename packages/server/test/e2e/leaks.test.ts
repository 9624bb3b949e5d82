import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { Search } from '../../../coatcheck/test/leaks/search.ts'
import { Client, dataFolder } from '../running.ts'
import { coatcheck } from './command.ts'
import { startProcess } from './process.ts'
import { RecordedClient, Recording } from './recording.ts'

const FILES = ['coatcheck.db', 'coatcheck.db-wal', 'coatcheck.db-shm']

/** A text that means the same in a form, in JSON, in HTML and in a URL. */
const madeUp = () => randomBytes(24).toString('base64url')

/** Where any of the secrets stands, with what of it. */
function found(search: Search, recording: Recording, data: string): readonly string[] {
  // Read by another process: closing a file here would take away the locks that SQLite holds on it for our connections.
  const files = FILES.map((name) => [name, execFileSync('cat', [join(data, name)], { maxBuffer: 2 ** 28 })] as const)
  return [...recording.places, ...files].flatMap(([place, bytes]) =>
    search.in(bytes).map((what) => `${place}: ${what}`),
  )
}

/** The banner prints the code of the first administrator on purpose; all else of the output counts. */
function withoutSetupLine(output: string): string {
  const lines = output.split('\n').filter((line) => !/^ {4}Admin {3}http:\S+\/setup\?code=[\w-]{43}$/.test(line))
  expect(output.split('\n').length - lines.length).toBe(1)
  return lines.join('\n')
}

it('a whole walk leaves no token, password, code or key in pages, answers, headers, logs or the database', async () => {
  const data = dataFolder()
  const [search, recording] = [new Search(), new Recording()]
  const environment = { PORT: '0', COATCHECK_DATA: data, COATCHECK_LOG: 'debug', COATCHECK_FAILURES_PER_ACCOUNT: '9' }
  const server = await startProcess(environment)
  const database = new DatabaseSync(join(data, 'coatcheck.db'))
  onTestFinished(() => database.close())
  // A reader that stands still, so that all that is ever written stays in the log of the database.
  const reader = new DatabaseSync(join(data, 'coatcheck.db'))
  onTestFinished(() => reader.close())
  reader.exec('BEGIN; SELECT count(*) FROM accounts')

  const [password, wrong, another] = [madeUp(), madeUp(), madeUp()]
  const code = /setup\?code=([\w-]{43})/.exec(server.output())?.[1] ?? ''
  const key = readFileSync(join(data, 'keys'), 'utf8').trim()
  for (const secret of [password, wrong, another, code, key]) search.addText(secret)
  for (const secret of [code, key]) search.addSecret(secret)
  const person = (headers = {}) => new RecordedClient(server.url, recording, search, headers)
  const [desk, phone, program, nobody] = [person(), person({ 'accept-language': 'de' }), person(), person()]

  // The first administrator; of the page with the code in its own address only that it has nothing else.
  const page = await new Client(server.url).get(`/setup?code=${code}`)
  expect(search.in(Buffer.from(await page.text())).every((what) => what.startsWith(code))).toBe(true)
  for (const made of ['a guess', code]) await nobody.post('/setup', { code: made, username: 'boss', password: another })
  await nobody.get('/setup')
  // Whoever makes the first administrator is signed in.
  await nobody.post('/logout')

  // Accounts, right and wrong passwords, by pages and by the API.
  const alice = { username: 'alice', password }
  for (const given of [alice, alice, { username: 'root', password }, { username: 'b', password: wrong.slice(0, 14) }]) {
    await desk.post('/signup', given)
    await program.json('POST', 'sign-up', given)
  }
  for (const given of [{ ...alice, password: wrong }, { username: 'nobody-there', password }, alice]) {
    await desk.post('/login', given)
    await phone.post('/login', given)
    await program.json('POST', 'sign-in', given)
  }
  for (const client of [desk, phone]) {
    await client.post('/reauth', { password: wrong })
    await client.post('/reauth', { password, next: '/account/sessions' })
    await client.post('/account/preferences', { theme: 'dark', language: 'de' })
  }
  await program.json('POST', 'reauthenticate', { password: wrong })
  await program.json('POST', 'reauthenticate', { password })
  await program.json('PUT', 'preferences', { theme: 'light', language: 'en' })
  await (await phone.get('/account/events')).body?.cancel()

  // Everything there is to read, and mistakes that hold secrets.
  const token = desk.cookies.get('sid') ?? ''
  expect(token).toMatch(/^cc1\./)
  const paths = [
    '',
    'login',
    'signup',
    'logout',
    'dashboard',
    'account/sessions',
    'account/preferences',
    'reauth',
    'setup',
    'nowhere',
  ]
  const apis = ['session', 'devices', 'preferences', 'openapi.json', 'sign-in', 'nothing']
  for (const client of [desk, phone, nobody]) {
    for (const path of paths) await client.get(`/${path}`)
    for (const path of paths) await client.get(`/${path}`, { accept: 'application/json' })
    for (const path of apis) await client.json('GET', path)
    await client.get('/gate', { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/any', 'x-coatcheck-user': token })
    await client.get('/gate', { authorization: `Bearer ${token}` })
  }
  await desk.get(`/dashboard?sid=${token}&password=${password}`)
  await desk.get('/dashboard', { authorization: `Bearer ${token}`, 'x-real-ip': token, accept: 'application/json' })
  await nobody.get('/dashboard', { cookie: `sid=${token}; sid=${token}x; vid=${token}` })
  for (const type of ['application/json', 'text/plain']) {
    const body = `{"username":"alice","password":"${password}","and":"${token}"`
    await program.request('/api/sign-in', { method: 'POST', body, headers: { 'content-type': type } })
  }
  await desk.post('/login', { ...alice, filling: 'x'.repeat(70_000) })
  await desk.post('/login', alice, { origin: 'https://evil.example' })

  // An outage, and a fault that nobody foresaw, while passwords are under way.
  database.exec('BEGIN IMMEDIATE')
  expect((await nobody.post('/login', alice)).status).toBe(503)
  expect((await program.json('PUT', 'preferences', { theme: null, language: null })).status).toBe(503)
  database.exec('ROLLBACK; ALTER TABLE accounts RENAME TO away')
  expect((await nobody.post('/login', alice)).status).toBe(500)
  expect((await program.json('POST', 'sign-in', alice)).status).toBe(500)
  database.exec('ALTER TABLE away RENAME TO accounts')

  // Endings, one by one, and what the command says.
  const ids = /sessions\/([\w-]{22})\/end/g
  const others = [...(await (await desk.get('/account/sessions')).text()).matchAll(ids)].map(([, id]) => id)
  await desk.post(`/account/sessions/${others.at(-1)}/end`)
  await desk.post('/account/sessions/end-others')
  await phone.get('/login')
  await phone.post('/login', alice)
  await phone.post('/logout')
  await program.json('POST', 'sign-in', alice)
  await program.json('POST', 'devices/end-all')
  await desk.get('/login')
  const commands = [
    ['add', 'carol'],
    ['add', 'dave'],
    ['role', 'alice', 'admin'],
    ['disable', 'alice'],
    ['list', '--json'],
  ]
  for (const args of commands) {
    const { out, err } = await coatcheck(
      data,
      ['users', ...args],
      args[1] === 'dave' ? `${wrong.slice(0, 14)}\n` : `${another}\n`,
    )
    recording.add('command', out + err)
  }

  // The search finds what is there: a secret in the place of a name is in each of the places.
  expect(desk.tokens + phone.tokens + program.tokens).toBe(8)
  recording.add('log', withoutSetupLine(server.output()))
  expect(server.output()).toMatch(/"level":"debug".*"path":"\/login","status":303/)
  expect(server.output()).toMatch(/"event":"accounts-failed"/)
  expect(server.output()).toMatch(/no such table/)
  expect(found(search, recording, data)).toEqual([])
  await nobody.post('/signup', { username: another, password })
  await nobody.post('/login', { username: another, password })
  await nobody.get('/dashboard')
  await nobody.json('GET', 'session')
  await nobody.get('/gate', { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/any' })
  await nobody.get(`/nowhere/${another}`)
  recording.add('command', (await coatcheck(data, ['users', 'list'])).out)
  expect(await server.end('SIGTERM')).toBe(0)
  recording.add('log', withoutSetupLine(server.output()))
  const planted = ['headers', 'pages', 'api', 'command', 'log', 'coatcheck.db-wal']
  expect(found(search, recording, data)).toEqual(planted.map((place) => `${place}: ${another} as raw`))
})
