import { describe, expect, test } from 'vitest'
import type { StandardSchema } from '../../../../src/core/sessions/options.ts'
import { anApp, type Data, rejection } from '../app.ts'

/** Refuses a role of `root`, and says where. */
const schema: StandardSchema = {
  '~standard': {
    version: 1,
    validate: (value) =>
      typeof value === 'object' && value !== null && 'role' in value && value.role === 'root'
        ? { issues: [{ path: ['role'] }] }
        : {},
  },
}

describe('what is written', () => {
  test.each([
    [200, 1],
    [404, 1],
    [499, 1],
    [500, 0],
    [503, 0],
  ])('on an answer with status %i: %i times', async (status, writes) => {
    const { signedIn, counting } = anApp()
    const ada = await signedIn()
    await ada.visit(
      (session) => {
        session.data.n = 5
      },
      {},
      status,
    )
    expect(counting.total('update')).toBe(writes)
    expect(await ada.visit((session) => session.data.n)).toBe(writes === 1 ? 5 : undefined)
  })

  test('is nothing the second time', async () => {
    const { signedIn, sessions, counting } = anApp()
    const ada = await signedIn({ cart: ['hat'] })
    const session = await sessions.open(ada.request())
    session.data.cart?.push('coat')
    for (let i = 0; i < 3; i++) await sessions.commit(session, new Response())
    expect(counting.total('update')).toBe(1)
    session.data.cart?.push('glove')
    await sessions.commit(session, new Response())
    expect(await ada.visit((now) => now.data.cart)).toEqual(['hat', 'coat', 'glove'])
  })

  test('in an anonymous session that begins is written once, and its cookie is sent once', async () => {
    const { aClient, sessions, counting } = anApp()
    const session = await sessions.open(aClient().request())
    session.data.n = 1
    expect((await sessions.save(session)).cookies).toHaveLength(1)
    expect((await sessions.save(session)).cookies).toEqual([])
    expect(counting.counts()).toEqual({ create: 1 })
  })

  test('by a request whose session ended meanwhile is nothing, and it hears why', async () => {
    const { signedIn, sessions, events, clock } = anApp()
    const ada = await signedIn()
    const slow = await sessions.open(ada.request())
    slow.data.n = 1
    await sessions.revoke(slow.id ?? '', 'stolen')
    await sessions.commit(slow, new Response())
    expect(slow.ended).toEqual({ reason: 'revoked', at: clock.now(), note: 'stolen' })
    expect([slow.id, slow.userId, { ...slow.data }]).toEqual([null, null, {}])
    expect(events.at(-1)).toMatchObject({ type: 'write-refused', userId: 'ada', reason: 'revoked' })
  })

  test('by a request whose session expired meanwhile is nothing, and it hears why', async () => {
    const { signedIn, sessions, clock } = anApp()
    const slow = await sessions.open((await signedIn()).request())
    slow.data.n = 1
    const deadline = clock.advance('30m')
    clock.advance('1m')
    await sessions.commit(slow, new Response())
    expect(slow.ended).toEqual({ reason: 'idle', at: deadline, note: null })
  })

  test('by a request whose session is not there any more is nothing, and it says so', async () => {
    const { signedIn, sessions, inner, clock } = anApp({ policy: { keepEnded: '1m' } })
    const slow = await sessions.open((await signedIn()).request())
    slow.data.n = 1
    await sessions.revoke(slow.id ?? '')
    await inner.sweep(clock.advance('2m'), { limit: 10, keepFor: 0 })
    await sessions.commit(slow, new Response())
    expect(slow.ended).toEqual({ reason: 'unknown', at: null, note: null })
  })

  test('by a request whose session goes while it is measured again is nothing, and it says so', async () => {
    const { signedIn, sessions, inner, barrier, events, clock } = anApp({ policy: { keepEnded: '1m' } })
    const ada = await signedIn()
    const slow = await sessions.open(ada.request())
    slow.data['text'] = 'x'.repeat(2_000)
    await ada.visit((session) => {
      session.data.n = 1
    })
    const measuring = barrier.stopBefore('read')
    const saving = sessions.commit(slow, new Response())
    await measuring.reached
    await inner.end(slow.id ?? '', { at: clock.now(), reason: 'revoked', note: null, keepUntil: clock.now() })
    await inner.sweep(clock.now(), { limit: 10, keepFor: 0 })
    measuring.release()
    await saving
    expect(slow.ended).toEqual({ reason: 'unknown', at: null, note: null })
    expect(events.at(-1)).toMatchObject({ type: 'write-refused', reason: 'unknown' })
  })
})

