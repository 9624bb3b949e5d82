import type { Passwords } from '../../src/accounts/passwords.ts'
import { makeApp } from '../../src/app.tsx'
import type { Services } from '../../src/environment.ts'
import { parseGateRules } from '../../src/gate/rules.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

/** Real hashes would say nothing more here, and take most of the time. */
const cheap: Passwords = { hash: async (password) => password, verify: async (password, hash) => password === hash }

const RULES = '/admin=role:admin; /payments=fresh:1m; /public=anyone; /hooks=any-site'

/** A server whose faults that nobody foresaw are collected, with alice, who can sign in as often as is needed. */
export async function attackedServer(passwords = cheap) {
  const faults: string[] = []
  const { port, url, services } = await runningServer(dataFolder(), {
    gateRules: parseGateRules(RULES) ?? [],
    around: (given) => ({
      passwords,
      log: {
        ...given.log,
        fault: (method, path, error) => void faults.push(`${method} ${path}: ${error.stack ?? error.message}`),
      },
    }),
  })
  await new Client(url).signUp('alice')
  const freshCookie = async () => {
    const client = new Client(url)
    await client.signIn('alice')
    return `sid=${client.cookies.get('sid')}`
  }
  /** Others are served: a person signs in, and machines are told that all is well. */
  const servesOthers = async () => {
    const client = new Client(url)
    const outcome = await client.signIn('alice', PASSWORD)
    return [outcome, await client.seen(client.get('/healthz'))]
  }
  return { port, url, services, faults, freshCookie, servesOthers }
}

export const SERVED = ['303 → /dashboard', '200 {"status":"ok"}']

/** The paths of the app's own table, so that no route is forgotten, with what stands for a parameter filled in. */
export function pathsOf(services: Services, values: readonly string[]): readonly string[] {
  const patterns = new Set(makeApp(services).routes.map(({ path }) => path))
  const filled = [...patterns].flatMap((path) =>
    path.includes(':') ? values.map((value) => path.replaceAll(/:\w+(?:\{[^}]*\})?/g, () => value)) : [path],
  )
  // What middleware is for stands in the table as a pattern: any path will do.
  return [...new Set(filled.map((path) => path.replaceAll('*', 'any/where')))]
}
