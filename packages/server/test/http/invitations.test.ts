import { describe, expect, it } from 'vitest'
import { invite } from '../../src/actions/signing-up.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

async function byInvitation(changes = {}) {
  const roles = new Map([['editor', ['articles:write']]])
  const { url, services } = await runningServer(dataFolder(), { signup: 'invite', roles, ...changes })
  const client = new Client(url)
  const code = async (role = 'editor') => {
    const outcome = await invite(services, role, 'command')
    return 'code' in outcome ? outcome.code : outcome.refused
  }
  const signUp = (username: string, invitation: string, password = PASSWORD) =>
    client.seen(client.post('/signup', { username, password, invitation }))
  return { client, services, code, signUp }
}

describe('an invitation', () => {
  it('makes one account, with its role, and is used up by that alone', async () => {
    const { client, code, signUp } = await byInvitation()
    const invitation = await code()
    const page = await client.seen(client.get(`/signup?invitation=${invitation}`))
    expect(page).toContain(`<input type="hidden" name="invitation" value="${invitation}"/>`)
    expect(await signUp('alice', invitation, 'short')).toMatch(/^400 .*name="invitation"/s)
    expect(await signUp('alice', invitation)).toMatch(/^303 → \/login\?welcome&username=\w+$/)
    expect(await signUp('bob', invitation)).toMatch(/^410 .*used already/s)
    expect(await client.seen(client.get(`/signup?invitation=${invitation}`))).toMatch(/^403 .*used already/s)
    await client.signIn('alice')
    expect(await client.seen(client.get('/dashboard'))).toContain('<dd>editor</dd>')
  })

  it('is what nobody makes an account without, where the settings say so', async () => {
    const { client, signUp } = await byInvitation()
    expect(await client.seen(client.get('/signup'))).toMatch(/^403 .*by invitation/s)
    expect(await signUp('alice', '')).toMatch(/^403 .*by invitation/s)
    expect(await signUp('alice', 'made-up')).toMatch(/^410 /)
  })

  it('of many who use it at once lets one in', async () => {
    const { code, signUp, services } = await byInvitation()
    const invitation = await code()
    const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => signUp(`name-${i}`, invitation)))
    expect(answers.filter((text) => text.startsWith('303'))).toHaveLength(1)
    expect(await services.accounts.list('', 10)).toHaveLength(1)
  })

  it('counts again where the name was taken in the last moment', async () => {
    let taken = 1
    const { url, services } = await runningServer(dataFolder(), {
      signup: 'invite',
      around: ({ accounts }) => ({
        accounts: { ...accounts, create: async (account) => (taken-- > 0 ? null : await accounts.create(account)) },
      }),
    })
    const outcome = await invite(services, 'user', 'command')
    const fields = { username: 'alice', password: PASSWORD, invitation: 'code' in outcome ? outcome.code : '' }
    const client = new Client(url)
    expect(await client.seen(client.post('/signup', fields))).toMatch(/^409 /)
    expect(await client.seen(client.post('/signup', fields))).toMatch(/^303 → \/login\?welcome&username=\w+$/)
  })

  it('gives a role that there is; where it is gone meanwhile, the ordinary one', async () => {
    const { code, services, signUp } = await byInvitation()
    expect(await code('pirate')).toBe('role-unknown')
    const { code: gone } = { code: await services.codes.issue('invite', { accountId: null, subject: 'pirate' }) }
    await signUp('alice', gone)
    expect((await services.accounts.find('alice'))?.role).toBe('user')
  })

  it('counts for nothing where sign-up is closed', async () => {
    const { code, signUp, services } = await byInvitation({ signup: 'closed' })
    expect(await code()).toBe('sign-up-closed')
    const before = await services.codes.issue('invite', { accountId: null, subject: 'user' })
    expect(await signUp('alice', before)).toMatch(/^403 /)
  })
})
