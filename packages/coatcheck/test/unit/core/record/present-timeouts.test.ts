import { describe, expect, test } from 'vitest'
import { makePolicy, type PolicyOptions } from '../../../../src/core/record/policy.ts'
import { underPolicy } from '../../../../src/core/record/present-timeouts.ts'
import type { Session } from '../../../../src/index.ts'
import { anApp, type Data, NAVIGATION, rejection } from '../app.ts'
import { aRecord, HOUR, MINUTE, START } from '../records.ts'

const DAY = 24 * HOUR
const LONG = { idle: '8h', absolute: '24h' } as const
const SHORT = { idle: '15m', absolute: '1h' } as const

describe('a record is held to the shorter timeouts', () => {
  const timesUnder = (policy: PolicyOptions, fields: Parameters<typeof aRecord>[0]) => {
    const { idleFor, expiresAt } = underPolicy(aRecord(fields), makePolicy(policy))
    return [idleFor, expiresAt]
  }
  const stored = { idleFor: 8 * HOUR, expiresAt: START + DAY }
  const anonymous = { userId: null, authenticatedAt: null, assurance: null }

  test.each([
    ['shorter ones', SHORT, stored, [15 * MINUTE, START + HOUR]],
    ['longer ones', { idle: '30d', absolute: '90d' }, stored, [8 * HOUR, START + DAY]],
    ['no idle timeout', { idle: 'none', absolute: '24h' }, stored, [8 * HOUR, START + DAY]],
    ['an idle timeout where there was none', LONG, { ...stored, idleFor: null }, [8 * HOUR, START + DAY]],
    ['the last authentication', SHORT, { ...stored, authenticatedAt: START + HOUR }, [15 * MINUTE, START + 2 * HOUR]],
    ['those that it keeps', { ...SHORT, existing: 'keep' }, stored, [8 * HOUR, START + DAY]],
    ['a guest’s own', { ...SHORT, anonymous: LONG }, { ...stored, ...anonymous }, [8 * HOUR, START + DAY]],
    ['a guest’s, shorter', { ...LONG, anonymous: SHORT }, { ...stored, ...anonymous }, [15 * MINUTE, START + HOUR]],
    ['those of the policy, for a guest', SHORT, { ...stored, ...anonymous }, [15 * MINUTE, START + HOUR]],
    [
      'a lasting guest’s, whose row is gone',
      SHORT,
      { ...stored, ...anonymous, persistent: true },
      [8 * HOUR, START + DAY],
    ],
    [
      'those of the remembered',
      { ...LONG, rememberMe: SHORT },
      { ...stored, persistent: true },
      [15 * MINUTE, START + HOUR],
    ],
    ['a remembered one’s, whose row is gone', SHORT, { ...stored, persistent: true }, [8 * HOUR, START + DAY]],
  ] as const)('%s', (_, policy, fields, times) => {
    expect(timesUnder(policy, fields)).toEqual(times)
  })

  test('and is the same object where there is nothing to shorten', () => {
    const record = aRecord()
    expect(underPolicy(record, makePolicy({}))).toBe(record)
  })
})

/** Sessions of before and after a deployment, over one store. */
function deployed(before: PolicyOptions, after: PolicyOptions) {
  const app = anApp({ policy: before })
  const present = app.make({ policy: after })
  const events: string[] = []
  present.on(({ type }) => events.push(type))
  const signedIn = async (options = {}) => {
    const client = app.aClient()
    await client.visit(async (session) => session.signIn(await app.sessions.begin('ada'), options))
    const later = app.aClient(present)
    for (const [name, value] of client.jar) later.jar.set(name, value)
    return { before: client, later }
  }
  return { ...app, present, events, signedIn }
}

