import type { Passwords } from '../../src/accounts/passwords.ts'
import { parseGateRules } from '../../src/gate/rules.ts'
import { Client, cheapPasswords, dataFolder, PASSWORD, runningServer } from '../running.ts'

const RULES = '/admin=role:admin; /payments=fresh:1m; /public=anyone; /hooks=any-site'

/** A server whose faults that nobody foresaw are collected, with alice, who can sign in as often as is needed. */
export async function attackedServer(passwords: Partial<Passwords> = cheapPasswords) {
  const faults: string[] = []
  const { port, url, services } = await runningServer(dataFolder(), {
    gateRules: parseGateRules(RULES) ?? [],
    around: (given) => ({
      passwords: { ...given.passwords, ...passwords },
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
