import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addAccount, removeAccount, resetPassword, setDisabled, setRole } from '../../src/actions/administering.ts'
import { endAllSessions, endSessions, endSessionsOf } from '../../src/actions/ending-sessions.ts'
import { invite } from '../../src/actions/signing-up.ts'
import { COMMAND } from '../../src/actions/telling.ts'
import { databaseIn } from '../../src/data-folder.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const roles = new Map([['editor', ['articles:read', 'articles:write']]])

async function signedInTwice(data = dataFolder()) {
  const { url, services } = await runningServer(data, { roles })
  await addAccount(services, { username: 'alice', password: PASSWORD, role: 'editor' })
  const clients = [new Client(url), new Client(url)]
  for (const client of clients) await client.signIn('alice')
  const see = async () => await Promise.all(clients.map((client) => client.seen(client.get('/dashboard'))))
  return { url, services, see }
}

/** With a look into the file from outside, as after a crash. */
async function watched() {
  const data = dataFolder()
  const { services } = await signedInTwice(data)
  const file = new DatabaseSync(databaseIn(data), { readOnly: true })
  onTestFinished(() => file.close())
  const acts = file.prepare('SELECT type, actor, detail FROM happenings WHERE actor IS NOT NULL ORDER BY id DESC')
  return { services, file, newest: () => acts.get(), aliceId: (await services.accounts.find('alice'))?.id ?? '' }
}

describe('administration', () => {
  it('of a role is in force at the next request of each session', async () => {
    const { services, see } = await signedInTwice()
    for (const text of await see())
      expect(text).toContain('<dd>editor</dd></div><div><dt>Permissions</dt><dd>articles:read, articles:write</dd>')
    await setRole(services, 'ALICE', 'user')
    for (const text of await see()) expect(text).toContain('<dd>user</dd></div><div><dt>Permissions</dt><dd>none</dd>')
  })

  it('that disables an account ends its sessions, tells why, and lets nobody sign in until it is enabled', async () => {
    const { url, services, see } = await signedInTwice()
    await setDisabled(services, 'alice', true)
    expect(await see()).toEqual(['303 → /login', '303 → /login'])
    const client = new Client(url)
    expect(await client.signIn('alice')).toMatch(/^403 .*This account is disabled/s)
    expect(await client.signIn('alice', 'not the password')).toMatch(/^401 .*Invalid credentials!/s)
    await setDisabled(services, 'alice', false)
    expect(await client.signIn('alice')).toBe('303 → /dashboard')
  })

  it('that gives an unfit password is refused, and the old one and the sessions stay', async () => {
    const { url, services, see } = await signedInTwice()
    expect(await resetPassword(services, 'alice', 'short')).toEqual({ refused: 'password-short' })
    expect(await see()).toEqual([expect.stringMatching(/^200/), expect.stringMatching(/^200/)])
    expect(await new Client(url).signIn('alice')).toBe('303 → /dashboard')
  })

  it('of what is not there, or may not be, is refused', async () => {
    const { services } = await signedInTwice()
    expect(await setRole(services, 'bob', 'editor')).toEqual({ refused: 'nobody-there' })
    expect(await setRole(services, 'alice', 'pirate')).toEqual({ refused: 'role-unknown' })
    expect(await setDisabled(services, 'bob', true)).toEqual({ refused: 'nobody-there' })
    const bob = { username: 'bob', password: PASSWORD, role: 'user' }
    expect(await addAccount(services, { ...bob, role: 'pirate' })).toEqual({ refused: 'role-unknown' })
    expect(await addAccount(services, { ...bob, username: 'Alice' })).toEqual({ refused: 'name-taken' })
    expect(await addAccount(services, { ...bob, username: 'root' })).toEqual({ refused: 'name-reserved' })
    expect(await addAccount(services, { ...bob, password: 'short' })).toEqual({ refused: 'password-short' })
  })

  it('that adds an administrator takes the codes for the first one away', async () => {
    const { services } = await signedInTwice()
    const code = await services.codes.issue('setup', { accountId: null, subject: null })
    await addAccount(services, { username: 'chief', password: PASSWORD, role: 'admin' })
    expect(await services.codes.peek('setup', code)).toBeNull()
  })

  it('that makes an administrator takes the codes for the first one away', async () => {
    const { services } = await signedInTwice()
    const code = await services.codes.issue('setup', { accountId: null, subject: null })
    await setRole(services, 'alice', 'admin')
    expect(await services.codes.peek('setup', code)).toBeNull()
  })
})