describe('shortened timeouts hold for sessions that are there', () => {
  test('at each request: one of 7 hours without activity is over', async () => {
    const app = deployed(LONG, SHORT)
    const { later, before } = await app.signedIn()
    app.clock.advance('7h')
    app.counting.reset()
    expect(await later.visit(({ userId, ended }) => [userId, ended?.reason, ended?.at])).toEqual([
      null,
      'idle',
      START + 15 * MINUTE,
    ])
    // Nothing was written: the sessions of before still know it.
    expect(app.counting.counts()).toEqual({ read: 1 })
    expect(app.events).toEqual(['refused'])
    expect(await before.visit(({ userId }) => userId)).toBe('ada')
  })

  test('both sides of each deadline', async () => {
    const app = deployed(LONG, SHORT)
    const { later } = await app.signedIn()
    app.clock.advance(15 * MINUTE - 1)
    expect(await later.visit(({ userId, endsAt }) => [userId, endsAt])).toEqual(['ada', START + 30 * MINUTE - 1])
    for (let i = 0; i < 3; i++) {
      app.clock.advance('14m')
      await later.visit(() => undefined)
    }
    app.clock.set(START + HOUR - 1)
    expect(await later.visit(({ userId, expiresAt, endsAt }) => [userId, expiresAt, endsAt])).toEqual([
      'ada',
      START + HOUR,
      START + HOUR,
    ])
    app.clock.advance(1)
    expect(await later.visit(({ ended }) => ended?.reason)).toBe('absolute')
  })

  test('in lists, and where one is looked for by its id', async () => {
    const app = deployed(LONG, SHORT)
    const { later } = await app.signedIn()
    const id = (await later.visit((session) => session.id)) ?? ''
    expect((await app.present.list('ada')).map(({ endsAt }) => endsAt)).toEqual([START + 15 * MINUTE])
    app.clock.advance('20m')
    expect(await app.present.list('ada')).toEqual([])
    expect(await app.present.find(id)).toMatchObject({
      alive: false,
      ended: { reason: 'idle', at: START + 15 * MINUTE },
    })
    expect(await app.sessions.list('ada')).toHaveLength(1)
  })

  test('for what a request writes that was opened in time', async () => {
    const writes: [string, (session: Session<Data>) => Promise<unknown> | unknown][] = [
      ['data', ({ data }) => Object.assign(data, { n: 1 })],
      ['an atomic change', (session) => session.update('n', () => 1)],
      ['a rotation', (session) => session.rotate()],
      ['an authentication', async (session) => session.reauthenticate({ userId: 'ada', epoch: 0, beganAt: START })],
    ]
    for (const [name, write] of writes) {
      const app = deployed(LONG, SHORT)
      const { later, before } = await app.signedIn()
      const session = await app.present.open(later.request())
      app.clock.advance('16m')
      if (name === 'data') await write(session)
      else
        expect([name, await rejection(Promise.resolve(write(session)))]).toMatchObject([
          name,
          { code: 'ERR_SESSION_ENDED' },
        ])
      await app.present.save(session)
      expect([name, session.ended?.reason]).toEqual([name, 'idle'])
      expect(await before.visit(({ data }) => ({ ...data }))).toEqual({})
    }
  })

  test('but activity of another request meanwhile counts', async () => {
    const app = deployed(LONG, SHORT)
    const { later } = await app.signedIn()
    const session = await app.present.open(later.request())
    app.clock.advance('14m')
    await later.visit(() => undefined)
    app.clock.advance('14m')
    session.data.n = 1
    app.counting.reset()
    await session.rotate()
    expect(app.counting.counts()).toEqual({ read: 1, rotate: 1 })
    await app.present.save(session)
    expect([session.userId, session.ended]).toEqual(['ada', null])
  })

  test('and cost no read of their own while a session has not run out', async () => {
    const app = deployed(LONG, SHORT)
    const { later } = await app.signedIn()
    const session = await app.present.open(later.request())
    app.counting.reset()
    session.data.n = 1
    await session.rotate()
    await app.present.save(session)
    expect(app.counting.counts()).toEqual({ rotate: 1, update: 1 })
  })

  test('for the life of a cookie that is renewed', async () => {
    const app = deployed(
      { rememberMe: { idle: 'none', absolute: '30d' } },
      { rememberMe: { idle: 'none', absolute: '7d' } },
    )
    const { later } = await app.signedIn({ remember: true })
    app.clock.advance('2h')
    const session = await app.present.open(later.request(NAVIGATION))
    expect((await app.present.save(session)).cookies).toEqual([expect.stringMatching(/Max-Age=597600$/)])
    expect(session.expiresAt).toBe(START + 7 * DAY)
  })

  test('and not where each session keeps its own', async () => {
    const app = deployed(LONG, { ...SHORT, existing: 'keep' })
    const { later } = await app.signedIn()
    app.clock.advance('7h')
    expect(await later.visit(({ userId, expiresAt }) => [userId, expiresAt])).toEqual(['ada', START + DAY])
  })
})

test('two with policies of their own share a cookie, where sessions keep their timeouts', async () => {
  const app = anApp({ policy: { ...LONG, existing: 'keep' } })
  const strict = app.make({ policy: { ...SHORT, existing: 'keep' } })
  const admin = app.aClient(strict)
  await admin.visit(async (session) => session.signIn(await strict.begin('root')))
  const user = await app.signedIn()
  app.clock.advance('16m')
  for (const sessions of [app.sessions, strict]) {
    expect((await sessions.open(admin.request())).ended?.reason).toBe('idle')
    expect((await sessions.open(user.request())).userId).toBe('ada')
  }
})

describe('a guest’s session', () => {
  const policy = { anonymous: { idle: '30d', absolute: '90d', persistent: true } } as const
  const note = ({ data }: Session<Data>) => {
    data.cart = ['hat']
  }

  test('has timeouts of its own, and a cookie that outlives the browser', async () => {
    const app = anApp({ policy })
    const session = await app.sessions.open(app.aClient().request())
    note(session)
    const { cookies } = await app.sessions.save(session)
    expect(cookies).toEqual([expect.stringMatching(/^__Host-vid=.*; Max-Age=7776000$/)])
    expect([session.persistent, session.expiresAt]).toEqual([true, START + 90 * DAY])
  })

  test('is there next week, and its owner’s sign-in ends with the browser as ever', async () => {
    const app = anApp({ policy })
    const guest = app.aClient()
    await guest.visit(note)
    app.clock.advance('29d')
    expect(await guest.visit(({ data }) => data.cart)).toEqual(['hat'])
    const session = await app.sessions.open(guest.request())
    await session.signIn(await app.sessions.begin('ada'), { keep: ['cart'] })
    const { cookies } = await app.sessions.save(session)
    expect(cookies[0]).toMatch(/^__Host-sid=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    expect(session.expiresAt).toBe(START + 29 * DAY + 12 * HOUR)
  })
})

test('a request that writes in time asks the store for nothing more', async () => {
  const app = deployed(LONG, SHORT)
  const { later } = await app.signedIn()
  const session = await app.present.open(later.request())
  app.counting.reset()
  await session.rotate()
  session.data.n = 1
  await app.present.save(session)
  expect(app.counting.counts()).toEqual({ rotate: 1, update: 1 })
})

test('a request outlives the deadline that it knew where another one was active meanwhile', async () => {
  const app = deployed(LONG, SHORT)
  const { later } = await app.signedIn()
  const session = await app.present.open(later.request())
  app.clock.advance('10m')
  await later.visit(() => undefined)
  app.clock.advance('10m')
  await session.rotate()
  session.data.n = 1
  expect([session.userId, (await app.present.save(session)).cookies.length]).toEqual(['ada', 1])
})
