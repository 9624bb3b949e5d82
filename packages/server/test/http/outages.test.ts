import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

/** Writes in the database as another process would, until the answer is called. */
function lock(data: string): () => void {
  const other = new DatabaseSync(join(data, 'coatcheck.db'))
  let open = true
  const release = () => {
    if (open) other.close()
    open = false
  }
  onTestFinished(release)
  other.exec('BEGIN IMMEDIATE')
  return release
}

describe('while another process has the database locked', () => {
  it('signing up and signing in are answered with 503 and Retry-After, and work afterwards', async () => {
    const data = dataFolder()
    const client = new Client((await runningServer(data)).url)
    await client.signUp('bob')
    const release = lock(data)
    for (const [path, username] of [
      ['/signup', 'alice'],
      ['/login', 'bob'],
    ] as const) {
      const { status, headers } = await client.post(path, { username, password: PASSWORD })
      expect([path, status, headers.get('retry-after')]).toEqual([path, 503, '5'])
    }
    release()
    expect(await client.signUp('alice')).toBe('303 → /login?welcome')
    expect(await client.signIn('bob')).toBe('303 → /dashboard')
  })

  it('who signs out has no cookie any more, is told that it is not confirmed, and is signed out when it can be', async () => {
    const data = dataFolder()
    const { url } = await runningServer(data)
    const client = new Client(url)
    await client.signUp('bob')
    await client.signIn('bob')
    const thief = new Client(url)
    for (const [name, value] of client.cookies) thief.cookies.set(name, value)
    const release = lock(data)
    const answer = await client.post('/logout')
    expect([answer.status, answer.headers.get('retry-after'), client.cookies.has('sid')]).toEqual([503, '5', false])
    expect(await answer.text()).toContain('Signed out in this browser')
    release()
    await vi.waitUntil(async () => (await thief.seen(thief.get('/dashboard'))).startsWith('303'), 5_000)
    expect(await thief.seen(thief.get('/dashboard'))).toBe('303 → /login')
  })

  it('a sign-up waits for the lock, and succeeds when it is released in time', async () => {
    const data = dataFolder()
    const client = new Client((await runningServer(data)).url)
    setTimeout(lock(data), 200)
    expect(await client.signUp('alice')).toBe('303 → /login?welcome')
  })
})
