import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD } from '../running.ts'
import { coatcheck, coatcheckJson, recorded, startedFolder } from './command.ts'
import { startProcess } from './process.ts'

/** The test's knowledge of one session: when things were asked for and acknowledged, as a row of moments. */
interface Visit {
  readonly client: Client
  readonly askedAt: number
  signedInAt: number | null
  leavingAt: number | null
  leftAt: number | null
}

it('a backup taken under load restores exactly the sessions that were acknowledged before it', async () => {
  const data = dataFolder()
  const limits = { COATCHECK_FAILURES_PER_ADDRESS: '100000', COATCHECK_SIGN_INS_PER_ACCOUNT: '100000' }
  const server = await startProcess({ PORT: '0', COATCHECK_DATA: data, ...limits })
  const names = ['alice', 'bob', 'carol', 'dave']
  for (const name of names) await new Client(server.url).signUp(name)
  const visits: Visit[] = []
  let isOver = false

  async function visitor(name: string): Promise<void> {
    for (let i = 0; !isOver; i++) {
      const visit: Visit = {
        client: new Client(server.url),
        askedAt: performance.now(),
        signedInAt: null,
        leavingAt: null,
        leftAt: null,
      }
      visits.push(visit)
      expect(await visit.client.signIn(name)).toBe('303 → /dashboard')
      visit.signedInAt = performance.now()
      await visit.client.get('/dashboard')
      if (i % 2 === 1) continue
      // The cookie is kept, as a thief would, to see whether it counts.
      const { leaving, cookies } = { leaving: visit.client, cookies: new Map(visit.client.cookies) }
      visit.leavingAt = performance.now()
      await leaving.post('/logout')
      visit.leftAt = performance.now()
      for (const [key, value] of cookies) visit.client.cookies.set(key, value)
    }
  }

  const visitors = names.map(visitor)
  await expect.poll(() => visits.length, { timeout: 60_000 }).toBeGreaterThan(40)
  const copy = join(dirname(data), 'copy.db')
  const before = visits.length
  const began = performance.now()
  const [made] = await coatcheckJson(data, ['backup', copy, '--with-keys'])
  const done = performance.now()
  expect(made).toEqual({ file: copy, bytes: statSync(copy).size, keys: `${copy}.keys` })
  // As many again as came during the backup, so that those in doubt are fewer than the rest, however long it took.
  const after = visits.length
  await expect.poll(() => visits.length, { timeout: 60_000 }).toBeGreaterThan(after + (after - before) + 20)
  isOver = true
  await Promise.all(visitors)
  expect(statSync(copy).mode & 0o777).toBe(0o600)
  expect(statSync(`${copy}.keys`).mode & 0o777).toBe(0o600)
  expect(readdirSync(dirname(copy)).filter((name) => name.startsWith('copy.db'))).toEqual(['copy.db', 'copy.db.keys'])

  const elsewhere = dataFolder()
  mkdirSync(elsewhere)
  const restoring = ['restore', copy, '--with-keys', '--keep-sessions', '--yes']
  expect(await coatcheckJson(elsewhere, restoring)).toMatchObject([{ keys: 1, ended: null }])
  const restored = await startProcess({ PORT: '0', COATCHECK_DATA: elsewhere })
  const counts = { alive: 0, over: 0, either: 0 }
  for (const { client, askedAt, signedInAt, leavingAt, leftAt } of visits) {
    const isAlive = (await client.seen(client.get(`${restored.url}dashboard`))).startsWith('200')
    if ((signedInAt ?? done) < began && (leavingAt ?? done) >= done) {
      expect(isAlive).toBe(true)
      counts.alive++
    } else if (askedAt >= done || (leftAt ?? began) < began) {
      expect(isAlive).toBe(false)
      counts.over++
    } else {
      counts.either++
    }
  }
  expect(counts.alive).toBeGreaterThan(5)
  expect(counts.over).toBeGreaterThan(20)
  expect(counts.either).toBeLessThan(visits.length / 2)
})

it('a restore ends all sessions of the backup, so that none comes back that had ended since, and their holders are told', async () => {
  const data = dataFolder()
  const server = await startProcess({ PORT: '0', COATCHECK_DATA: data })
  const [left, stayed] = [new Client(server.url), new Client(server.url)]
  await left.signUp('alice')
  for (const client of [left, stayed]) expect(await client.signIn('alice')).toBe('303 → /dashboard')
  const copy = join(dirname(data), 'copy.db')
  await coatcheckJson(data, ['backup', copy])
  // The cookie is kept, as a thief would.
  const cookies = new Map(left.cookies)
  await left.post('/logout')
  await server.end('SIGTERM')
  expect(await coatcheckJson(data, ['restore', copy, '--yes'])).toMatchObject([{ ended: 2 }])
  expect(readdirSync(data).filter((name) => /[0-9a-f]{12}/.test(name))).toEqual([])
  const again = await startProcess({ PORT: '0', COATCHECK_DATA: data })
  for (const [name, value] of cookies) left.cookies.set(name, value)
  for (const client of [left, stayed]) {
    expect(await client.seen(client.get(`${again.url}dashboard`))).toBe('303 → /login')
    expect(await client.seen(client.get(`${again.url}login`))).toContain('an administrator ended this session')
  }
  await again.end('SIGTERM')
  const kept = await coatcheck(data, ['restore', copy, '--keep-sessions', '--yes'])
  expect([kept.code, kept.err]).toEqual([0, expect.stringContaining('are alive again')])
})

