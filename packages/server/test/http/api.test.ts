import { describe, expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const alice = { username: 'alice', password: PASSWORD }

/** A program that speaks JSON. */
class Program extends Client {
  async call(method: string, path: string, body?: unknown) {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const answer = await this.request(`/api/${path}`, { method, ...json })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) }
  }
}

async function signedIn() {
  const { url } = await runningServer()
  const [one, other] = [new Program(url), new Program(url)]
  await one.call('POST', 'sign-up', alice)
  for (const program of [one, other]) await program.call('POST', 'sign-in', alice)
  return { url, one, other }
}

describe('a program', () => {
  it('signs up, signs in, sees who it is, and signs out', async () => {
    const program = new Program((await runningServer()).url)
    expect(await program.call('GET', 'session')).toMatchObject({ status: 200, body: { signedIn: false, user: null } })
    expect(await program.call('POST', 'sign-up', alice)).toMatchObject({ status: 201, body: { name: 'alice' } })
    const signedIn = await program.call('POST', 'sign-in', alice)
    expect(signedIn.headers.get('cache-control')).toBe('no-store')
    expect(signedIn).toMatchObject({
      status: 200,
      body: { signedIn: true, user: { name: 'alice', role: 'user', permissions: [] }, ended: null },
    })
    expect((await program.call('GET', 'session')).body.user).toEqual(signedIn.body.user)
    expect(await program.call('POST', 'sign-out')).toMatchObject({ status: 204, body: null })
    expect((await program.call('GET', 'session')).body).toMatchObject({ signedIn: false, session: null })
  })

  it('is told by a reason where its request looks like one of another site’s page', async () => {
    const { one, url } = await signedIn()
    const post = async (headers: Readonly<Record<string, string>>) => {
      const answer = await one.request('/api/devices/end-others', { method: 'POST', headers })
      const { reason }: { reason?: string } = JSON.parse(await answer.text())
      return [answer.status, reason]
    }
    expect(await post({ origin: 'http://evil.localhost' })).toEqual([403, 'foreign-origin'])
    expect(await post({ origin: 'null', 'content-type': 'application/x-www-form-urlencoded' })).toEqual([
      403,
      'opaque-origin',
    ])
    expect(await post({ origin: url.replace(/\/$/, '') })).toEqual([200, undefined])
    expect(await post({})).toEqual([200, undefined])
  })

  it('lists devices, ends one, the others and all, and is told why it ended', async () => {
    const { one, other } = await signedIn()
    const { devices } = (await one.call('GET', 'devices')).body
    expect(devices.map(({ current }: { current: boolean }) => current)).toEqual([true, false])
    expect((await one.call('DELETE', `devices/${devices[1].id}`)).status).toBe(204)
    expect(await one.call('DELETE', `devices/${devices[1].id}`)).toMatchObject({
      status: 404,
      body: { reason: 'no-such-device' },
    })
    expect((await other.call('GET', 'session')).body).toMatchObject({ signedIn: false, ended: 'revoked' })
    await other.call('POST', 'sign-in', alice)
    expect((await one.call('POST', 'devices/end-others')).body).toEqual({ ended: 1 })
    await other.call('POST', 'sign-in', alice)
    expect((await other.call('POST', 'devices/end-all')).status).toBe(204)
    for (const program of [one, other]) expect((await program.call('GET', 'devices')).status).toBe(401)
  })

  it('enters its password again and chooses its preferences', async () => {
    const { one, other } = await signedIn()
    expect(await one.call('POST', 'reauthenticate', { password: 'wrong' })).toMatchObject({
      status: 403,
      body: { reason: 'password-wrong' },
    })
    expect((await one.call('POST', 'reauthenticate', { password: PASSWORD })).body).toMatchObject({ signedIn: true })
    await one.call('PUT', 'preferences', { theme: 'dark', language: 'de' })
    expect((await other.call('GET', 'preferences')).body).toEqual({ theme: 'dark', language: 'de' })
  })

  it.each([
    ['POST', 'sign-in', { ...alice, password: 'wrong' }, 401, 'invalid-credentials'],
    ['POST', 'sign-up', alice, 409, 'name-taken'],
    ['POST', 'sign-up', { username: 'bob', password: 'short' }, 400, 'password-short'],
    ['POST', 'sign-in', { username: 'alice' }, 400, 'body-unfit'],
    ['POST', 'sign-in', { ...alice, remember: true }, 400, 'body-unfit'],
    ['POST', 'sign-in', { ...alice, username: ['alice'] }, 400, 'body-unfit'],
    ['POST', 'sign-in', 'text', 400, 'body-unfit'],
    ['GET', 'devices', undefined, 401, 'not-signed-in'],
    ['PUT', 'preferences', { theme: 'dark', language: 'de' }, 401, 'not-signed-in'],
    ['GET', 'sign-in', undefined, 405, 'wrong-method'],
    ['GET', 'nothing', undefined, 404, undefined],
  ])('is refused by problem details with a reason: %s %s %j → %i %s', async (method, path, body, status, reason) => {
    const program = new Program((await runningServer()).url)
    await program.call('POST', 'sign-up', alice)
    const answer = await program.call(method, path, body)
    expect([answer.status, answer.body.status, answer.body.reason]).toEqual([status, status, reason])
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  })

  it.each([
    [
      { name: 'alice', password: PASSWORD },
      [
        ['username', 'missing'],
        ['name', 'unknown'],
      ],
      'The field username is missing. The field name is not known here.',
    ],
    [{ username: 7, password: PASSWORD }, [['username', 'unfit']], 'The field username is not what is asked for.'],
    [{ ...alice, '\u001b[31m': 1 }, [['?', 'unknown']], 'The field ? is not known here.'],
    [
      {},
      [
        ['username', 'missing'],
        ['password', 'missing'],
      ],
      'The field username is missing. The field password is missing.',
    ],
    [['alice'], [], 'The body is no JSON object.'],
    ['{', [], 'The body is no JSON object.'],
  ])('is told which fields of its body are wrong: %j', async (body, faults, detail) => {
    const answer = await new Program((await runningServer()).url).call('POST', 'sign-in', body)
    expect(answer.body).toMatchObject({
      reason: 'body-unfit',
      detail: `${detail} See /api/openapi.json.`,
      faults: faults.map(([field, fault]) => ({ field, fault })),
    })
    expect(JSON.stringify(answer.body)).not.toContain(PASSWORD)
  })

  it('has to say that it sends JSON; what is none is refused', async () => {
    const { url } = await runningServer()
    const send = async (body: string, type: string) =>
      await new Program(url).request('/api/sign-in', { method: 'POST', body, headers: { 'content-type': type } })
    expect((await send(JSON.stringify(alice), 'text/plain')).status).toBe(415)
    expect((await send('username=alice', 'application/x-www-form-urlencoded')).status).toBe(415)
    for (const body of ['', '{', '[[[['.repeat(9_000), '"\\ud800"', '\u0000']) {
      expect((await send(body, 'application/json')).status).toBe(400)
    }
    expect((await send(JSON.stringify(alice), 'application/json; charset=utf-8')).status).toBe(401)
  })

  it('of another site’s page is refused', async () => {
    const { one } = await signedIn()
    const foreign = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } }
    const answer = await one.request('/api/sign-out', foreign)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      403,
      'application/problem+json; charset=utf-8',
    ])
    expect((await one.call('GET', 'session')).body).toMatchObject({ signedIn: true })
  })
})

it('the description names every endpoint, with what it takes and answers', async () => {
  const { body } = await new Program((await runningServer(dataFolder())).url).call('GET', 'openapi.json')
  expect(body.openapi).toBe('3.1.0')
  expect(Object.keys(body.paths).toSorted()).toEqual([
    '/api/account',
    '/api/account/email',
    '/api/account/password',
    '/api/devices',
    '/api/devices/end-all',
    '/api/devices/end-others',
    '/api/devices/{id}',
    '/api/forgot',
    '/api/preferences',
    '/api/reauthenticate',
    '/api/reset',
    '/api/session',
    '/api/setup',
    '/api/sign-in',
    '/api/sign-out',
    '/api/sign-up',
    '/api/verify',
  ])
  const { post } = body.paths['/api/sign-in']
  expect(post.requestBody.content['application/json'].schema).toMatchObject({
    type: 'object',
    required: ['username', 'password'],
    additionalProperties: false,
  })
  expect(post.responses[401].description).toContain('invalid-credentials')
  const names = Object.values<object>(body.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  )
  expect(new Set(names).size).toBe(names.length)
})
