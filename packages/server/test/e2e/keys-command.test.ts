import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Client, dataFolder } from '../running.ts'
import { coatcheck, coatcheckJson, recorded, startedFolder } from './command.ts'
import { startProcess } from './process.ts'

interface Listed {
  readonly id: string
  readonly state: string
  readonly addedAt: string
  readonly newestAt: string | null
  readonly lastUsedAt: string | null
}

const listed = async (data: string) => (await coatcheckJson(data, ['keys', 'list'])) as readonly Listed[]

it('keys are listed, added, promoted and retired, and what cannot be is said', async () => {
  const data = await startedFolder()
  const [first] = await listed(data)
  expect(first).toEqual({
    id: expect.stringMatching(/^[\w-]{6}$/),
    state: 'newest',
    addedAt: expect.any(String),
    newestAt: expect.any(String),
    lastUsedAt: null,
    neededUntil: null,
  })
  const id = first?.id ?? ''
  expect((await coatcheck(data, ['keys', 'retire', id])).err).toMatch(/is the only one: add another one first/)
  const [added] = (await coatcheckJson(data, ['keys', 'add'])) as readonly Listed[]
  expect(added).toMatchObject({ state: 'free', lastUsedAt: null })
  const other = added?.id ?? ''
  expect(await coatcheck(data, ['keys', 'retire', id])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/^Key \S+ is the newest, .*promote another one first\. --force takes it away/),
  })
  expect((await coatcheck(data, ['keys', 'promote', other])).code).toBe(0)
  const [newest, needed] = await listed(data)
  expect([newest?.id, needed?.id, needed?.state]).toEqual([other, id, 'needed'])
  // However fast it was asked for: every server has looked at the file by then.
  expect(Date.parse(newest?.newestAt ?? '') - Date.parse(newest?.addedAt ?? '')).toBeGreaterThanOrEqual(5_000)
  const refusal = await coatcheck(data, ['keys', 'retire', id])
  expect(refusal.code).toBe(1)
  expect(refusal.err).toContain(`it was last used at ${needed?.lastUsedAt}, and sessions of then may live until `)
  expect(await coatcheckJson(data, ['keys', 'retire', id, '--force'])).toMatchObject([{ id: other, state: 'newest' }])
  for (const args of [
    ['promote', id],
    ['retire', id],
  ]) {
    expect(await coatcheck(data, ['keys', ...args])).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no key'),
    })
  }
  for (const args of [['list', 'x'], ['add', '--id'], ['promote'], ['retire']]) {
    expect((await coatcheck(data, ['keys', ...args])).code).toBe(2)
  }
  expect(recorded(data)).toEqual([
    ['account-created', 'command', { role: 'user' }],
    ['key-added', 'command', { keyId: other }],
    ['key-promoted', 'command', { keyId: other }],
    ['key-retired', 'command', { keyId: id, forced: true }],
  ])
  const { out, err } = await coatcheck(data, ['keys', 'list'])
  for (const key of readFileSync(join(data, 'keys'), 'utf8').trim().split('\n')) expect(out + err).not.toContain(key)
})

it('a server goes on with the keys it has where the file cannot be used', async () => {
  const data = dataFolder()
  const { url, output } = await startProcess({ PORT: '0', COATCHECK_DATA: data })
  const client = new Client(url)
  await client.signUp('alice')
  await client.signIn('alice')
  const keys = readFileSync(join(data, 'keys'), 'utf8')
  writeFileSync(join(data, 'keys'), 'hunter2\n')
  await expect.poll(output, { timeout: 10_000 }).toContain('key 1 is shorter than 32 characters')
  expect(output()).not.toContain('hunter2')
  expect(await client.seen(client.get('/dashboard'))).toMatch(/^200/)
  writeFileSync(join(data, 'keys'), `another-signing-key-0123456789-abcdefgh\n${keys}`)
  await expect.poll(output, { timeout: 10_000 }).toContain('Keys taken up: ')
  expect(await client.seen(client.get('/dashboard'))).toMatch(/^200/)
})

