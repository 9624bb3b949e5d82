import { describe, expect, test } from 'vitest'
import type { DataOptions } from '../../../src/core/options.ts'
import { anApp, type Data, rejection } from './app.ts'

const START = Date.UTC(2026, 0, 1)
type Migrate = NonNullable<DataOptions<Data>['migrate']>

/** From version 1 on the cart is a list: in version 0 it was a text with commas, called `basket`. */
const listed: Migrate = ({ basket, ...rest }) => ({ ...rest, cart: String(basket).split(',') })

/** A session of version 0, and the application after its deployment with version 1. */
async function deployed(
  migrate: Migrate | undefined,
  data: Data = { basket: 'hat,coat', n: 1 },
  more: DataOptions<Data> = {},
) {
  const app = anApp()
  const client = await app.signedIn(data)
  const id = (await client.visit((session) => session.id)) ?? ''
  app.counting.reset()
  const sessions = app.make({ data: { version: 1, migrate, ...more } })
  const open = () => sessions.open(client.request())
  return { ...app, client, id, open, record: () => app.inner.read(id) }
}

describe('a record of an earlier version', () => {
  test('is brought up to date when it is opened, and the result is written once', async () => {
    const seen: number[] = []
    const { open, record, counting } = await deployed((data, from) => {
      seen.push(from)
      return listed(data, from)
    })
    for (let i = 0; i < 3; i++) expect({ ...(await open()).data }).toEqual({ cart: ['hat', 'coat'], n: 1 })
    expect([seen, counting.counts()]).toEqual([[0], { read: 3, update: 1 }])
    expect(await record()).toMatchObject({
      schema: 1,
      data: new Map([
        ['n', '1'],
        ['cart', '["hat","coat"]'],
      ]),
    })
  })

  test('without anything to migrate only gets the number', async () => {
    const { open, record } = await deployed(undefined)
    await open()
    expect(await record()).toMatchObject({ schema: 1, data: new Map(Object.entries({ basket: '"hat,coat"', n: '1' })) })
  })

  test('that a migration leaves as it is only gets the number', async () => {
    const { open, record } = await deployed(async (data) => data)
    await open()
    expect(await record()).toMatchObject({ schema: 1, version: 1 })
  })

  test('of a later version is left alone: a deployment was rolled back', async () => {
    const { open, counting, make, client } = await deployed(listed)
    await open()
    counting.reset()
    const before = make({ data: { version: 0, migrate: () => ({}) } })
    expect({ ...(await before.open(client.request())).data }).toEqual({ cart: ['hat', 'coat'], n: 1 })
    expect(counting.counts()).toEqual({ read: 1 })
  })
})

