import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as plainRequest, type RequestOptions } from 'node:http'
import { request as secureRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from '../../../coatcheck/test/browser/certificate.ts'
import { ConfigError, readConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { Client, dataFolder, PASSWORD, runningServer, testConfig } from '../running.ts'

function files(cert: string, key: string) {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key)
  return { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

async function send(request: typeof plainRequest, options: RequestOptions, body = ''): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', agent: false, ...options, ...{ rejectUnauthorized: false } },
      (answer) => {
        answer.resume()
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers })
      },
    )
    sent.once('error', reject).end(body)
  })
}

const form = { 'content-type': 'application/x-www-form-urlencoded', host: 'coats.example' }

describe('a server with a certificate', () => {
  it('speaks https by itself, with hardened cookies and HSTS', async () => {
    const { cert, key } = selfSigned('coats.example')
    const { port, url } = await runningServer(dataFolder(), { tls: { ...files(cert, key), httpPort: null } })
    expect(url).toBe(`https://127.0.0.1:${port}/`)
    const credentials = new URLSearchParams({ username: 'alice', password: PASSWORD }).toString()
    const post = (path: string) => send(secureRequest, { port, path, method: 'POST', headers: form }, credentials)
    expect((await post('/signup')).status).toBe(303)
    const { status, headers } = await post('/login')
    expect([status, headers['location']]).toEqual([303, '/dashboard'])
    expect(headers['set-cookie']).toContainEqual(
      expect.stringMatching(/^__Host-sid=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    )
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  })

  it('leads pages that are asked for by http to https, and refuses what has been sent in the clear', async () => {
    const { cert, key } = selfSigned('coats.example')
    const { port: free, stop } = await runningServer()
    await stop()
    const { port } = await runningServer(dataFolder(), { tls: { ...files(cert, key), httpPort: free } })
    const plain = (path: string, method = 'GET', host = 'coats.example:80') =>
      send(plainRequest, { port: free, path, method, headers: { ...form, host } })
    expect(await plain('/login?next=%2Fx')).toMatchObject({
      status: 308,
      headers: { location: `https://coats.example:${port}/login?next=%2Fx` },
    })
    expect((await plain('//evil.example/x')).headers['location']).toBe(`https://coats.example:${port}/evil.example/x`)
    for (const [path, method, host] of [
      ['/login', 'POST', 'coats.example'],
      ['/\\evil.example/x', 'GET', 'coats.example'],
      ['/login', 'GET', 'evil.example/x'],
      ['https://evil.example/', 'GET', 'coats.example'],
      // A program that is led there would go on sending its cookie in the clear, and nobody would see it (ASVS 4.1.2).
      ['/api/session', 'GET', 'coats.example'],
      ['//api/session?x', 'GET', 'coats.example'],
      ['/gate', 'GET', 'coats.example'],
      ['/readyz', 'GET', 'coats.example'],
    ] as const) {
      const { status, headers } = await plain(path, method, host)
      expect([path, status, headers['location']]).toEqual([path, 403, undefined])
    }
  })

  it.each([
    [
      'not there',
      () => ({ cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' }),
      /^COATCHECK_TLS_CERT names \/nowhere\/cert\.pem, which cannot be read \(ENOENT\)/,
    ],
    ['no PEM', () => files('nonsense', 'nonsense'), /^COATCHECK_TLS_CERT and COATCHECK_TLS_KEY do not go together/],
    ['of two pairs', () => files(selfSigned('a').cert, selfSigned('b').key), /do not go together/],
  ])('that is %s says so', async (_, pair, message) => {
    const starting = startServer(testConfig(dataFolder(), { tls: { ...pair(), httpPort: null } }))
    await expect(starting).rejects.toThrow(message)
    await expect(starting).rejects.toBeInstanceOf(ConfigError)
  })

  it.each([
    [{ COATCHECK_TLS_CERT: 'cert.pem' }, /^COATCHECK_TLS_KEY cannot be used: set it to the path/],
    [{ COATCHECK_TLS_KEY: 'key.pem' }, /^COATCHECK_TLS_CERT /],
    [{ COATCHECK_HTTP_PORT: '80' }, /^COATCHECK_HTTP_PORT .*it needs COATCHECK_TLS_CERT/],
  ])('by half is refused: %j', (settings, message) => {
    expect(() => readConfig(settings)).toThrow(message)
  })
})

it('what begins while the server stops does not hold it: a stream gets no place, and half a request no more time', async () => {
  const server = await runningServer(dataFolder(), { drain: 500 })
  const client = new Client(server.url)
  await client.signUp('alice')
  await client.signIn('alice')
  const half = connect(server.port, '127.0.0.1')
  half.write('GET / HTTP/1.1\r\nHost: localhost\r\n')
  const stopped = server.stop()
  expect((await client.get('/account/events')).status).toBe(503)
  await stopped
  await once(half, 'close')
})

it('/readyz says at once that the server stops, while requests are still answered and their connections closed', async () => {
  const server = await runningServer(dataFolder(), { drain: 300 })
  const get = (path: string) => send(plainRequest, { port: server.port, path, headers: { connection: 'keep-alive' } })
  expect((await get('/readyz')).status).toBe(200)
  const stopped = server.stop()
  expect((await get('/readyz')).status).toBe(503)
  expect(await get('/login')).toMatchObject({ status: 200, headers: { connection: 'close' } })
  await stopped
  await expect(get('/login')).rejects.toThrow('ECONNREFUSED')
})
