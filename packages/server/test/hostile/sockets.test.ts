import { once } from 'node:events'
import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { exchange, requestBytes } from '../raw-http.ts'
import { dataFolder, runningServer } from '../running.ts'
import { attackedServer, SERVED } from './serving.ts'

const SEED = 20_260_401
const HOST = 'Host: localhost\r\n'
const FORM = 'Content-Type: application/x-www-form-urlencoded\r\n'
const CLOSE = 'Connection: close\r\n'

const head = (line: string, headers = '') => `${line}\r\n${HOST}${CLOSE}${headers}\r\n`
const chunked = (body: string) => head('POST /login HTTP/1.1', `${FORM}Transfer-Encoding: chunked\r\n`) + body

/** What is not HTTP, or not quite; each is answered by a refusal or a closed connection. */
const REFUSED: Readonly<Record<string, string>> = {
  'TLS on a plain port': '\x16\x03\x01\x02\x00\x01\xff\xfe\r\n\r\n',
  'HTTP/2 by prior knowledge': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'no version': 'GET /\r\n\r\n',
  'a version that is none': head('GET / HTTP/9.9'),
  'a method that is none': head('<script> / HTTP/1.1'),
  'no host': 'GET /login HTTP/1.1\r\nConnection: close\r\n\r\n',
  'two hosts': `GET /login HTTP/1.1\r\n${HOST}Connection: close\r\nHost: evil.example\r\n\r\n`,
  'the same host twice': `GET /login HTTP/1.1\r\n${HOST}${HOST}Connection: close\r\n\r\n`,
  'no host in HTTP 1.0': 'GET /login HTTP/1.0\r\n\r\n',
  'a host that is none': 'GET /login HTTP/1.1\r\nHost: a/b@c:x\r\nConnection: close\r\n\r\n',
  'a header without a name': head('GET /login HTTP/1.1', ': x\r\n'),
  'a blank before the colon': head('GET /login HTTP/1.1', 'Cookie : sid=x\r\n'),
  'a control character in a header': head('GET /login HTTP/1.1', 'Cookie: a\x00b\r\n'),
  'a folded header': head('GET /login HTTP/1.1', 'X-A: b\r\n c\r\n'),
  'too large a head': head('GET /login HTTP/1.1', `X-A: ${'b'.repeat(20_000)}\r\n`),
  'too many headers': head('GET /login HTTP/1.1', 'X-A: b\r\n'.repeat(4_000)),
  'too long a target': head(`GET /${'a'.repeat(20_000)} HTTP/1.1`),
  'a target that is none': head('GET login HTTP/1.1'),
  'a target for proxies': head('GET http:// HTTP/1.1'),
  'an asterisk': head('OPTIONS * HTTP/1.1'),
  'a length that is none': head('POST /login HTTP/1.1', `${FORM}Content-Length: 1e3\r\n`),
  'a negative length': head('POST /login HTTP/1.1', `${FORM}Content-Length: -1\r\n`),
  'two lengths': head('POST /login HTTP/1.1', `${FORM}Content-Length: 1\r\nContent-Length: 2\r\n`),
  'a length and chunks': head('POST /login HTTP/1.1', `Content-Length: 3\r\nTransfer-Encoding: chunked\r\n`),
  'an unknown coding': head('POST /login HTTP/1.1', 'Transfer-Encoding: gzip\r\n'),
  'chunks that are none': chunked('zz\r\n'),
  'a chunk of any size': chunked('fffffffffffffffff\r\na'),
  'a chunk that is longer than it says': chunked('1\r\nabc\r\n0\r\n\r\n'),
  'an expectation that is none': head('POST /login HTTP/1.1', 'Expect: miracles\r\nContent-Length: 0\r\n'),
}

/** What each answer has, whoever gives it. */
const PROTECTING = [
  /^content-security-policy: default-src 'none';.*frame-ancestors 'none'/im,
  /^x-content-type-options: nosniff\r$/im,
  /^x-frame-options: DENY\r$/im,
  /^referrer-policy: (same-origin|strict-origin)\r$/im,
  /^cache-control: no-store\r$/im,
  /^cross-origin-resource-policy: same-origin\r$/im,
  /^content-type: text\/(plain|html); charset=utf-8\r$/im,
]