it('a key that is taken away by force signs out those who have tokens of it, and nobody else', async () => {
  const data = dataFolder()
  const { url, output } = await startProcess({ PORT: '0', COATCHECK_DATA: data })
  const [alice, bob] = [new Client(url), new Client(url)]
  const seenBy = async (client: Client) => (await client.seen(client.get('/dashboard'))).slice(0, 12)
  await alice.signUp('alice')
  await alice.signIn('alice')
  const [first] = await listed(data)
  const [added] = (await coatcheckJson(data, ['keys', 'add'])) as readonly Listed[]
  await coatcheckJson(data, ['keys', 'promote', added?.id ?? ''])
  await expect.poll(output, { timeout: 10_000 }).toContain(`Keys taken up: ${added?.id}, ${first?.id}`)
  await bob.signUp('bob')
  await bob.signIn('bob')
  expect((await coatcheck(data, ['keys', 'retire', first?.id ?? ''])).err).toMatch(/it was last used at \d{4}-/)
  expect([await seenBy(alice), await seenBy(bob)]).toEqual([
    expect.stringMatching(/^200/),
    expect.stringMatching(/^200/),
  ])
  await coatcheckJson(data, ['keys', 'retire', first?.id ?? '', '--force'])
  await expect.poll(output, { timeout: 10_000 }).toContain(`Keys taken up: ${added?.id}"`)
  expect(await seenBy(alice)).toBe('303 → /login')
  expect(await seenBy(bob)).toMatch(/^200/)
})

/** How long a session lives here, so that it outlives some rotations and its key is free soon after. */
const ABSOLUTE = 6_000
/** Between two requests of one visitor, in milliseconds: load enough, and the commands get their turn. */
const THINKING = 200

it('rotated five times under load in two processes, keys sign nobody out', { timeout: 300_000 }, async () => {
  const data = await startedFolder()
  const settings = { PORT: '0', COATCHECK_DATA: data, COATCHECK_ABSOLUTE: '6s' }
  const servers = [await startProcess(settings), await startProcess(settings)]
  const counts = { answers: 0, signIns: 0 }
  const wrong: string[] = []
  let isOver = false

  async function visitor(): Promise<void> {
    while (!isOver) {
      const client = new Client(servers[counts.signIns++ % 2]?.url ?? '')
      const sentAt = Date.now()
      const answer = await client.signIn('alice')
      if (answer !== '303 → /dashboard') wrong.push(`sign-in: ${answer.slice(0, 80)}`)
      for (let i = 0; !isOver; i++) {
        const seen = await client.seen(client.get(`${servers[i % 2]?.url}dashboard`))
        await pause(THINKING)
        counts.answers++
        if (seen.startsWith('200')) continue
        // The one reason for which a session may be over here: it has lived for as long as it may.
        if (seen !== '303 → /login' || Date.now() < sentAt + ABSOLUTE) wrong.push(seen.slice(0, 80))
        break
      }
    }
  }

  const visitors = [visitor(), visitor(), visitor(), visitor()]
  const [first] = await listed(data)
  const known = [first?.id ?? '']
  for (let rotation = 0; rotation < 5; rotation++) {
    const [added] = (await coatcheckJson(data, ['keys', 'add'])) as readonly Listed[]
    known.push(added?.id ?? '')
  }
  for (const [rotation, id] of known.slice(1).entries()) {
    await coatcheckJson(data, ['keys', 'promote', id])
    for (const { output } of servers) await expect.poll(output, { timeout: 30_000 }).toContain(`Keys taken up: ${id},`)
    const { code, err } = await coatcheck(data, ['keys', 'retire', known[rotation] ?? ''], '', settings)
    // On a machine that stands still for seconds it may be free by now.
    if (code !== 0) expect(err).toMatch(/may be in use: it was last used at \d{4}-/)
  }
  for (const id of known.slice(0, 5)) {
    await expect
      .poll(async () => (await coatcheck(data, ['keys', 'retire', id], '', settings)).err, {
        timeout: 30_000,
        interval: 500,
      })
      .toMatch(/^$|There is no key/)
  }
  expect((await listed(data)).map(({ id }) => id)).toEqual(known.slice(5))
  isOver = true
  await Promise.all(visitors)
  expect(wrong).toEqual([])
  expect(counts.answers).toBeGreaterThan(200)
  expect(counts.signIns).toBeGreaterThan(4)
  for (const { output } of servers) expect(output()).not.toMatch(/"level":"error"|keys-refused|failed/)
})
