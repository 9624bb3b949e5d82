import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { Client, PASSWORD } from '../running.ts'
import { coatcheck, coatcheckJson, startedFolder } from './command.ts'
import { startProcess } from './process.ts'

const NEW = 'another horse battery'

async function withAlice() {
  const data = await startedFolder()
  const { url } = await startProcess({ PORT: '0', COATCHECK_DATA: data })
  const signedIn = async (password = PASSWORD) => {
    const client = new Client(url, {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    })
    expect(await client.signIn('alice', password)).toBe('303 → /dashboard')
    return client
  }
  return { data, url, signedIn }
}

const isIn = async (client: Client) => (await client.seen(client.get('/dashboard'))).startsWith('200')

it('sessions are listed, shown, ended one by one and all at once, while a server runs', async () => {
  const { data, signedIn } = await withAlice()
  const clients = [await signedIn(), await signedIn(), await signedIn()] as const
  const list = await coatcheckJson(data, ['sessions', 'list', 'ALICE'])
  expect(list).toHaveLength(3)
  expect(list[0]).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    device: 'Firefox on Linux',
    address: '127.0.0.1',
    createdAt: expect.any(String),
    lastSeenAt: expect.any(String),
    endsAt: expect.any(String),
  })
  expect((await coatcheck(data, ['sessions', 'list', 'alice'])).out.split('\n')[0]).toMatch(
    /^[\w-]{22}\tFirefox on Linux\t/,
  )
  const { id } = list[0] as { id: string }
  expect(await coatcheckJson(data, ['sessions', 'show', id])).toMatchObject([{ id, state: 'alive', name: 'alice' }])
  expect(await coatcheckJson(data, ['sessions', 'revoke', id, '--note', 'stolen'])).toEqual([{ id, outcome: 'ended' }])
  expect(await coatcheckJson(data, ['sessions', 'revoke', id])).toEqual([{ id, outcome: 'already' }])
  expect(await coatcheckJson(data, ['sessions', 'show', id])).toMatchObject([
    { id, state: 'ended', name: 'alice', reason: 'revoked', note: 'stolen' },
  ])
  expect((await Promise.all(clients.map(isIn))).filter((is) => is)).toHaveLength(2)
  expect(await coatcheckJson(data, ['sessions', 'stats'])).toEqual([{ signedIn: 2, anonymous: 0, ended: 1 }])
  expect(await coatcheckJson(data, ['sessions', 'revoke-user', 'alice'])).toEqual([{ name: 'alice', ended: 2 }])
  expect(await Promise.all(clients.map(isIn))).toEqual([false, false, false])
  const last = await signedIn()
  expect((await coatcheck(data, ['sessions', 'revoke-all'])).code).toBe(2)
  expect(await isIn(last)).toBe(true)
  expect(await coatcheckJson(data, ['sessions', 'revoke-all', '--yes'])).toEqual([{ ended: 1 }])
  expect(await isIn(last)).toBe(false)
  expect(await coatcheckJson(data, ['sessions', 'sweep'])).toEqual([{ expired: 0, removed: 0 }])
  const userId: unknown = expect.stringMatching(/^[\w-]{22}$/)
  expect(endedBySomebody(data)).toEqual([
    { actor: 'command', user_id: userId, session_id: id },
    { actor: 'command', user_id: userId, session_id: null },
    { actor: 'command', user_id: null, session_id: null },
  ])
})

/** What the audit log has of endings by others. */
function endedBySomebody(data: string): readonly object[] {
  const database = new DatabaseSync(join(data, 'coatcheck.db'))
  const query = "SELECT actor, user_id, session_id FROM happenings WHERE type = 'sessions-ended' ORDER BY id"
  const rows = database.prepare(query).all()
  database.close()
  return rows.map((row) => ({ ...row }))
}

it('what is not there, or not understood, is said in a sentence', async () => {
  const data = await startedFolder()
  const NOBODY = 'There is no such account.\n'
  const NONE = 'There is no such session, or none of an account.\n'
  expect(await coatcheck(data, ['sessions', 'list', 'nobody'])).toEqual({ code: 1, out: '', err: NOBODY })
  expect(await coatcheck(data, ['sessions', 'revoke-user', 'nobody'])).toEqual({ code: 1, out: '', err: NOBODY })
  expect(await coatcheck(data, ['sessions', 'show', 'A'.repeat(22)])).toEqual({ code: 1, out: '', err: NONE })
  expect(await coatcheck(data, ['sessions', 'revoke', '../../etc'])).toEqual({ code: 1, out: '', err: NONE })
  for (const args of [
    ['list'],
    ['show'],
    ['revoke'],
    ['revoke-user'],
    ['sweep', 'x'],
    ['stats', '--all'],
    ['revoke-all', '--note'],
  ]) {
    const ran = await coatcheck(data, ['sessions', ...args])
    expect([args, ran.code, ran.out]).toEqual([args, 2, ''])
  }
})

it('a password that is reset lets nobody in with the old one, and ends the sessions', async () => {
  const { data, url, signedIn } = await withAlice()
  const client = await signedIn()
  expect(await coatcheckJson(data, ['users', 'reset-password', 'alice'], `${NEW}\n`)).toMatchObject([{ name: 'alice' }])
  expect(await isIn(client)).toBe(false)
  expect(await new Client(url).signIn('alice', PASSWORD)).toMatch(/^401/)
  expect(await isIn(await signedIn(NEW))).toBe(true)
  const short = await coatcheck(data, ['users', 'reset-password', 'alice'], 'short\n')
  expect(short).toEqual({ code: 1, out: '', err: 'The password needs at least 15 characters.\n' })
  expect((await coatcheck(data, ['users', 'reset-password', 'nobody'], `${NEW}\n`)).code).toBe(1)
  expect((await coatcheck(data, ['users', 'reset-password', 'alice'])).code).toBe(2)
})

it('an account is deleted where that is meant, and its sessions are over', async () => {
  const { data, url, signedIn } = await withAlice()
  const client = await signedIn()
  const refused = await coatcheck(data, ['users', 'delete', 'alice'])
  expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('say --yes where it is meant') })
  expect(await isIn(client)).toBe(true)
  expect(await coatcheckJson(data, ['users', 'delete', 'alice', '--yes'])).toMatchObject([{ name: 'alice' }])
  expect(await isIn(client)).toBe(false)
  expect(await new Client(url).signIn('alice')).toMatch(/^401/)
  expect(await coatcheckJson(data, ['users', 'list'])).toEqual([])
  expect((await coatcheck(data, ['users', 'delete', 'alice', '--yes'])).err).toBe('There is no such account.\n')
})