describe('an act of somebody on somebody else', () => {
  it('is in the audit log when it is answered, so that a killed server does not lose it', async () => {
    const { services, newest, aliceId } = await watched()
    const acts: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['account-created', () => addAccount(services, { username: 'bob', password: PASSWORD, role: 'user' })],
      ['role-changed', () => setRole(services, 'alice', 'user')],
      ['account-disabled', () => setDisabled(services, 'alice', true)],
      ['account-enabled', () => setDisabled(services, 'alice', false)],
      ['password-reset', () => resetPassword(services, 'alice', `${PASSWORD} 2`)],
      ['invited', () => invite(services, 'editor', COMMAND)],
      ['sessions-ended', () => endSessionsOf(services, aliceId, COMMAND)],
      ['sessions-ended', () => endAllSessions(services, COMMAND)],
      ['account-deleted', () => removeAccount(services, 'alice')],
    ]
    for (const [type, act] of acts) {
      await act()
      expect(newest(), type).toMatchObject({ type, actor: COMMAND })
    }
  })

  it('that changed an account is told of where its sessions could not be reached, and mends them when done again', async () => {
    const data = dataFolder()
    const { services, see } = await signedInTwice(data)
    const file = new DatabaseSync(databaseIn(data))
    onTestFinished(() => file.close())
    file.exec("CREATE TRIGGER broken BEFORE UPDATE ON coatcheck_sessions BEGIN SELECT RAISE(ABORT, 'broken'); END")
    const acts = file.prepare("SELECT type, detail FROM happenings WHERE actor = 'command' ORDER BY id DESC")
    await expect(setRole(services, 'alice', 'user')).rejects.toThrow()
    expect(acts.get()).toEqual({ type: 'role-changed', detail: '{"from":"editor","to":"user"}' })
    await expect(resetPassword(services, 'alice', `${PASSWORD} 2`)).rejects.toThrow()
    expect(acts.get()).toMatchObject({ type: 'password-reset' })
    file.exec('DROP TRIGGER broken')
    for (const text of await see()) expect(text).toContain('<dd>editor</dd>')
    await setRole(services, 'alice', 'user')
    for (const text of await see()) expect(text).toContain('<dd>user</dd>')
  })

  it('that ends a selection is in the audit log for each session when it is answered', async () => {
    const { services, file, aliceId } = await watched()
    const ids = (await services.sessions.list(aliceId)).map(({ id }) => id)
    expect(await endSessions(services, ids, COMMAND)).toBe(2)
    const rows = file.prepare("SELECT session_id FROM happenings WHERE type = 'sessions-ended' ORDER BY id").all()
    expect(rows.map((row) => row['session_id'])).toEqual(ids)
  })
})

describe('timeouts of the settings', () => {
  it('sign out after the idle time, tell why, and after the absolute one whatever somebody does', async () => {
    const { url } = await runningServer(dataFolder(), { timeouts: { preset: null, idle: '1s', absolute: '3s' } })
    const [idle, active] = [new Client(url), new Client(url)]
    await idle.signUp('alice')
    await idle.signIn('alice')
    await active.signIn('alice')
    const began = Date.now()
    while ((await active.seen(active.get('/dashboard'))).includes('Welcome, alice!')) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(Date.now() - began).toBeGreaterThan(2_000)
    expect(await active.seen(active.get('/login'))).toContain('your sign-in was as old as it may get')
    expect(await idle.seen(idle.get('/login'))).toContain('nothing happened for a while')
  })
})
