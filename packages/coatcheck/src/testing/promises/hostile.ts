import { DataError } from '../../errors.ts'
import { expectEqual, expectThrows, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import {
  ANONYMOUS,
  type Browser,
  type Kit,
  type PromiseContext,
  promiseCase,
  SIGNED_IN,
  settle,
  stateOf,
  tokenOf,
} from './kit.ts'

/** Characters that a header may hold, among them those that mean something in cookies. */
const CHARACTERS = 'abcXYZ019-_.~!#$%&\'*+^`|/:<>?@[]{}()=,;"\\ \t\u00e9\u00ff'

function junk(kit: Kit, length: number): string {
  return Array.from({ length }, () => CHARACTERS.charAt(kit.random.int(CHARACTERS.length))).join('')
}

/** The token with one character exchanged for another one. */
function mutated(kit: Kit, token: string): string {
  const at = kit.random.int(token.length)
  const other = kit.random.pick([...'ABCabc019-_.~'].filter((character) => character !== token.charAt(at)))
  return token.slice(0, at) + other + token.slice(at + 1)
}

async function opens(kit: Kit, cookie: string) {
  const session = await kit.sessions.open({ headers: { get: (name) => (name === 'cookie' ? cookie : null) } })
  return session
}

function withToken(browser: Browser, token: string): string {
  browser.plant(SIGNED_IN, token)
  return `${SIGNED_IN}=${token}`
}

/** Promise 9: hostile input is a visitor without a session. */
export const hostileCases: readonly Case<PromiseContext>[] = [
  promiseCase(9, 'any bytes in the cookie header: no exception, no store call, no session', async (kit) => {
    for (let i = kit.times(20_000); i > 0; i--) {
      const name = kit.random.pick([SIGNED_IN, ANONYMOUS, '', `x${SIGNED_IN}`])
      const session = await opens(kit, `${junk(kit, kit.random.int(40))}; ${name}=${junk(kit, kit.random.int(140))}`)
      expectEqual(session.userId, null)
    }
    expectEqual(kit.counting.counts(), {})
  }),
  promiseCase(9, 'a token with one character changed: no store call, whatever the character', async (kit) => {
    const browser = await kit.signedIn()
    const token = tokenOf(browser)
    kit.counting.reset()
    for (let i = kit.times(20_000); i > 0; i--) {
      const session = await opens(kit, withToken(browser, mutated(kit, token)))
      expectEqual(session.userId, null)
      expectTrue(session.ended !== null, 'The refusal has no reason.')
    }
    expectEqual(kit.counting.counts(), {})
  }),
  promiseCase(9, 'a made-up secret for a known id, and an unknown id: no store call', async (kit) => {
    const browser = await kit.signedIn()
    const token = tokenOf(browser)
    const id = (await browser.visit((session) => session.id)) ?? ''
    kit.counting.reset()
    const at = token.indexOf(id)
    const guessed = token.slice(0, at + 22) + kit.random.bytes(32) + token.slice(at + 65)
    const unknown = token.slice(0, at) + kit.random.bytes(16) + token.slice(at + 22)
    for (const made of [guessed, unknown])
      expectEqual((await opens(kit, withToken(browser, made))).ended?.reason, 'unknown')
    expectEqual(kit.counting.counts(), {})
    const refusals = kit.events.filter((event) => event.type === 'refused')
    expectEqual(
      refusals.map((event) => [event.reason, event.sessionId]),
      [
        ['forged', null],
        ['forged', null],
      ],
      'A guess was reported on the account of the session that it named.',
    )
  }),
  promiseCase(9, 'a cookie header over 16 KB is not looked into, and the operator is told', async (kit) => {
    const browser = await kit.signedIn()
    kit.counting.reset()
    const cookie = `${SIGNED_IN}=${tokenOf(browser)}; filler=${'x'.repeat(16_384)}`
    expectEqual((await opens(kit, cookie)).userId, null)
    expectEqual(kit.counting.counts(), {})
    const last = kit.events.at(-1)
    expectEqual(last?.type === 'refused' && last.reason, 'malformed', 'Nobody was told.')
  }),
  promiseCase(9, 'two cookies of one name: the one that verifies; if two different ones do, none', async (kit) => {
    const ada = tokenOf(await kit.signedIn('ada'))
    const bob = tokenOf(await kit.signedIn('bob'))
    const cookies = (...tokens: readonly string[]) => tokens.map((token) => `${SIGNED_IN}=${token}`).join('; ')
    const userOf = async (...tokens: readonly string[]) => (await opens(kit, cookies(...tokens))).userId
    expectEqual(await userOf('junk', ada), 'ada')
    expectEqual(await userOf(ada, mutated(kit, bob)), 'ada')
    expectEqual(await userOf(ada, ada), 'ada')
    expectEqual(await userOf(ada, bob), null)
    expectEqual(await userOf(bob, ada), null)
    expectTrue(
      kit.events.some((event) => event.type === 'refused' && event.reason === 'ambiguous'),
      'No event.',
    )
  }),
  promiseCase(9, 'a token in the other cookie does not count', async (kit) => {
    const browser = kit.browser()
    await browser.visit((session) => {
      session.data.n = 1
    })
    const token = tokenOf(browser, ANONYMOUS)
    expectEqual((await opens(kit, `${SIGNED_IN}=${token}`)).id, null)
  }),
  promiseCase(9, 'data is bounded in bytes, keys and depth, and the error names what is too large', async (kit) => {
    let deep: unknown = 'end'
    for (let i = 0; i < 32; i++) deep = [deep]
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`k${i}`, i]))
    const cases: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ large: 'x'.repeat(65_536) }, 'size'],
      [many, 'keys'],
      [{ deep: [deep] }, 'depth'],
      [{ constructor: 1 }, 'key'],
    ]
    for (const [data, fault] of cases) {
      const session = await kit.sessions.open(kit.browser().request())
      Object.assign(session.data, data)
      const error = await expectThrows('ERR_DATA', () => kit.sessions.commit(session, new Response()))
      expectEqual('fault' in error && error.fault, fault)
    }
    expectEqual(kit.counting.counts(), {})
    const browser = kit.browser()
    await browser.visit((session) => {
      session.data['deep'] = deep
    })
    expectEqual(await browser.visit((session) => session.data['deep']), deep)
  }),
  promiseCase(9, 'nasty values come back as they were', async (kit) => {
    const values: Record<string, unknown> = {
      'NUL \0 inside': 'a\0b',
      'lone \ud800 surrogate': '\udfff',
      empty: [null, [], {}, '', 0, false],
      'minus zero': [-0],
      large: [2 ** 53 + 2, 1e300, 5e-324],
      'dots.and"quotes\'\n': { 'a.b': { "c'd": 'e"f' } },
      '': 'the empty key',
      emoji: '\u{1f9e5}',
    }
    const browser = kit.browser()
    await browser.visit((session) => Object.assign(session.data, values))
    expectEqual(await browser.visit((session) => ({ ...session.data })), values)
    kit.counting.reset()
    await browser.visit((session) => session.data.n)
    expectEqual(kit.counting.counts(), { read: 1 }, 'Reading nasty values wrote them again.')
  }),
  promiseCase(
    9,
    'a superseded token ends its session where the policy says so',
    async (kit) => {
      const browser = await kit.signedIn()
      const old = browser.copy()
      await browser.visit((session) => session.rotate())
      // The requests that a page had sent before it knew of the new token are no theft.
      kit.clock.advance(29_999)
      expectEqual([await stateOf(old), await stateOf(browser)], ['replaced', 'active'])
      kit.clock.advance(1)
      expectEqual([await stateOf(old), await stateOf(browser)], ['reused', 'reused'])
    },
    { policy: { reuse: 'end' } },
  ),
  promiseCase(
    9,
    'what parallel requests store is held to the limit together, and a session that is full can be made smaller',
    async (kit) => {
      const browser = await kit.signedIn()
      const large = 'x'.repeat(20_000)
      const writing = Array.from({ length: 8 }, (_, i) =>
        browser.visit((session) => {
          session.data[`key ${i}`] = large
        }),
      )
      const counting = Array.from({ length: 8 }, (_, i) =>
        browser.visit((session) => session.update(`other ${i}`, () => large)),
      )
      const results = await settle([...writing, ...counting])
      const done = results.filter(({ status }) => status === 'fulfilled').length
      expectEqual(done, 3, 'Each alone is within the limit, and more than three are not.')
      const codes = results.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
      expectEqual(new Set(codes), new Set(['ERR_DATA']))
      const data = await browser.visit((session) => ({ ...session.data }))
      expectEqual(Object.keys(data).length, 3)
    },
  ),
  promiseCase(
    9,
    'updateUser makes no session too large; one that is goes on, and takes what makes it no larger',
    async (kit) => {
      const browser = await kit.signedIn('ada', { role: 'user', first: 'x'.repeat(50_000), n: 1 })
      const change = { set: { second: 'y'.repeat(50_000) } }
      const error = await expectThrows('ERR_DATA', () => kit.sessions.updateUser('ada', change))
      expectTrue(error instanceof DataError && error.fault === 'size', 'It is refused for another reason.')
      await (await kit.another({ data: { maxBytes: 200_000 } })).updateUser('ada', change)
      await browser.visit((session) => {
        session.data.n = 2
      })
      const [grown] = await settle([
        browser.visit((session) => {
          session.data['third'] = 'more'
        }),
      ])
      expectEqual(grown?.status, 'rejected', 'It grew further.')
      await browser.visit((session) => {
        delete session.data['first']
        session.data['third'] = 'more'
      })
      expectEqual(await browser.visit(({ data }) => [data.n, data['third'], Object.hasOwn(data, 'first')]), [
        2,
        'more',
        false,
      ])
    },
  ),
]
