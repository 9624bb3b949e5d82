import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Bowser from 'bowser'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Client, dataFolder, runningServer } from '../running.ts'

it('a person has 100 devices at most: a further one ends the one that was idle longest, which is told why', async () => {
  const data = dataFolder()
  const { url } = await runningServer(data, {
    // A hundred real checks would say nothing more.
    around: ({ passwords }) => ({ passwords: { ...passwords, verify: async () => true } }),
  })
  const clients = Array.from({ length: 100 }, () => new Client(url))
  await clients[0]?.signUp('alice')
  for (const client of clients) expect(await client.signIn('alice')).toBe('303 → /dashboard')
  const database = new DatabaseSync(join(data, 'coatcheck.db'), { timeout: 1000 })
  onTestFinished(() => database.close())
  database.exec('UPDATE coatcheck_sessions SET last_seen_at = last_seen_at - 60000 WHERE seq = 51')
  const devices = async (client: Client) =>
    (await client.seen(client.get('/account/sessions'))).match(/class="card device"/g)?.length
  const last = new Client(url)
  expect(await last.signIn('alice')).toBe('303 → /dashboard')
  expect(await devices(last)).toBe(100)
  const told = clients.map(async (client) => await client.seen(client.get('/login')))
  const ended = (await Promise.all(told)).flatMap((text, i) =>
    text.includes('you signed in on more devices than allowed') ? [i] : [],
  )
  expect(ended).toEqual([50])
})

it('the name of a device is worked out once, at its sign-in', async () => {
  const parse = vi.spyOn(Bowser, 'parse')
  onTestFinished(() => parse.mockRestore())
  const agent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0'
  const client = new Client((await runningServer()).url, { 'user-agent': agent })
  await client.get('/login')
  await client.signUp('alice')
  expect(parse).not.toHaveBeenCalled()
  await client.signIn('alice')
  expect(parse).toHaveBeenCalledExactlyOnceWith(agent)
  for (const path of ['/dashboard', '/account/sessions', '/dashboard']) {
    expect(await client.seen(client.get(path))).toMatch(/^200 /)
  }
  expect(await client.seen(client.get('/dashboard'))).toContain('Firefox on Windows')
  expect(parse).toHaveBeenCalledOnce()
})
