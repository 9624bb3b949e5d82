import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Client, dataFolder } from '../running.ts'
import { endedStart, startProcess } from './process.ts'

describe('six servers that start at once on a fresh folder', () => {
  it('all serve, and share accounts and sessions, round after round', async () => {
    for (let round = 0; round < 4; round++) {
      const environment = { PORT: '0', COATCHECK_DATA: dataFolder() }
      const servers = await Promise.all(Array.from({ length: 6 }, () => startProcess(environment)))
      const client = new Client(servers[0]?.url ?? '')
      await client.signUp('alice')
      expect(await client.signIn('alice')).toBe('303 → /dashboard')
      for (const { url, end } of servers) {
        const other = new Client(url)
        for (const [name, value] of client.cookies) other.cookies.set(name, value)
        expect(await other.seen(other.get('/dashboard'))).toContain('Welcome, alice!')
        await end('SIGKILL')
      }
    }
  })
})

describe('a running server', () => {
  it("makes everything its owner's alone, whatever the umask it was started with", async () => {
    const data = dataFolder()
    const umask = process.umask(0)
    try {
      const { url } = await startProcess({ PORT: '0', COATCHECK_DATA: data })
      await new Client(url).signUp('alice')
    } finally {
      process.umask(umask)
    }
    const modes = ['', 'keys', 'coatcheck.db', 'coatcheck.db-wal', 'coatcheck.db-shm'].map((name) => [
      name,
      (statSync(join(data, name)).mode & 0o777).toString(8),
    ])
    expect(modes).toEqual([
      ['', '700'],
      ['keys', '600'],
      ['coatcheck.db', '600'],
      ['coatcheck.db-wal', '600'],
      ['coatcheck.db-shm', '600'],
    ])
  })
})

describe('a start that cannot be', () => {
  it('ends with a sentence, an exit code that is not 0, and no stack', async () => {
    const data = dataFolder()
    mkdirSync(data)
    writeFileSync(join(data, 'coatcheck.db'), 'garbage '.repeat(1000))
    const { code, output } = await endedStart({ PORT: '0', COATCHECK_DATA: data })
    expect(code).toBe(1)
    expect(output.trim()).toBe(
      `Coatcheck did not start. The database ${join(data, 'coatcheck.db')} is no SQLite database: ` +
        'restore it from a backup, or name another folder with COATCHECK_DATA.',
    )
  })

  it('so it does where the file may be read only', async () => {
    const data = dataFolder()
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: data })
    await server.end('SIGTERM')
    const file = join(data, 'coatcheck.db')
    chmodSync(file, 0o440)
    // Nothing is read-only to root; another user may read it as one of its group.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    if (user.uid !== undefined) {
      chownSync(file, 0, user.gid)
      for (const path of [dirname(data), data, join(data, 'keys')]) chownSync(path, user.uid, -1)
    }
    const { code, output } = await endedStart({ PORT: '0', COATCHECK_DATA: data }, user)
    expect(code).toBe(1)
    // SQLite finds out at the file or at the shared memory beside it.
    expect(output.trim().replace('is read-only', 'cannot be opened')).toBe(
      `Coatcheck did not start. The database ${file} cannot be opened: ` +
        'let this user read and write it and its folder, or name another folder with COATCHECK_DATA.',
    )
  })
})