describe('on a raw socket', () => {
  it.each(Object.entries(REFUSED))('%s is refused, and others are served', async (_, bytes) => {
    const { port, faults, servesOthers } = await attackedServer()
    const { status, text } = await exchange(port, bytes)
    expect(status === null || (status >= 400 && status < 500), String(status)).toBe(true)
    const [head = '', ...body] = text.split('\r\n\r\n')
    const missing = status === null ? [] : PROTECTING.filter((header) => !header.test(`${head}\r\n`))
    expect([missing, status !== null && body.join('') === '']).toEqual([[], false])
    expect(faults).toEqual([])
    expect(await servesOthers()).toEqual(SERVED)
  })

  it.each([
    ['a head that is too large', head('GET /login HTTP/1.1', `X-A: ${'b'.repeat(20_000)}\r\n`), 431],
    ['two hosts', `GET /login HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
    ['no host', 'GET /login HTTP/1.1\r\n\r\n', 400],
    ['an expectation that is none', head('POST /login HTTP/1.1', 'Expect: miracles\r\nContent-Length: 0\r\n'), 417],
  ])('%s has a status of its own', async (_, bytes, status) => {
    const { port } = await attackedServer()
    expect((await exchange(port, bytes)).status).toBe(status)
  })

  it('where the origin is of https, HSTS is told also to what is no request', async () => {
    const { port } = await runningServer(dataFolder(), { origin: 'https://coats.example' })
    for (const bytes of ['no request\r\n\r\n', 'GET /login HTTP/1.1\r\n\r\n']) {
      expect((await exchange(port, bytes)).text).toMatch(/^strict-transport-security: max-age=31536000/im)
    }
  })

  it('what is no request, sent into the answer to another one, adds nothing to that', async () => {
    const { port, freshCookie } = await attackedServer()
    const asking = `GET /account/events HTTP/1.1\r\n${HOST}Cookie: ${await freshCookie()}\r\n\r\n`
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (text.includes('retry:')) socket.write('no request\r\n\r\n')
    })
    socket.on('error', () => undefined)
    socket.write(asking)
    await once(socket, 'close')
    expect(text).toContain('retry:')
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it('a tunnel and a change of the protocol are not given', async () => {
    const { port, servesOthers } = await attackedServer()
    expect((await exchange(port, head('CONNECT evil.example:443 HTTP/1.1'))).status).toBe(null)
    const upgrade = { headers: [['Upgrade', 'websocket'] as const], target: '/account/events' }
    expect((await exchange(port, requestBytes(upgrade))).status).toBe(204)
    expect(await servesOthers()).toEqual(SERVED)
  })

  it('a chunked body that is too large is refused before all of it came', async () => {
    const { port, faults, servesOthers } = await attackedServer()
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`
    for (const path of ['/login', '/api/sign-in', '/nowhere']) {
      const bytes = head(`POST ${path} HTTP/1.1`, `${FORM}Transfer-Encoding: chunked\r\n`) + chunk.repeat(5)
      expect([path, (await exchange(port, bytes)).status]).toEqual([path, 413])
    }
    expect(faults).toEqual([])
    expect(await servesOthers()).toEqual(SERVED)
  })

  it('a second request that is hidden in the body of the first is not answered', async () => {
    const { port } = await attackedServer()
    const hidden = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
    for (const headers of [
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
      'Transfer-Encoding:\x0bchunked\r\n',
    ]) {
      const { text } = await exchange(port, `${head('POST /login HTTP/1.1', FORM + headers)}0\r\n\r\n${hidden}`)
      expect(text).not.toContain('"status":"ok"')
    }
  })

  it('heads and bodies that never end keep nobody else from being served', async () => {
    const { port, servesOthers } = await attackedServer()
    const beginnings = ['', 'GET /login HT', head('GET / HTTP/1.1').slice(0, -2), chunked('5\r\nus')]
    for (let i = 0; i < 200; i++) {
      const socket = connect(port, '127.0.0.1')
      onTestFinished(() => void socket.destroy())
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      socket.write(beginnings[i % beginnings.length] ?? '')
    }
    expect(await servesOthers()).toEqual(SERVED)
  })

  it('any bytes at all are answered by a refusal, a page or a closed connection', async () => {
    const { port, faults, servesOthers } = await attackedServer()
    const lines = ['', 'GET / HTTP/1.1\r\n', `POST /login HTTP/1.1\r\n${HOST}`, chunked(''), head('GET /gate HTTP/1.1')]
    const bytes = fc.tuple(
      fc.constantFrom(...lines),
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom('', '\r\n\r\n'),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async ([line, any, end]) => {
        const all = Buffer.concat([Buffer.from(line), any, Buffer.from(end)])
        const { status } = await exchange(port, all, true)
        expect(status ?? 0).toBeLessThan(500)
        expect(faults).toEqual([])
      }),
      { seed: SEED, numRuns: 500 },
    )
    expect(await servesOthers()).toEqual(SERVED)
  })
})
