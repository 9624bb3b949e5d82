import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
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

  it('a sign-up waits for the lock, and succeeds when it is released in time', async () => {
    const data = dataFolder()
    const client = new Client((await runningServer(data)).url)
    setTimeout(lock(data), 200)
    expect(await client.signUp('alice')).toBe('303 → /login?welcome')
  })
})
