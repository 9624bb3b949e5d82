import { AccountsOutageError } from '../../src/accounts/faults.ts'
import { pathsOf } from '../routes.ts'
import { type Changes, Client, cheapPasswords, dataFolder, type Fields, PASSWORD, runningServer } from '../running.ts'

/** What no visitor may read: it stands in the fault that whoever signs in as `broken` meets. */
export const INTERNAL = 'disk /dev/sda1 of db.internal is full'

/** A server where signing in as `out` meets an outage and as `broken` a fault; quick, with alice, a user. */
export async function requiredServer(changes: Changes = {}) {
  const server = await runningServer(dataFolder(), {
    logLevel: 'silent',
    around: ({ accounts, passwords }) => ({
      passwords: { ...passwords, ...cheapPasswords },
      accounts: {
        ...accounts,
        async find(typed) {
          if (typed === 'out') throw new AccountsOutageError('SQLITE_IOERR', null)
          if (typed === 'broken') throw new Error(INTERNAL)
          return await accounts.find(typed)
        },
      },
    }),
    ...changes,
  })
  // Also where the server's own address is another one: that of a proxy that ends TLS.
  const base = `http://127.0.0.1:${server.port}/`
  const alice = new Client(base)
  await alice.signUp('alice')
  await alice.signIn('alice')
  return { ...server, base, alice }
}

export interface SeenAnswer {
  /** Method, path, and as whom it was asked for. */
  readonly name: string
  readonly path: string
  readonly isSomebody: boolean
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const JSON_TYPE = { 'content-type': 'application/json' }
const HTML = { accept: 'text/html,application/xhtml+xml' }

/** The answers of every GET of the app's own table, and of every way to be refused, as nobody and as somebody. */
export async function everyAnswer({ base, alice, services }: Awaited<ReturnType<typeof requiredServer>>) {
  const seen: SeenAnswer[] = []
  const ask = async (client: Client, path: string, init: RequestInit = {}) => {
    const isSomebody = client.cookies.size > 0
    const response = await client.request(path, init)
    const isEndless = response.headers.get('content-type') === 'text/event-stream'
    if (isEndless) await response.body?.cancel()
    const text = isEndless ? '' : await response.text()
    const name = `${init.method ?? 'GET'} ${path} as ${isSomebody ? 'alice' : 'nobody'}`
    seen.push({ name, path, isSomebody, status: response.status, headers: response.headers, text })
  }
  const paths = pathsOf(services, ['x'], 'GET')
  const nobody = new Client(base)
  for (const client of [nobody, alice]) {
    for (const path of [...paths, '/nowhere', '/api/nowhere', '/gate?redirect']) {
      await ask(client, path, { headers: HTML })
      await ask(client, path, { headers: { accept: 'application/json' } })
    }
    const asked = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/any' }
    await ask(client, '/gate', { headers: asked })
    await ask(client, '/login', { method: 'OPTIONS' })
    await ask(client, '/api/sign-in', { method: 'PATCH' })
    for (const path of ['/login', '/reauth', '/api/sign-out']) {
      await ask(client, path, { method: 'POST', headers: { origin: 'https://evil.example' } })
    }
    await ask(client, '/login', { method: 'POST', body: 'x'.repeat(70_000) })
  }
  for (const username of ['alice', 'out', 'broken']) {
    const given: Fields = { username, password: username === 'alice' ? 'wrong' : PASSWORD }
    const form = new URLSearchParams(given)
    await ask(nobody, '/login', { method: 'POST', body: form, headers: HTML })
    await ask(nobody, '/login', { method: 'POST', body: form, headers: { accept: 'application/json' } })
    await ask(nobody, '/api/sign-in', { method: 'POST', body: JSON.stringify(given), headers: JSON_TYPE })
  }
  return seen
}

export const typeOf = ({ headers }: SeenAnswer): string => headers.get('content-type') ?? ''
export const isPage = (answer: SeenAnswer): boolean => typeOf(answer).startsWith('text/html')
export const isJson = (answer: SeenAnswer): boolean => /^application\/(?:problem\+)?json/.test(typeOf(answer))
