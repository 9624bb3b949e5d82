import { runtime } from '#runtime'
import { makeKeys } from '../../core/keys/keys.ts'
import { deriveSuccessor, parseToken } from '../../tokens/opaque/token.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import {
  type Browser,
  KEY,
  type Kit,
  NAVIGATION,
  type PromiseContext,
  promiseCase,
  SIGNED_IN,
  stateOf,
  tokenOf,
} from './kit.ts'

/** A secret as it might be written somewhere. */
function spellings(secret: string): readonly string[] {
  const bytes = atob(secret.replaceAll('-', '+').replaceAll('_', '/'))
  const hex = [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('')
  return [secret, hex, hex.toUpperCase(), bytes]
}

function secretOf(token: string): string {
  return parseToken(token)?.secret ?? ''
}

/** The secrets that stand in a text, in any spelling. */
function leaked(text: string, tokens: ReadonlySet<string>): readonly string[] {
  return [...tokens].filter((token) => spellings(secretOf(token)).some((spelling) => text.includes(spelling)))
}

interface Run {
  readonly tokens: ReadonlySet<string>
  readonly texts: readonly string[]
}

/** A run of many kinds of requests; answers the tokens that were given out and everything that could be read. */
async function longRun(kit: Kit): Promise<Run> {
  const tokens = new Set<string>()
  const texts: string[] = []
  const ids = new Set<string>()
  const browsers: Browser[] = []
  const attempt = async (work: Promise<unknown>) => {
    await work.catch((error: unknown) =>
      texts.push(error instanceof Error ? `${error.message}${error.stack}` : String(error)),
    )
  }
  const doings: readonly ((browser: Browser) => Promise<unknown>)[] = [
    (browser) => browser.visit(async (session) => session.signIn(await kit.sessions.begin('ada'))),
    (browser) => browser.visit(async (session) => session.reauthenticate(await kit.sessions.begin('ada'))),
    (browser) => browser.visit((session) => session.rotate()),
    (browser) => browser.visit((session) => session.update('n', (n) => (n ?? 0) + 1)),
    (browser) => browser.visit((session) => session.requireFresh({ maxAge: '1m' })),
    (browser) => browser.visit((session) => session.signOut()),
    (browser) =>
      browser.visit((session) => {
        session.data['bad'] = new Date(0)
      }),
    (browser) => browser.visit(() => undefined, NAVIGATION),
    () => kit.sessions.revokeUser('ada'),
  ]
  for (let i = kit.times(3000); i > 0; i--) {
    if (browsers.length < 8) browsers.push(kit.browser())
    const browser = kit.random.pick(browsers)
    await attempt(kit.random.pick(doings)(browser))
    for (const token of browser.cookies().values()) tokens.add(token)
    ids.add((await browser.visit((session) => session.id)) ?? '')
    kit.clock.advance(kit.random.int(40 * 60_000))
  }
  for (const id of ids) texts.push(JSON.stringify(await kit.counting.read(id)))
  texts.push(JSON.stringify(kit.events), JSON.stringify(await kit.sessions.list('ada')))
  return { tokens, texts }
}

/** Promise 1: nothing that leaks signs anybody in. */
export const leakCases: readonly Case<PromiseContext>[] = [
  promiseCase(
    1,
    'after a long run no event, error, list or record holds a secret; the search finds a planted one',
    async (kit) => {
      const { tokens, texts } = await longRun(kit)
      expectTrue(tokens.size > 5, 'The run gave out too few tokens.')
      for (const text of texts) expectEqual(leaked(text, tokens), [])
      const [token = ''] = tokens
      for (const spelling of spellings(secretOf(token))) {
        expectEqual(leaked(`before${spelling}after`, tokens), [token], 'The search is blind.')
      }
    },
  ),
  promiseCase(1, 'what the store holds signs nobody in', async (kit) => {
    const browser = await kit.signedIn()
    const token = tokenOf(browser)
    const record = await kit.counting.read((await browser.visit((session) => session.id)) ?? '')
    const thief = kit.browser()
    thief.plant(SIGNED_IN, token.replace(secretOf(token), record?.secretHash ?? ''))
    expectEqual(await stateOf(thief), 'unknown')
  }),
  promiseCase(
    1,
    "the server's key, a dump of the store and an old token together make no live one",
    async (kit) => {
      const browser = await kit.signedIn()
      const old = secretOf(tokenOf(browser))
      kit.clock.advance('61m')
      await browser.visit(() => undefined, NAVIGATION)
      await browser.visit(() => undefined)
      const record = await kit.counting.read((await browser.visit((session) => session.id)) ?? '')
      expectTrue(record !== null && record.predecessor !== null, 'The session was not renewed.')
      expectEqual(record.predecessor.nonce, null, 'The nonce outlives the sight of the successor.')
      const { newest } = await makeKeys([KEY], runtime).ring()
      const stored = [record.predecessor.hash, record.secretHash, record.id, '']
      for (const nonce of stored) {
        const { id, generation } = record
        const made = await deriveSuccessor(newest, { id, generation, secret: old, nonce })
        expectTrue((await runtime.sha256(made)) !== record.secretHash, 'A live secret was derived.')
      }
      kit.clock.advance('30s')
      const thief = kit.browser()
      thief.plant(SIGNED_IN, tokenOf(browser).replace(secretOf(tokenOf(browser)), old))
      expectEqual(await stateOf(thief), 'unknown')
    },
    { policy: { idle: '3h' } },
  ),
  promiseCase(
    1,
    'a token three generations old is superseded, and reported on its session',
    async (kit) => {
      const browser = await kit.signedIn()
      const old = browser.copy()
      for (let i = 0; i < 3; i++) {
        kit.clock.advance('61m')
        await browser.visit(() => undefined, NAVIGATION)
      }
      expectEqual(await stateOf(old), 'replaced')
      const id = await browser.visit((session) => session.id)
      const refused = kit.events.filter((event) => event.type === 'refused')
      expectEqual(
        refused.map((event) => [event.reason, event.sessionId]),
        [['superseded', id]],
      )
      expectEqual(await stateOf(browser), 'active')
    },
    { policy: { idle: '3h' } },
  ),
]
