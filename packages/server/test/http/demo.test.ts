import { expect, it, onTestFinished, vi } from 'vitest'
import { startDemo } from '../../src/demo.ts'
import { Client, dataFolder, runningServer } from '../running.ts'

it('the thief of the demonstration is in until the device is ended, and its tries are on the page of recent activity', async () => {
  let visits = 0
  const server = await runningServer(dataFolder(), {
    around: ({ log }) => ({
      log: { ...log, request: ({ path, status }) => void (path === '/dashboard' && status === 200 && visits++) },
    }),
  })
  const told: string[] = []
  const { lines, stop } = await startDemo(server, (line) => void told.push(line))
  onTestFinished(stop)
  const [, password = ''] = /alice +with +(\S+)/.exec(lines.join('\n')) ?? []
  const alice = new Client(server.url)
  expect(await alice.signIn('alice', password)).toBe('303 → /dashboard')
  const page = await alice.seen(alice.get('/account/sessions'))
  const [, phone = ''] =
    /sessions\/([\w-]{22})\/end[^<]*<button[^>]*aria-label="End Chrome on Android"/.exec(page) ?? []
  // It has visited, and was let in: nothing is told of that.
  await vi.waitFor(() => expect(visits).toBeGreaterThan(0), { timeout: 8_000, interval: 50 })
  expect(told).toEqual([])
  expect(await alice.seen(alice.post(`/account/sessions/${phone}/end`))).toBe('303 → /account/sessions?ended=one')
  await vi.waitFor(() => expect(told[0]).toMatch(/^The thief is out/), { timeout: 8_000, interval: 50 })
  await vi.waitFor(
    async () => {
      expect(await alice.seen(alice.get('/account/activity'))).toMatch(
        /The signed-out device \(Chrome on Android[^)]*\) tried to continue/,
      )
    },
    { timeout: 8_000, interval: 100 },
  )
  expect(told).toHaveLength(2)
}, 20_000)
