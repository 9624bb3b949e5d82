import { describe, expect, it } from 'vitest'
import { addAccount, setDisabled, setRole } from '../../src/actions/administering.ts'
import type { Services } from '../../src/environment.ts'
import { exchange, requestBytes } from '../raw-http.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const GATE = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/any' }

/** What a thief has who copied all cookies at this moment. */
function copyOf(client: Client): Client {
  const copy = new Client(client.base)
  for (const [name, value] of client.cookies) copy.cookies.set(name, value)
  return copy
}

/** Who one is at each kind of address: pages, the API, the gate, the stream of endings. */
async function whoEverywhere(client: Client): Promise<readonly string[]> {
  // Each with the same cookies: what is answered must not change what is asked next.
  const ask = async (path: string, headers = {}) => await copyOf(client).get(path, headers)
  const dashboard = await copyOf(client).seen(ask('/dashboard'))
  const { user } = (await (await ask('/api/session')).json()) as { user: { name: string; role: string } | null }
  const gate = await ask('/gate', GATE)
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const stream = requestBytes({ target: '/account/events', headers: [['Cookie', cookie]] })
  const events = await exchange(Number(new URL(client.base).port), stream)
  return [
    /Welcome, (\w+)!.*<dt>Role<\/dt><dd>(\w+)/s.exec(dashboard)?.slice(1).join(' ') ?? dashboard,
    user === null ? 'nobody' : `${user.name} ${user.role}`,
    `${gate.status} ${gate.headers.get('x-coatcheck-user') ?? ''} ${gate.headers.get('x-coatcheck-role') ?? ''}`.trim(),
    String(events.status),
    String((await ask('/api/devices')).status),
  ]
}

const REFUSED = ['303 → /login', 'nobody', '401', '204', '401']
const as = (name: string, role = 'user') => [`${name} ${role}`, `${name} ${role}`, `200 ${name} ${role}`, '200', '200']

interface Scene {
  readonly services: Services
  readonly desk: Client
  readonly phone: Client
  /** The public ids of the phone's session. */
  readonly phoneId: string
}

async function scene(): Promise<Scene> {
  const { url, services } = await runningServer(dataFolder(), { roles: new Map([['editor', ['articles:write']]]) })
  const [desk, phone] = [new Client(url), new Client(url)]
  await desk.signUp('alice')
  await desk.signIn('alice')
  await phone.signIn('alice')
  const { session } = (await (await phone.get('/api/session')).json()) as { session: { id: string } }
  return { services, desk, phone, phoneId: session.id }
}

type Happening = (scene: Scene) => Promise<unknown>

/** What happens → whether it happens to the phone alone, from which the cookies were copied. */
const HAPPENINGS: Readonly<Record<string, Happening>> = {
  'a sign-in on it': ({ phone }) => phone.signIn('alice'),
  'a sign-in on it, by the API': ({ phone }) => byApi(phone, 'sign-in', { username: 'alice', password: PASSWORD }),
  'a re-authentication': ({ phone }) => phone.post('/reauth', { password: PASSWORD }),
  'a re-authentication by the API': ({ phone }) => byApi(phone, 'reauthenticate', { password: PASSWORD }),
  'a sign-out': ({ phone }) => phone.post('/logout'),
  'a sign-out by the API': ({ phone }) => byApi(phone, 'sign-out'),
  'its own ending': ({ phone, phoneId }) => phone.post(`/account/sessions/${phoneId}/end`),
  'its ending from another device': ({ desk, phoneId }) => desk.post(`/account/sessions/${phoneId}/end`),
  'its ending by the API': ({ desk, phoneId }) => desk.request(`/api/devices/${phoneId}`, { method: 'DELETE' }),
  'the ending of all others': ({ desk }) => desk.post('/account/sessions/end-others'),
  'the ending of all': ({ desk }) => desk.post('/account/sessions/end-all'),
  'the ending of all by the API': ({ phone }) => byApi(phone, 'devices/end-all'),
  'the disabling of the account': ({ services }) => setDisabled(services, 'alice', true),
}

async function byApi(client: Client, path: string, body: object = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return await client.request(`/api/${path}`, { method: 'POST', body: JSON.stringify(body), headers })
}

