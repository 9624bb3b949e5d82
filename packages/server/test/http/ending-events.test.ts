import { describe, expect, it } from 'vitest'
import { Client, dataFolder, runningServer } from '../running.ts'

/** All that a stream says until it ends. */
async function heard(client: Client) {
  const answer = await client.get('/account/events')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return answer.text()
}

async function twoDevices(url: string, headers = {}) {
  const [desk, phone] = [new Client(url), new Client(url, headers)]
  await desk.signUp('alice')
  await desk.signIn('alice')
  await phone.signIn('alice')
  return { desk, phone }
}

describe('an open page', () => {
  it('is told at once that its session was ended elsewhere, and why, in its own language', async () => {
    const { url } = await runningServer()
    const { desk, phone } = await twoDevices(url, { 'accept-language': 'de' })
    const telling = heard(phone)
    await desk.get('/dashboard')
    await desk.post('/account/sessions/end-others')
    const [, event = '', data = ''] = /event: (\w+)\ndata: (.*)\n/.exec(await await telling) ?? []
    expect([event, JSON.parse(data)]).toEqual([
      'over',
      { text: 'Sie wurden abgemeldet, weil diese Sitzung von einem anderen Gerät aus beendet wurde.' },
    ])
    expect((await phone.get('/account/events')).status).toBe(204)
  })

  it('is told of an ending in another process', async () => {
    const data = dataFolder()
    const [one, other] = [await runningServer(data), await runningServer(data)]
    const { phone } = await twoDevices(one.url)
    const telling = heard(phone)
    const there = new Client(other.url)
    await there.signIn('alice')
    await there.post('/account/sessions/end-others')
    expect(await await telling).toContain('this session was ended from another device')
  })

  it('keeps no session alive: it ends by the idle timeout, and the page is told', async () => {
    const { url } = await runningServer(dataFolder(), { timeouts: { preset: null, idle: '1s', absolute: null } })
    const { phone } = await twoDevices(url)
    expect(await await heard(phone)).toContain('because nothing happened for a while')
  })

  it('keeps none alive by asking again and again', async () => {
    const { url } = await runningServer(dataFolder(), { timeouts: { preset: null, idle: '1s', absolute: null } })
    const { phone } = await twoDevices(url)
    const statuses: number[] = []
    for (let i = 0; i < 8; i++) {
      const answer = await phone.get('/account/events')
      statuses.push(answer.status)
      await answer.body?.cancel()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect([statuses[0], statuses.at(-1)]).toEqual([200, 204])
  })

  it('is told nothing when the server stops, which does not wait for it', async () => {
    const server = await runningServer()
    const { phone } = await twoDevices(server.url)
    const telling = heard(phone)
    await phone.get('/dashboard')
    await server.stop()
    expect(await await telling).not.toContain('event:')
  })

  it('of nobody is answered with 204, after which browsers ask no more', async () => {
    const client = new Client((await runningServer()).url)
    expect((await client.get('/account/events')).status).toBe(204)
  })

  it('is refused for now where too many listen for one session, and told when to ask again', async () => {
    const { url } = await runningServer()
    const { desk, phone } = await twoDevices(url)
    const many = await Promise.all(Array.from({ length: 22 }, () => phone.get('/account/events')))
    expect(many.map(({ status }) => status).toSorted()).toEqual([...Array(20).fill(200), 503, 503])
    const [refused] = many.filter(({ status }) => status === 503)
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(30)
    expect((await phone.request('/account/events', { method: 'HEAD' })).status).toBe(503)
    await desk.post('/account/sessions/end-others')
    for (const answer of many) expect(await answer.text()).toMatch(answer.status === 200 ? /event: over/ : /again/)
  })

  it('takes no place where it only asks for the head, or went away', async () => {
    const { url } = await runningServer()
    const { phone } = await twoDevices(url)
    for (let i = 0; i < 25; i++) {
      const { status, headers } = await phone.request('/account/events', { method: 'HEAD' })
      expect([i, status, headers.get('content-type')]).toEqual([i, 200, 'text/event-stream'])
    }
    for (let i = 0; i < 25; i++) {
      const leaving = new AbortController()
      expect((await phone.request('/account/events', { signal: leaving.signal })).status).toBe(200)
      leaving.abort()
      // By the answer to another request the server has seen that the connection is gone.
      await expect.poll(async () => (await phone.get('/healthz')).status).toBe(200)
    }
  })
})