it('the audit log has who made a backup, and the restored one who restored it', async () => {
  const data = await startedFolder()
  const copy = join(dirname(data), 'copy.db')
  await coatcheckJson(data, ['backup', copy, '--with-keys'])
  expect(recorded(data).slice(1)).toEqual([['backed-up', 'command', { file: copy, withKeys: true }]])
  await coatcheckJson(data, ['restore', copy, '--with-keys', '--yes'])
  expect(recorded(data).slice(1)).toEqual([['backup-restored', 'command', { file: copy, keys: 1, ended: 0 }]])
})

it('restoring is refused while a server runs, and keeps the database of before', async () => {
  const data = await startedFolder()
  const copy = join(dirname(data), 'copy.db')
  await coatcheckJson(data, ['backup', copy])
  await coatcheckJson(data, ['users', 'add', 'bob'], `${PASSWORD}\n`)
  const server = await startProcess({ PORT: '0', COATCHECK_DATA: data })
  expect(await coatcheck(data, ['restore', copy, '--yes'])).toEqual({
    code: 1,
    out: '',
    err: 'A server, or another program, has the database open: stop it first.\n',
  })
  await server.end('SIGKILL')
  expect((await coatcheck(data, ['restore', copy])).code).toBe(2)
  expect(await coatcheckJson(data, ['users', 'list'])).toHaveLength(2)
  const before = join(data, 'coatcheck.db.before-restore')
  expect(await coatcheckJson(data, ['restore', copy, '--yes'])).toEqual([{ restored: copy, before, keys: 0, ended: 0 }])
  expect(await coatcheckJson(data, ['users', 'list'])).toMatchObject([{ name: 'alice' }])
  expect(await coatcheckJson(data, ['restore', before, '--yes'])).toEqual([
    { restored: before, before: `${before}-2`, keys: 0, ended: 0 },
  ])
  expect(await coatcheckJson(data, ['users', 'list'])).toHaveLength(2)
  expect(readdirSync(data).filter((name) => /restoring|[0-9a-f]{12}/.test(name))).toEqual([])
})

it('what cannot be copied or restored is said in a sentence, and nothing is changed', async () => {
  const data = await startedFolder()
  const folder = dirname(data)
  const copy = join(folder, 'copy.db')
  await coatcheckJson(data, ['backup', copy])
  expect(await coatcheck(data, ['backup', copy])).toMatchObject({
    code: 1,
    err: `${copy} is there already: name another file.\n`,
  })
  const nowhere = join(folder, 'no-folder', 'copy.db')
  expect(await coatcheck(data, ['backup', nowhere])).toMatchObject({
    code: 1,
    err: `${nowhere} cannot be used (ENOENT).\n`,
  })
  expect((await coatcheck(data, ['backup'])).code).toBe(2)
  expect(await coatcheck(join(folder, 'new'), ['backup', join(folder, 'new.db')])).toMatchObject({
    code: 1,
    err: expect.stringContaining(`There is no data in ${join(folder, 'new')}. COATCHECK_DATA has to name`),
  })
  expect(await coatcheck(join(folder, 'new'), ['restore', copy, '--yes'])).toMatchObject({
    code: 1,
    err: expect.stringContaining(`There is no folder ${join(folder, 'new')}. COATCHECK_DATA has to name`),
  })
  expect(existsSync(join(folder, 'new'))).toBe(false)
  const bad = (name: string, change: (path: string) => void) => {
    const path = join(folder, name)
    writeFileSync(path, readFileSync(copy))
    change(path)
    return path
  }
  const sql = (text: string) => (path: string) => {
    const database = new DatabaseSync(path)
    database.exec(text)
    database.close()
  }
  for (const [path, message] of [
    [join(folder, 'gone.db'), 'is not there.'],
    [bad('text.db', (file) => writeFileSync(file, 'garbage '.repeat(1_000))), 'is no SQLite database.'],
    [bad('short.db', (file) => truncateSync(file, 20_000)), 'is damaged: '],
    [bad('other.db', sql('DROP TABLE accounts_schema')), 'holds no accounts of Coatcheck.'],
    [
      bad('newer.db', sql('UPDATE accounts_schema SET version = 99')),
      'was made by a newer Coatcheck: restore it with that one.',
    ],
  ] as const) {
    const { code, err } = await coatcheck(data, ['restore', path, '--yes'])
    expect([code, err]).toEqual([1, expect.stringContaining(`${path} ${message}`)])
  }
  expect(await coatcheck(data, ['restore', copy, '--with-keys', '--yes'])).toMatchObject({
    code: 1,
    err: `${copy}.keys cannot be used (ENOENT).\n`,
  })
  expect(await coatcheckJson(data, ['users', 'list'])).toHaveLength(1)
  expect(existsSync(join(data, 'coatcheck.db.before-restore'))).toBe(false)
})

it('a restore that was broken off keeps servers from starting until it is done again', async () => {
  const data = await startedFolder()
  const copy = join(dirname(data), 'copy.db')
  await coatcheckJson(data, ['backup', copy])
  writeFileSync(join(data, 'coatcheck.db.restoring'), '')
  const { code, err } = await coatcheck(data, ['serve'])
  expect([code, err]).toEqual([1, expect.stringContaining('run coatcheck restore again')])
  expect(await coatcheckJson(data, ['restore', copy, '--yes'])).toHaveLength(1)
  expect(await coatcheckJson(data, ['users', 'list'])).toMatchObject([{ name: 'alice' }])
})