describe('cookies that were copied', () => {
  it.each(Object.entries(HAPPENINGS))('before %s are refused afterwards', async (_, happen) => {
    const given = await scene()
    const thief = copyOf(given.phone)
    expect(await whoEverywhere(thief)).toEqual(as('alice'))
    await happen(given)
    expect(await whoEverywhere(thief)).toEqual(REFUSED)
    // Nor does what the thief gets for them become anything.
    await thief.get('/login')
    expect(await whoEverywhere(thief)).toEqual(REFUSED)
  })

  it('before a change of the role go on, with the new role, and so do all others', async () => {
    const { services, desk, phone } = await scene()
    const thief = copyOf(phone)
    await setRole(services, 'alice', 'editor')
    for (const client of [thief, phone, desk]) expect(await whoEverywhere(client)).toEqual(as('alice', 'editor'))
    await setRole(services, 'alice', 'user')
    for (const client of [thief, phone, desk]) expect(await whoEverywhere(client)).toEqual(as('alice'))
  })

  it('of a disabled account stay refused when it is enabled again', async () => {
    const { services, phone } = await scene()
    const thief = copyOf(phone)
    await setDisabled(services, 'alice', true)
    await setDisabled(services, 'alice', false)
    expect(await whoEverywhere(thief)).toEqual(REFUSED)
    expect(await phone.signIn('alice')).toBe('303 → /dashboard')
  })
})

/** A real session of nobody, with data that an attacker would like to find again in a session of somebody. */
async function anonymousToken(services: Services, origin: string): Promise<string> {
  const session = await services.sessions.open(new Request(origin))
  Object.assign(session.data, { name: 'mallory', role: 'admin', theme: 'dark', language: 'de', planted: 'planted' })
  const answer = await services.sessions.commit(session, new Response())
  return /vid=([^;]+)/.exec(answer.headers.getSetCookie()[0] ?? '')?.[1] ?? ''
}

describe.each([
  ['http', null, ''],
  ['https', 'https://coats.example', '__Host-'],
] as const)('cookies that were planted, over %s,', (_, origin, prefix) => {
  const NAMES = ['sid', 'vid', '__Host-sid', '__Host-vid', '__Secure-sid']

  async function planting() {
    const { url, services, port } = await runningServer(dataFolder(), { origin })
    const base = `http://127.0.0.1:${port}/`
    for (const username of ['alice', 'mallory']) {
      await addAccount(services, { username, password: PASSWORD, role: username === 'alice' ? 'user' : 'admin' })
    }
    const mallory = new Client(base)
    await mallory.signIn('mallory')
    const signedIn = mallory.cookies.get(`${prefix}sid`) ?? ''
    const anonymous = await anonymousToken(services, url)
    const made = `cc1.0.${'A'.repeat(65)}.${'B'.repeat(28)}`
    expect([signedIn, anonymous]).toEqual([expect.stringMatching(/^cc1\./), expect.stringMatching(/^cc1\./)])
    return { base, url, services, tokens: { signedIn, anonymous, made } }
  }

  it('never become the one of who signs in, and nothing of their data arrives in the session', async () => {
    const { base, url, services, tokens } = await planting()
    for (const [kind, token] of Object.entries(tokens)) {
      for (const names of [...NAMES.map((name) => [name]), NAMES]) {
        const victim = new Client(base)
        for (const name of names) victim.cookies.set(name, token)
        await victim.get('/login')
        for (const name of names) victim.cookies.set(name, token)
        await victim.signIn('alice')
        const own = victim.cookies.get(`${prefix}sid`) ?? ''
        expect([kind, names, own !== token, await whoEverywhere(victim)]).toEqual([kind, names, true, as('alice')])
        const headers = { cookie: `${prefix}sid=${own}` }
        const session = await services.sessions.open(new Request(url, { headers }))
        expect([kind, names, { ...session.data }]).toEqual([
          kind,
          names,
          { name: 'alice', role: 'user', theme: null, language: null },
        ])
        const attacker = new Client(base)
        for (const name of names) attacker.cookies.set(name, token)
        expect([kind, names, await whoEverywhere(attacker)]).not.toEqual([kind, names, as('alice')])
      }
    }
  })

  it('beside the own one make nobody somebody else', async () => {
    const { base, tokens } = await planting()
    const victim = new Client(base)
    await victim.signIn('alice')
    const own = victim.cookies.get(`${prefix}sid`) ?? ''
    for (const token of Object.values(tokens)) {
      for (const cookie of [
        `${prefix}sid=${own}; ${prefix}sid=${token}`,
        `${prefix}sid=${token}; ${prefix}sid=${own}`,
      ]) {
        const text = await (await new Client(base).get('/api/session', { cookie })).text()
        expect(text).not.toContain('mallory')
      }
      const both = await new Client(base).get('/api/session', { cookie: `${prefix}vid=${token}; ${prefix}sid=${own}` })
      expect(await both.json()).toMatchObject({ user: { name: 'alice', role: 'user' } })
    }
  })
})
