import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { type Kit, type PromiseContext, promiseCase, SIGNED_IN, stateOf, tokenOf } from './kit.ts'

const endings = (kit: Kit) =>
  kit.events.flatMap((event) => (event.type === 'ended' ? [[event.reason, event.userId]] : []))

/** Promises 11 and 13: every end has a reason that is seen; lists carry no credentials. */
export const reasonCases: readonly Case<PromiseContext>[] = [
  promiseCase(11, 'each ending is told to who held the token, and is an event with its reason', async (kit) => {
    const revoked = await kit.signedIn('ada')
    await kit.sessions.revoke((await revoked.visit((session) => session.id)) ?? '', 'lost phone')
    expectEqual(await revoked.visit((session) => [session.ended?.reason, session.ended?.note]), [
      'revoked',
      'lost phone',
    ])
    const left = await kit.signedIn('ada')
    const copy = left.copy()
    await left.visit((session) => session.signOut())
    expectEqual(await stateOf(copy), 'signed-out')
    expectEqual(endings(kit), [
      ['revoked', 'ada'],
      ['signed-out', 'ada'],
    ])
  }),
  promiseCase(
    11,
    'a session that the limit ends says so',
    async (kit) => {
      const first = await kit.signedIn('ada')
      kit.clock.advance(1)
      const second = await kit.signedIn('ada')
      kit.clock.advance(1)
      const third = await kit.signedIn('ada')
      expectEqual([await stateOf(first), await stateOf(second), await stateOf(third)], ['limit', 'active', 'active'])
      expectEqual(endings(kit), [['limit', 'ada']])
    },
    { sessionsPerUser: { max: 2 } },
  ),
  promiseCase(11, 'events carry a sequence without holes', async (kit) => {
    const browser = await kit.signedIn()
    await browser.visit((session) => session.signOut())
    expectEqual(
      kit.events.map(({ seq }) => seq),
      kit.events.map((_, i) => i + 1),
    )
    expectTrue(kit.events.length >= 2, 'There are no events.')
  }),
  promiseCase(11, 'a listener that throws disturbs neither the session nor other listeners', async (kit) => {
    kit.sessions.on(() => {
      throw new Error('of the listener')
    })
    const seen: string[] = []
    kit.sessions.on(({ type }) => seen.push(type))
    await kit.signedIn()
    expectEqual(seen, ['signed-in'])
  }),
  promiseCase(13, 'a list shows every live session of the user and nothing that signs in', async (kit) => {
    const browsers = [await kit.signedIn('ada'), await kit.signedIn('ada'), await kit.signedIn('bob')]
    const list = await kit.sessions.list('ada')
    expectEqual(list.length, 2)
    const text = JSON.stringify(list)
    for (const browser of browsers) {
      const token = tokenOf(browser)
      const secret = token.slice(-72, -29)
      const record = await kit.counting.read((await browser.visit((session) => session.id)) ?? '')
      for (const part of [token, secret, record?.secretHash ?? token]) {
        expectTrue(!text.includes(part), 'The list holds a credential.')
      }
    }
  }),
  promiseCase(13, 'an id from a list ends its session and signs nobody in', async (kit) => {
    const browser = await kit.signedIn('ada')
    const [info] = await kit.sessions.list('ada')
    const id = info?.id ?? ''
    const thief = kit.browser()
    thief.plant(SIGNED_IN, id)
    expectEqual(await stateOf(thief), 'malformed')
    expectEqual(await kit.sessions.revoke(id, null, { userId: 'bob' }), 'missing')
    expectEqual(await stateOf(browser), 'active')
    expectEqual(await kit.sessions.revoke(id, null, { userId: 'ada' }), 'ended')
    expectEqual(await stateOf(browser), 'revoked')
  }),
]