describe('initial values', () => {
  const data = { initial: (): Data => ({ n: 0, cart: ['free sample'] }) }

  test('are there for everybody, made anew for each, and cost nothing', async () => {
    const { aClient, counting } = anApp({ data })
    const seen = await aClient().visit((session) => ({ ...session.data }))
    expect(seen).toEqual({ n: 0, cart: ['free sample'] })
    expect(await aClient().visit((session) => session.data.cart !== seen.cart)).toBe(true)
    expect(counting.counts()).toEqual({})
  })

  test('are written where they were changed, and only those', async () => {
    const { aClient, inner } = anApp({ data })
    const client = aClient()
    await client.visit((session) => session.data.cart?.push('hat'))
    const record = await inner.read((await client.visit((session) => session.id)) ?? '')
    expect(record?.data).toEqual(new Map([['cart', '["free sample","hat"]']]))
  })

  test('are what an atomic change begins with', async () => {
    const { signedIn, aClient } = anApp({ data })
    for (const client of [await signedIn(), aClient()]) {
      expect(await client.visit((session) => session.update('n', (n) => (n ?? 100) + 1))).toBe(1)
      expect(await client.visit((session) => session.data.n)).toBe(1)
    }
  })
})

describe('an atomic change', () => {
  test('is seen at once by its request, which does not write it again', async () => {
    const { signedIn, sessions, counting } = anApp()
    const ada = await signedIn({ n: 1, cart: ['hat'] })
    for (const asked of [true, false]) {
      const session = await sessions.open(ada.request())
      if (asked) expect(session.data.n).toBe(1)
      const before = counting.total('update')
      await session.update('n', () => 5)
      expect(session.data).toEqual({ n: 5, cart: ['hat'] })
      await sessions.commit(session, new Response())
      expect(counting.total('update') - before).toBe(1)
      await session.update('n', () => 1)
    }
  })

  test('to undefined removes the key', async () => {
    const { signedIn, sessions, inner } = anApp()
    const ada = await signedIn({ n: 1, role: 'user' })
    for (const asked of [true, false]) {
      const session = await sessions.open(ada.request())
      if (asked) expect(session.data.n).toBe(1)
      await session.update('n', () => undefined)
      expect(Object.keys(session.data)).toEqual(['role'])
      expect((await inner.read(session.id ?? ''))?.data.has('n')).toBe(false)
      await session.update('n', () => 1)
    }
  })

  test('keeps other changes of its request for the commit', async () => {
    const { signedIn } = anApp()
    const ada = await signedIn({ n: 1 })
    await ada.visit(async (session) => {
      session.data.role = 'user'
      await session.update('n', (n) => (n ?? 0) + 1)
    })
    expect(await ada.visit((session) => ({ ...session.data }))).toEqual({ n: 2, role: 'user' })
  })

  test.each<[string, unknown, string]>([
    ['cannot be stored', new Date(0), 'type'],
    ['is too large', 'x'.repeat(70_000), 'size'],
    ['does not fit the schema', 'root', 'schema'],
  ])('to a value that %s is refused, and nothing is written', async (_, value, fault) => {
    const { signedIn, counting } = anApp({ data: { schema } })
    const ada = await signedIn({ role: 'user' })
    const work = ada.visit((session) => session.update('role', () => value as string))
    expect(await rejection(work)).toMatchObject({ code: 'ERR_DATA', fault, key: 'role' })
    expect(counting.total('update')).toBe(0)
    expect(await ada.visit((session) => session.data.role)).toBe('user')
  })

  test('that throws leaves the value as it was and the next one free to run', async () => {
    const { signedIn } = anApp()
    const ada = await signedIn({ n: 1 })
    const thrown = new Error('of the application')
    expect(await rejection(ada.visit((session) => session.update('n', () => Promise.reject(thrown))))).toBe(thrown)
    expect(await ada.visit((session) => session.update('n', (n) => (n ?? 0) + 1))).toBe(2)
  })

  test('gives up after 64 attempts that met another writer', async () => {
    const { signedIn, inner, sessions, counting } = anApp()
    const ada = await signedIn({ n: 0 })
    const session = await sessions.open(ada.request())
    const id = session.id ?? ''
    let others = 0
    const work = session.update('n', async (n) => {
      others += 1
      await inner.update(id, { at: Date.UTC(2026, 0, 1), set: new Map([['n', String(others)]]) })
      return (n ?? 0) + 1_000
    })
    expect(await rejection(work)).toMatchObject({ code: 'ERR_CONTENTION', key: 'n' })
    expect([others, counting.total('update')]).toEqual([64, 64])
    expect((await inner.read(id))?.data.get('n')).toBe('64')
  })

  test('on a session that ended is refused with its reason', async () => {
    const { signedIn, sessions } = anApp()
    const ada = await signedIn()
    const open = await sessions.open(ada.request())
    await sessions.revokeUser('ada')
    const refused = { code: 'ERR_SESSION_ENDED', reason: 'revoked' }
    expect(await rejection(open.update('n', () => 1))).toMatchObject(refused)
    expect(await rejection(ada.visit((session) => session.update('n', () => 1)))).toMatchObject(refused)
  })

  test('is not asked of the application on a session that does not count any more', async () => {
    const { signedIn, sessions, inner, clock } = anApp({ policy: { keepEnded: '1m' } })
    const attempt = await sessions.begin('ada')
    const asked: unknown[] = []
    const cases: readonly [string, (id: string, ada: Awaited<ReturnType<typeof signedIn>>) => Promise<unknown>][] = [
      ['replaced', (_, ada) => ada.visit((session) => session.reauthenticate(attempt))],
      ['revoked', (id) => sessions.revoke(id)],
      [
        'unknown',
        async (id) => {
          await sessions.revoke(id)
          await inner.sweep(clock.advance('2m'), { limit: 10, keepFor: 0 })
        },
      ],
      ['idle', async () => clock.advance('31m')],
    ]
    for (const [reason, change] of cases) {
      const ada = await signedIn({ n: 1 })
      const open = await sessions.open(ada.request())
      await change(open.id ?? '', ada)
      const work = open.update('n', (n) => {
        asked.push(n)
        return 2
      })
      expect(await rejection(work)).toMatchObject({ code: 'ERR_SESSION_ENDED', reason })
    }
    expect(asked).toEqual([])
  })

  test('by a token from before an authentication is refused as replaced', async () => {
    const { signedIn, sessions } = anApp()
    const ada = await signedIn({ n: 1 })
    const old = await sessions.open(ada.request())
    const attempt = await sessions.begin('ada')
    await ada.visit((session) => session.reauthenticate(attempt))
    expect(await rejection(old.update('n', () => 2))).toMatchObject({ code: 'ERR_SESSION_ENDED', reason: 'replaced' })
    expect(await ada.visit((session) => session.data.n)).toBe(1)
  })
})

test('over plain http on a network the warning comes once and no session is made', async () => {
  const { sessions, warnings, events, counting } = anApp()
  for (let i = 0; i < 2; i++) {
    const session = await sessions.open(new Request('http://app.example/'))
    session.data.n = 1
    expect((await sessions.save(session)).cookies).toEqual([])
  }
  expect(warnings).toEqual([expect.stringMatching(/^A session could not begin: .*origin/)])
  expect(events.map(({ type }) => type)).toEqual(['cookie-withheld', 'cookie-withheld'])
  expect(counting.counts()).toEqual({})
})

test('an initial value that is undefined is no value: data can be asked for, and nothing is written', async () => {
  const app = anApp({ data: { initial: () => ({ n: undefined, cart: ['hat'] }) } })
  const client = app.aClient()
  expect(await client.visit(({ data }) => ({ ...data }))).toEqual({ cart: ['hat'] })
  expect([app.counting.total('create'), [...client.jar.keys()]]).toEqual([0, []])
  const ada = await app.signedIn()
  expect(await ada.visit(({ data }) => ({ ...data }))).toEqual({ cart: ['hat'] })
  expect(app.counting.total('update')).toBe(0)
})