describe('a migration', () => {
  const cause = new Error('of the application')
  const failing = () =>
    deployed(() => {
      throw cause
    })

  test('that throws is a typed error where data is asked for or changed, and the record stays as it was', async () => {
    const { sessions, open, record } = await failing()
    const refused = { code: 'ERR_DATA', fault: 'migration', key: null, cause }
    const attempt = await sessions.begin('ada')
    const session = await open()
    expect(() => session.data).toThrow(expect.objectContaining(refused))
    expect(await rejection(session.update('n', () => 2))).toMatchObject(refused)
    expect(await rejection(session.reauthenticate(attempt, { data: { n: 2 } }))).toMatchObject(refused)
    expect(await record()).toMatchObject({ schema: 0, version: 0, generation: 0 })
  })

  test('that throws does not keep its owner: they are known, can authenticate, sign out and sign in', async () => {
    const { sessions, client, open } = await failing()
    const session = await open()
    expect([session.userId, session.ended]).toEqual(['ada', null])
    await session.reauthenticate(await sessions.begin('ada'))
    await session.signOut()
    client.take(await sessions.commit(session, new Response()))
    expect([client.jar.size, session.ended?.reason]).toEqual([0, 'signed-out'])

    const other = await failing()
    const theirs = await other.open()
    await theirs.signIn(await other.sessions.begin('bob'), { data: { n: 7 } })
    expect([theirs.userId, { ...theirs.data }]).toEqual(['bob', { n: 7 }])
  })

  test('whose result does not fit the schema or cannot be stored is refused', async () => {
    const validate = (value: unknown) =>
      JSON.stringify(value).includes('cart') ? { issues: [{ path: ['cart'] }] } : {}
    const misfit = await deployed(listed, {}, { schema: { '~standard': { version: 1, validate } } })
    const dataOf = async (open: () => ReturnType<typeof misfit.open>) => (await open()).data
    expect(await rejection(dataOf(misfit.open))).toMatchObject({ code: 'ERR_DATA', fault: 'schema', key: 'cart' })
    const odd = await deployed(() => ({ at: new Date(0) }))
    expect(await rejection(dataOf(odd.open))).toMatchObject({ code: 'ERR_DATA', fault: 'type', key: 'at' })
    expect([await misfit.record(), await odd.record()]).toMatchObject([{ schema: 0 }, { schema: 0 }])
  })

  test('that somebody overtakes begins again from what is there then', async () => {
    const { open, record, inner, id } = await deployed(listed)
    let calls = 0
    const app = await deployed(async (data, from) => {
      calls += 1
      if (calls === 1) await app.inner.update(app.id, { at: START, set: new Map([['n', '2']]) })
      return listed(data, from)
    })
    expect({ ...(await app.open()).data }).toEqual({ cart: ['hat', 'coat'], n: 2 })
    expect([calls, (await app.record())?.schema]).toEqual([2, 1])
    await inner.update(id, { at: START, set: new Map([['n', '3']]) })
    await open()
    expect((await record())?.data.get('n')).toBe('3')
  })

  test('that is overtaken by another one keeps the result of that', async () => {
    const app = await deployed(async (data, from) => {
      await app.inner.update(app.id, { at: START, set: new Map([['cart', '["theirs"]']]), fields: { schema: 1 } })
      return listed(data, from)
    })
    expect((await app.open()).data.cart).toEqual(['theirs'])
    expect((await app.record())?.version).toBe(1)
  })

  test('that is overtaken by that of a later version leaves it alone', async () => {
    const app = await deployed(async (data, from) => {
      await app.inner.update(app.id, { at: START, set: new Map([['cart', '["later"]']]), fields: { schema: 2 } })
      return listed(data, from)
    })
    expect((await app.open()).data.cart).toEqual(['later'])
    expect((await app.record())?.schema).toBe(2)
  })

  test('that is overtaken again and again gives up with a typed error', async () => {
    let calls = 0
    const app = await deployed(async (data, from) => {
      calls += 1
      await app.inner.update(app.id, { at: START, set: new Map([['n', String(calls)]]) })
      return listed(data, from)
    })
    expect(await rejection(app.open())).toMatchObject({ code: 'ERR_CONTENTION', key: 'schema' })
    expect([calls, (await app.record())?.schema]).toEqual([8, 0])
  })

  test('during which the session is ended answers the ending', async () => {
    const app = await deployed(async (data, from) => {
      await app.sessions.revoke(app.id, 'stolen')
      return listed(data, from)
    })
    const { userId, ended } = await app.open()
    expect([userId, ended?.reason, ended?.note]).toEqual([null, 'revoked', 'stolen'])
    expect((await app.record())?.data.size).toBe(0)
  })

  test('during which the session expires answers the deadline', async () => {
    const app = await deployed((data, from) => {
      app.clock.advance('30m')
      return listed(data, from)
    })
    const { userId, ended } = await app.open()
    expect([userId, ended?.reason]).toEqual([null, 'idle'])
  })

  test('of a session that is swept away meanwhile answers that it is unknown', async () => {
    const app = await deployed(async (data, from) => {
      await app.sessions.revoke(app.id)
      app.clock.advance('25h')
      await app.sessions.sweep()
      return listed(data, from)
    })
    expect((await app.open()).ended?.reason).toBe('unknown')
  })
})
