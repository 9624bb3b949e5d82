import type { Seeded } from 'coatcheck/testing'
import { ask, credentials, oneConnection, signedInBy } from './load.ts'

/**
 * Somebody who signs in and out without a pause, until the server is gone, and knows what was acknowledged: of what was
 * under way then, nobody can tell.
 */
export class UserUnderLoad {
  /** Cookies of which the server said that they sign in. */
  readonly signedIn = new Set<string>()
  /** Those whose ending it acknowledged. */
  readonly ended = new Set<string>()
  /** How often a restarted server was asked for one of them. */
  checkedSignedIn = 0
  checkedEnded = 0
  readonly name: string
  readonly #random: Seeded

  constructor(name: string, random: Seeded) {
    this.name = name
    this.#random = random
  }

  /** Goes on until an answer stays away. */
  async run(url: string): Promise<void> {
    const agent = oneConnection()
    try {
      for (;;) await this.#act(agent, url)
    } catch {
      // Killed.
    } finally {
      agent.destroy()
    }
  }

  async #act(agent: ReturnType<typeof oneConnection>, url: string): Promise<void> {
    const roll = this.#random.int(10)
    if (this.signedIn.size < 2 || roll < 5) {
      const cookie = signedInBy(await ask(agent, `${url}login`, { method: 'POST', form: credentials(this.name) }))
      if (cookie !== null) this.signedIn.add(cookie)
      return
    }
    const own = this.#random.pick([...this.signedIn])
    const ending = roll < 8 ? [own] : [...this.signedIn].filter((cookie) => cookie !== own)
    for (const cookie of ending) this.signedIn.delete(cookie)
    const path = roll < 8 ? 'logout' : 'account/sessions/end-others'
    const { status } = await ask(agent, `${url}${path}`, { method: 'POST', headers: { cookie: own } })
    if (status === 303) for (const cookie of ending) this.ended.add(cookie)
  }

  /** What the server now says otherwise than it said. */
  async wrongs(url: string): Promise<readonly string[]> {
    const agent = oneConnection()
    const wrongs: string[] = []
    this.checkedSignedIn += this.signedIn.size
    this.checkedEnded += this.ended.size
    for (const [cookies, expected] of [
      [this.signedIn, 200],
      [this.ended, 303],
    ] as const) {
      for (const cookie of cookies) {
        const { status } = await ask(agent, `${url}dashboard`, { headers: { cookie } })
        if (status !== expected) wrongs.push(`${this.name}: ${status} instead of ${expected}`)
      }
    }
    agent.destroy()
    return wrongs
  }
}
