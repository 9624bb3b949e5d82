import type { Session } from '../../core/sessions/session.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import type { StoreMethod } from '../intercept.ts'
import {
  type Browser,
  type Data,
  type Kit,
  NAVIGATION,
  type PromiseContext,
  promiseCase,
  settle,
  stateOf,
} from './kit.ts'

/** What a slow request may be doing while its session is ended, and the store call on which it is stopped. */
interface SlowRequest {
  readonly does: string
  readonly method: StoreMethod
  readonly before?: (kit: Kit) => void
  readonly run: (kit: Kit, browser: Browser) => Promise<unknown>
}

const write = (session: Session<Partial<Data>>) => {
  session.data.n = 7
}

const SLOW: readonly SlowRequest[] = [
  { does: 'writes', method: 'update', run: (_, browser) => browser.visit(write) },
  {
    does: 'updates a key',
    method: 'update',
    run: (_, browser) => browser.visit((session) => session.update('n', () => 1)),
  },
  {
    does: 'touches',
    method: 'touch',
    before: (kit) => kit.clock.advance('2m'),
    run: (_, browser) => browser.visit(() => undefined),
  },
  {
    does: 'renews',
    method: 'rotate',
    before: (kit) => kit.clock.advance('29m'),
    run: (_, browser) => browser.visit(() => undefined, NAVIGATION),
  },
  {
    does: 're-authenticates',
    method: 'rotate',
    run: async (kit, browser) => {
      const attempt = await kit.sessions.begin('ada')
      await browser.visit((session) => session.reauthenticate(attempt))
    },
  },
  { does: 'rotates', method: 'rotate', run: (_, browser) => browser.visit((session) => session.rotate()) },
]

const ENDINGS: Readonly<Record<string, (kit: Kit, id: string) => Promise<unknown>>> = {
  revoke: (kit, id) => kit.sessions.revoke(id),
  revokeUser: (kit) => kit.sessions.revokeUser('ada'),
  revokeAll: (kit) => kit.sessions.revokeAll(),
}

async function endWhile(
  kit: Kit,
  slow: SlowRequest,
  end: (kit: Kit, id: string) => Promise<unknown>,
  side: 'before' | 'after',
) {
  const browser = await kit.signedIn()
  const thief = browser.copy()
  const id = (await browser.visit((session) => session.id)) ?? ''
  slow.before?.(kit)
  const barrier = side === 'before' ? kit.barrier.stopBefore(slow.method) : kit.barrier.stopAfter(slow.method)
  const request = slow.run(kit, browser)
  await barrier.reached
  await end(kit, id)
  barrier.release()
  await settle([request])
  for (const client of [browser, thief]) {
    const state = await stateOf(client)
    expectTrue(state !== 'active', `The session lives after its ending: ${state}.`)
  }
  expectEqual(await kit.sessions.list('ada'), [], 'An ended session is listed.')
}

const POLICY = { policy: { renewal: '25m' } } as const

const overtaken = SLOW.flatMap((slow) =>
  Object.entries(ENDINGS).map(([name, end]) =>
    promiseCase(
      4,
      `a slow request ${slow.does} while ${name} ends its session: it stays ended`,
      async (kit) => {
        await endWhile(kit, slow, end, 'before')
        await endWhile(kit, slow, end, 'after')
      },
      POLICY,
    ),
  ),
)

/** A change of a user's sessions, and the store call that makes it. */
interface Change {
  readonly method: 'endUser' | 'updateUser'
  readonly run: (userId: string) => Promise<unknown>
}

/** One way in which the change and the sign-in overtake each other; the attempt has begun before. */
type Order = (kit: Kit, signIn: () => Promise<unknown>, change: Change, userId: string) => Promise<unknown>

const stopSignIn =
  (side: 'stopBefore' | 'stopAfter'): Order =>
  async (kit, signIn, change, userId) => {
    const barrier = kit.barrier[side]('create')
    const signingIn = signIn()
    await barrier.reached
    await change.run(userId)
    barrier.release()
    await settle([signingIn])
  }

const stopChange =
  (side: 'stopBefore' | 'stopAfter'): Order =>
  async (kit, signIn, change, userId) => {
    const barrier = kit.barrier[side](change.method)
    const changing = change.run(userId)
    await barrier.reached
    await settle([signIn()])
    barrier.release()
    await changing
  }

const ORDERS: readonly Order[] = [
  async (_, signIn, change, userId) => {
    await change.run(userId)
    await settle([signIn()])
  },
  (_, signIn, change, userId) => settle([signIn(), change.run(userId)]),
  (_, signIn, change, userId) => settle([change.run(userId), signIn()]),
  stopSignIn('stopBefore'),
  stopSignIn('stopAfter'),
  stopChange('stopBefore'),
  stopChange('stopAfter'),
]

