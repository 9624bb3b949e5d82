import { randomBytes } from 'node:crypto'
import { addAccount } from './actions/administering.ts'
import { wasRefused } from './actions/refusals.ts'
import type { RunningServer } from './server.ts'

const VISITS = 2_000

const AGENTS = {
  desk: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0',
  phone:
    'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36',
  tablet:
    'Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
} as const

/** What is told when the thief is refused for the first time. */
const OUT = [
  'The thief is out: the session was ended, and the copy of its cookie is worth nothing.',
  'It goes on trying. Alice sees that on her page of recent activity.',
] as const

/** A server with something to see in it. */
export interface Demo {
  /** What to tell whoever watches. */
  readonly lines: readonly string[]
  readonly stop: () => void
}

/**
 * Makes two accounts with random passwords and some devices, and lets a thief visit with a copy of one device's cookie.
 * `tell` is given a line whenever something changes for the thief.
 */
export async function startDemo(server: RunningServer, tell: (line: string) => void): Promise<Demo> {
  const alice = await makeAccount(server, 'alice', 'user')
  const admin = await makeAccount(server, 'admin', 'admin')
  for (const agent of [AGENTS.desk, AGENTS.tablet]) await signIn(server.url, alice, agent)
  const stolen = await signIn(server.url, alice, AGENTS.phone)
  let state = 'in'
  // A visit that fails tells nothing of the session: the server is stopping, or the next visit will see.
  const timer = setInterval(() => void visit().catch(() => undefined), VISITS)
  async function visit() {
    const answer = await fetch(`${server.url}dashboard`, { headers: { cookie: stolen }, redirect: 'manual' })
    const now = answer.status === 200 ? 'in' : 'out'
    if (now !== state) for (const line of now === 'out' ? OUT : []) tell(line)
    state = now
  }
  return {
    lines: [
      'This is a demonstration: its data is gone when it stops.',
      `Sign in as   ${alice.username}   with   ${alice.password}`,
      `or as        ${admin.username}   with   ${admin.password}   (administrator)`,
      'A thief has copied the cookie of alice’s phone (Chrome on Android) and uses it every two seconds.',
      'Sign in as alice, open Devices, end that one, and watch this terminal. Then look at Account, Recent activity.',
    ],
    stop: () => clearInterval(timer),
  }
}

interface Credentials {
  readonly username: string
  readonly password: string
}

async function makeAccount({ services }: RunningServer, username: string, role: string): Promise<Credentials> {
  const { config } = services
  const password = randomBytes(48).toString('base64url').slice(0, Math.max(16, config.passwordLength))
  const outcome = await addAccount(services, { username, password, role })
  if (wasRefused(outcome)) throw new Error(`The demonstration cannot make ${username}: ${outcome.refused}.`)
  return { username, password }
}

/** Signs in as a browser would, and answers its cookies. */
async function signIn(url: string, credentials: Credentials, userAgent: string): Promise<string> {
  const headers = { 'user-agent': userAgent, origin: new URL(url).origin }
  const body = new URLSearchParams({ ...credentials })
  const answer = await fetch(`${url}login`, { method: 'POST', headers, body, redirect: 'manual' })
  const pairs = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0])
  return pairs.join('; ')
}
