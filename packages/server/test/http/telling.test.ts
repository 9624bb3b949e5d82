import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AccountsOutageError } from '../../src/accounts/faults.ts'
import { startServer } from '../../src/server.ts'
import { Client, dataFolder, PASSWORD, runningServer, testConfig } from '../running.ts'

/** What is written to standard error from now on. */
function standardError(): () => string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  return () => write.mock.calls.map(([text]) => String(text)).join('')
}

const FAULT = {
  level: 'error',
  method: 'GET',
  path: '/healthz',
  err: { message: 'a fault for this test', stack: expect.stringMatching(/\n {4}at /) },
}

describe('the operator is told', () => {
  it('of an outage, in one line for many requests, without what was sent', async () => {
    const { url } = await runningServer(dataFolder(), {
      around: ({ accounts }) => ({
        accounts: {
          ...accounts,
          ping: async () => Promise.reject(new AccountsOutageError('SQLITE_IOERR', null)),
          find: async () => Promise.reject(new AccountsOutageError('SQLITE_IOERR', null)),
        },
      }),
    })
    const written = standardError()
    const client = new Client(url)
    for (let i = 0; i < 3; i++) expect(await client.signIn('alice')).toMatch(/^503 /)
    expect(await client.seen(client.get('/healthz'))).toBe('503 {"status":"unavailable"}')
    expect(written()).toMatch(/^\{.*"msg":"accounts-failed: SQLITE_IOERR"\}\n$/)
  })

  it('of an unhealthy database, also where nobody signs in', async () => {
    const { url } = await runningServer(dataFolder(), {
      around: ({ accounts }) => ({
        accounts: { ...accounts, ping: async () => Promise.reject(new AccountsOutageError('SQLITE_FULL', null)) },
      }),
    })
    const written = standardError()
    await new Client(url).get('/healthz')
    expect(written()).toContain('"msg":"accounts-failed: SQLITE_FULL"')
  })

  it('of a fault that /healthz meets: it is unhealthy, with a stack', async () => {
    const { url } = await runningServer(dataFolder(), {
      around: ({ accounts }) => ({
        accounts: { ...accounts, ping: async () => Promise.reject(new Error('a fault for this test')) },
      }),
    })
    const written = standardError()
    const client = new Client(url)
    expect(await client.seen(client.get('/healthz'))).toBe('503 {"status":"unavailable"}')
    expect(JSON.parse(written())).toMatchObject(FAULT)
  })

  it('of what the library warns of, as a line of the log and no other', async () => {
    const elsewhere = new Client((await runningServer(dataFolder())).url)
    await elsewhere.signUp('alice')
    await elsewhere.signIn('alice')
    const client = new Client((await runningServer(dataFolder())).url)
    for (const [name, value] of elsewhere.cookies) client.cookies.set(name, value)
    const [written, emit] = [standardError(), vi.spyOn(process, 'emitWarning')]
    onTestFinished(() => emit.mockRestore())
    await client.get('/login')
    expect(JSON.parse(written())).toMatchObject({
      level: 'warn',
      event: 'library-warned',
      detail: expect.stringContaining('a key that is not listed here'),
    })
    expect(emit).not.toHaveBeenCalled()
  })

  it('of a page of others that was refused once, in the words of the settings', async () => {
    const { url } = await runningServer(dataFolder())
    const [written, emit] = [standardError(), vi.spyOn(process, 'emitWarning')]
    onTestFinished(() => emit.mockRestore())
    await fetch(`${url}login`, { method: 'POST', headers: { origin: 'https://shop.example' } })
    expect(JSON.parse(written())).toMatchObject({
      event: 'csrf-blocked',
      detail: expect.stringContaining('COATCHECK_TRUSTED_ORIGINS'),
    })
    expect(emit).not.toHaveBeenCalled()
  })

  it('of a key that is still in use and not the newest', async () => {
    const data = dataFolder()
    const config = testConfig(data)
    const first = await startServer(config)
    const client = new Client(first.url)
    await client.signUp('alice')
    await client.signIn('alice')
    await first.stop()
    const file = join(data, 'keys')
    writeFileSync(file, `another-key-0123456789-abcdefghijklm\n${readFileSync(file, 'utf8')}`)
    const again = new Client((await runningServer(data)).url)
    for (const [name, value] of client.cookies) again.cookies.set(name, value)
    const written = standardError()
    expect(await again.seen(again.get('/dashboard'))).toContain('Welcome, alice!')
    expect(JSON.parse(written()).msg).toMatch(/^key-used: [\w-]{6}, which is not the newest$/)
  })

  it('of a fault with its stack, and of no password', async () => {
    const { url } = await runningServer(dataFolder(), {
      around: ({ accounts }) => ({
        accounts: { ...accounts, find: async () => Promise.reject(new Error('a fault for this test')) },
      }),
    })
    const written = standardError()
    expect(await new Client(url).signIn('alice')).toMatch(/^500 /)
    expect(JSON.parse(written())).toMatchObject({ ...FAULT, method: 'POST', path: '/login' })
    expect(written()).not.toContain(PASSWORD)
  })
})

describe('the operator is not told', () => {
  it.each([
    ['Content-Length: 1000', 'username=ali'],
    ['Transfer-Encoding: chunked', 'c\r\nusername=ali\r\n'],
  ])('of a client that breaks off within its form, sent with %s', async (framing, part) => {
    const { url, port } = await runningServer()
    const written = standardError()
    for (const path of ['/login', '/signup']) {
      const socket = connect(port, '127.0.0.1')
      const type = 'application/x-www-form-urlencoded'
      socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${framing}\r\n\r\n${part}`)
      // Answered on another connection: by then the server reads the form.
      await fetch(new URL('/healthz', url))
      socket.destroy()
      await fetch(new URL('/healthz', url))
      await fetch(new URL('/healthz', url))
    }
    expect(written()).toBe('')
  })
})
