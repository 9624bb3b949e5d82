import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Passwords } from '../src/accounts/passwords.ts'
import { type Config, type Limits, readConfig } from '../src/config.ts'
import type { Services } from '../src/environment.ts'
import { type RunningServer, startServer } from '../src/server.ts'
import { openServices } from '../src/services.ts'

export const PASSWORD = 'correct horse battery'

/** An empty folder for a test's data, removed when the test is over. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-server-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'data')
}

const UNLIMITED: Limits = {
  failuresPerAccount: 999_999,
  failuresPerAddress: 999_999,
  signupsPerAddress: 999_999,
  signInsPerAccount: 999_999,
  changesPerAccount: 999_999,
}

/** Settings that a test changes; limits that it does not name are those that no test comes near. */
export interface Changes extends Omit<Partial<Config>, 'limits'> {
  readonly limits?: Partial<Limits>
}

/** The default settings on a free port, with limits that no test comes near; `changes` win. */
export function testConfig(data: string, { limits = {}, ...changes }: Changes = {}): Config {
  const own = { port: 0, data, limits: { ...UNLIMITED, ...limits }, logLevel: 'warn', drain: 0 } as const
  return { ...readConfig({}), ...own, ...changes }
}

/** For tests in which real hashes would say nothing more, and take most of the time. */
export const cheapPasswords: Pick<Passwords, 'hash' | 'verify'> = {
  hash: async (password) => password,
  verify: async (password, hash) => password === hash,
}

export interface RunningOptions extends Changes {
  /** Puts something around what the routes work with. */
  readonly around?: (services: Services) => Partial<Services>
}

/** For `around`: counts the passwords that a server checks. */
export function countingPasswords() {
  let checked = 0
  const around: NonNullable<RunningOptions['around']> = ({ passwords }) => ({
    passwords: {
      ...passwords,
      async verify(...given) {
        checked++
        return await passwords.verify(...given)
      },
    },
  })
  return { around, checked: () => checked }
}

/** A server on a free port of this machine, stopped when the test is over. */
export async function runningServer(
  data = dataFolder(),
  { around = () => ({}), ...changes }: RunningOptions = {},
): Promise<RunningServer> {
  const server = await startServer(testConfig(data, changes), async (config) => {
    const { services, close } = await openServices(config)
    return { services: { ...services, ...around(services) }, close }
  })
  onTestFinished(() => server.stop())
  return server
}

export type Fields = Readonly<Record<string, string>>

/** A client that keeps cookies and follows no redirect, as curl does. */
export class Client {
  readonly cookies = new Map<string, string>()
  readonly base: string
  readonly #headers: Fields

  constructor(base: string, headers: Fields = {}) {
    this.base = base
    this.#headers = headers
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = new Headers({ ...this.#headers, ...(cookie === '' ? {} : { cookie }) })
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value)
    const response = await fetch(new URL(path, this.base), { redirect: 'manual', ...init, headers })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    return response
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';', 1)
    const at = pair.indexOf('=')
    if (/; Max-Age=0(;|$)/.test(line)) this.cookies.delete(pair.slice(0, at))
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }

  get(path: string, headers: Fields = {}): Promise<Response> {
    return this.request(path, { headers })
  }

  post(path: string, fields: Fields | URLSearchParams = {}, headers: Fields = {}): Promise<Response> {
    return this.request(path, { method: 'POST', body: new URLSearchParams(fields), headers })
  }

  /** Where an answer leads, or its text. */
  async seen(response: Promise<Response>): Promise<string> {
    const { status, headers, ...rest } = await response.then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
    }))
    const location = headers.get('location')
    return location === null ? `${status} ${rest.text}` : `${status} → ${location}`
  }

  /** Where it leads without the name, which the sign-in page is filled in with. */
  async signUp(username: string, password = PASSWORD): Promise<string> {
    return (await this.seen(this.post('/signup', { username, password }))).replace(/(?<=\?welcome)&username=[^&]*$/, '')
  }

  async signIn(username: string, password = PASSWORD): Promise<string> {
    return await this.seen(this.post('/login', { username, password }))
  }
}
