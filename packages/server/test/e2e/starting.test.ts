import { describe, expect, it } from 'vitest'
import { Client, dataFolder } from '../running.ts'
import { startProcess } from './process.ts'

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
