import { describe, expect, it } from 'vitest'
import { parseGateRules } from '../../src/gate/rules.ts'
import { Client, dataFolder, runningServer } from '../running.ts'

async function asking(changes = {}) {
  const { url } = await runningServer(dataFolder(), changes)
  const client = new Client(url)
  await client.signUp('alice')
  await client.signIn('alice')
  const ask = async (uri: string, headers = {}, path = '/gate') => {
    const answer = await client.get(path, { 'x-original-method': 'GET', 'x-original-uri': uri, ...headers })
    return [answer.status, answer.headers.get('x-coatcheck-user')]
  }
  return { url, ask }
}

describe('the gate', () => {
  it('lets no WebSocket of another site through, though nginx keeps to itself that it is one', async () => {
    const { url, ask } = await asking()
    const handshake = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' }
    expect(await ask('/chat', handshake)).toEqual([403, null])
    expect(await ask('/chat', { ...handshake, 'sec-fetch-site': 'same-origin' })).toEqual([200, 'alice'])
    expect(await ask('/chat', { ...handshake, origin: url.slice(0, -1) })).toEqual([200, 'alice'])
    expect(await ask('/chat', { ...handshake, origin: 'http://evil.localhost' })).toEqual([403, null])
  })

  it('refuses a form whose origin is hidden, since it cannot read the token in its body', async () => {
    const { ask } = await asking()
    const form = { 'x-original-method': 'POST', 'content-type': 'application/x-www-form-urlencoded' }
    expect(await ask('/note', { ...form, origin: 'null' })).toEqual([403, null])
    expect(await ask('/note', form)).toEqual([200, 'alice'])
    expect(await ask('/note', { ...form, referer: 'http://evil.localhost/' })).toEqual([403, null])
  })

  it('does not know what was asked for where nobody says so, or two do', async () => {
    const { ask } = await asking()
    expect(await ask('')).toEqual([400, null])
    expect(await ask('/a', { 'x-forwarded-uri': '/b', 'x-forwarded-method': 'GET' })).toEqual([400, null])
    expect(await ask('/admin#x')).toEqual([403, null])
  })

  it('refuses a path that an application may fold into one with another rule', async () => {
    const { ask } = await asking({ gateRules: parseGateRules('/settings=role:admin') ?? [] })
    expect(await ask('/settings')).toEqual([403, null])
    expect(await ask('/%C5%BFettings')).toEqual([403, null])
    expect(await ask('/stra%C3%9Fe')).toEqual([200, 'alice'])
  })

  it('goes by the role, not by the name, which anybody may take', async () => {
    const { url } = await runningServer(dataFolder(), { gateRules: parseGateRules('/console=role:admin') ?? [] })
    const client = new Client(url)
    await client.signUp('admin')
    await client.signIn('admin')
    const ask = (uri: string) => client.get('/gate', { 'x-original-method': 'GET', 'x-original-uri': uri })
    expect((await ask('/console')).status).toBe(403)
    const { headers } = await ask('/anything')
    expect([headers.get('x-coatcheck-user'), headers.get('x-coatcheck-role')]).toEqual(['admin', 'user'])
  })
})