/** Begin, verify and sign in with the old role, while the user's sessions are ended or get the new one. */
async function interleave(kit: Kit, order: Order, change: Change): Promise<void> {
  const userId = kit.random.bytes(6)
  const browser = kit.browser()
  const attempt = await kit.sessions.begin(userId)
  const session = await kit.sessions.open(browser.request())
  const signIn = async () => {
    await session.signIn(attempt, { data: { role: 'old' } })
    browser.take(await kit.sessions.commit(session, new Response()))
  }
  await order(kit, signIn, change, userId)
  const after = await browser.visit((now) => ({ userId: now.userId, role: now.data.role }))
  expectTrue(after.userId === null || after.role === 'new', `Signed in with the role ${after.role} after the change.`)
  const listed = await kit.sessions.list(userId)
  expectEqual(listed.length, after.userId === null ? 0 : 1, 'The list and the browser disagree.')
}

async function interleaveAll(kit: Kit, change: Change): Promise<void> {
  for (let i = kit.times(5000); i > 0; i--) await interleave(kit, kit.random.pick(ORDERS), change)
}

export const endingCases: readonly Case<PromiseContext>[] = [
  ...overtaken,
  promiseCase(4, 'revokeUser beats sign-ins that began before it, in every interleaving', async (kit) => {
    await interleaveAll(kit, { method: 'endUser', run: (userId) => kit.sessions.revokeUser(userId) })
  }),
  promiseCase(4, 'updateUser reaches sign-ins that began before it, in every interleaving', async (kit) => {
    const run = (userId: string) => kit.sessions.updateUser(userId, { set: { role: 'new' } })
    await interleaveAll(kit, { method: 'updateUser', run })
  }),
  promiseCase(4, 'a sign-in that began before revokeAll is void', async (kit) => {
    const attempt = await kit.sessions.begin('ada')
    await kit.sessions.revokeAll()
    const results = await settle([kit.browser().visit((session) => session.signIn(attempt))])
    expectEqual(results[0]?.status, 'rejected')
    expectEqual(await kit.sessions.list('ada'), [])
  }),
  promiseCase(4, 'another process refuses at once', async (kit) => {
    const browser = await kit.signedIn()
    const other = await kit.another()
    const open = () => other.open(browser.request(), { strict: true })
    expectEqual((await open()).userId, 'ada')
    await kit.sessions.revoke((await open()).id ?? '', 'stolen')
    const { ended, userId } = await open()
    expectEqual([userId, ended?.reason, ended?.note], [null, 'revoked', 'stolen'])
  }),
  promiseCase(4, 'revokeUser spares the session that it was told to', async (kit) => {
    const kept = await kit.signedIn()
    const other = await kit.signedIn()
    const id = await kept.visit((session) => session.id)
    expectEqual(await kit.sessions.revokeUser('ada', { except: id }), 1)
    expectEqual([await stateOf(kept), await stateOf(other)], ['active', 'revoked'])
  }),
  promiseCase(4, 'a session ended twice keeps its first reason', async (kit) => {
    const browser = await kit.signedIn()
    const id = (await browser.visit((session) => session.id)) ?? ''
    expectEqual(await kit.sessions.revoke(id, 'first'), 'ended')
    expectEqual(await kit.sessions.revoke(id, 'second'), 'already')
    expectEqual(await kit.sessions.revoke(kit.random.bytes(16)), 'missing')
    expectEqual(await browser.visit((session) => session.ended?.note), 'first')
  }),
  promiseCase(4, 'signing out ends the session for every copy of its token and deletes the cookie', async (kit) => {
    const browser = await kit.signedIn()
    const copy = browser.copy()
    await browser.visit((session) => session.signOut())
    expectEqual(browser.cookies().size, 0)
    expectEqual(await stateOf(copy), 'signed-out')
    expectEqual(copy.cookies().size, 1, 'The answer to a refused token touched its cookie.')
  }),
  promiseCase(4, 'random parallel requests, endings and sign-ins: nothing lives after its ending', async (kit) => {
    for (let round = kit.times(500); round > 0; round--) await storm(kit)
  }),
]

/** Everything at once on one session; then it is ended for good. */
async function storm(kit: Kit): Promise<void> {
  const browser = await kit.signedIn('ada')
  const id = (await browser.visit((session) => session.id)) ?? ''
  kit.clock.advance('26m')
  const attempt = await kit.sessions.begin('ada')
  const doings = [
    () => browser.copy().visit(write),
    () => browser.copy().visit((session) => session.update('n', (n) => (n ?? 0) + 1)),
    () => browser.copy().visit(() => undefined, NAVIGATION),
    () => browser.copy().visit((session) => session.reauthenticate(attempt)),
    () => kit.sessions.updateUser('ada', { set: { role: 'new' } }),
    () => kit.sessions.revoke(id),
  ]
  await settle(kit.random.shuffle(doings).map((doing) => doing()))
  expectTrue((await stateOf(browser)) !== 'active', 'The session lives after its ending.')
  expectEqual(await kit.sessions.list('ada'), [])
}
