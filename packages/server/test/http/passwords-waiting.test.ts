import { describe, expect, it, onTestFinished } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const ATTACKERS = '198.51.100.66'
const OWNERS = '203.0.113.7'

const from = (address: string) => ({
  'x-forwarded-for': address,
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'localhost',
})

/** Keeps so many sign-ins of mallory, with the right password and known browsers, under way until the test is over. */
async function flood(url: string, atOnce: number) {
  const known: string[] = []
  for (let i = 0; i < 9; i++) {
    const browser = new Client(url, from(ATTACKERS))
    expect(await browser.signIn('mallory')).toBe('303 → /dashboard')
    known.push(browser.cookies.get('known') ?? '')
  }
  let isOver = false
  const statuses: string[] = []
  const attackers = Array.from({ length: atOnce }, async (_, i) => {
    while (!isOver) {
      const client = new Client(url, from(ATTACKERS))
      client.cookies.set('known', known[i % known.length] ?? '')
      statuses.push((await client.signIn('mallory')).slice(0, 3))
    }
  })
  const stop = async () => {
    isOver = true
    await Promise.all(attackers)
  }
  onTestFinished(stop)
  await expect.poll(() => statuses.includes('503'), { timeout: 20_000 }).toBe(true)
  return statuses
}

describe('while 90 right passwords of one account are under way from one address', () => {
  it('others sign in, sign up, enter, change and reset their password, and are not refused once', {
    timeout: 60_000,
  }, async () => {
    const { port, services } = await runningServer(dataFolder(), { trustProxy: { hops: 1 } })
    const { accounts, codes } = services
    const url = `http://localhost:${port}`
    const owner = new Client(url, from(OWNERS))
    await owner.signUp('owner')
    await new Client(url, from(ATTACKERS)).signUp('mallory')
    const attacked = await flood(url, 90)
    for (let i = 0; i < 5; i++) {
      expect(await new Client(url, from(OWNERS)).signIn('owner')).toBe('303 → /dashboard')
      expect(await new Client(url, from(OWNERS)).signUp(`friend-${i}`)).toBe('303 → /login?welcome')
    }
    await owner.signIn('owner')
    const again = owner.post('/reauth', { password: PASSWORD, next: '/account' })
    expect(await owner.seen(again)).toBe('303 → /account')
    const other = { password: PASSWORD, 'new-password': 'another one, newly set' }
    expect(await owner.seen(owner.post('/account/password', other))).toBe('303 → /account?changed=password')
    const { id = '' } = (await accounts.find('friend-0')) ?? {}
    await accounts.change(id, { email: { address: 'friend@example.org', isVerified: true } })
    const code = await codes.issue('reset', { accountId: id, subject: 'friend@example.org' })
    const friend = new Client(url, from(OWNERS))
    expect(await friend.seen(friend.post('/reset', { code, password: 'newly chosen words' }))).toBe(
      '303 → /login?reset',
    )
    expect(attacked.filter((status) => status === '503').length).toBeGreaterThan(0)
  })
})
