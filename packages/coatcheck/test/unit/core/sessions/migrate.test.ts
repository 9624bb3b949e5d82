import { describe, expect, test } from 'vitest'
import type { DataOptions } from '../../../../src/core/sessions/options.ts'
import type { Session } from '../../../../src/index.ts'
import { anApp, type Data, rejection } from '../app.ts'

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

describe('an older version of the application beside a newer one', () => {
  /** Both at once over one store, and a session whose data the newer one has migrated. */
  async function beside(data: Data = { cart: ['hat'] }) {
    const app = anApp()
    const newer = app.make({
      data: {
        version: 1,
        migrate: ({ cart, ...others }) => ({ ...others, cart: (cart as string[]).map((item) => ({ item, count: 1 })) }),
      },
    })
    const ada = await app.signedIn(data)
    const migrate = async () => {
      await newer.save(await newer.open(ada.request()))
    }
    const [info] = await app.sessions.list('ada')
    const record = async () => await app.inner.read(info?.id ?? '')
    return { ...app, newer, ada, migrate, record }
  }

  const REFUSED = { code: 'ERR_NEWER_DATA', status: 503, stored: 1, known: 0 }

  test('reads a newer record, and its session goes on', async () => {
    const app = await beside()
    await app.migrate()
    expect(await app.ada.visit(({ userId, data }) => [userId, data.cart])).toEqual(['ada', [{ item: 'hat', count: 1 }]])
    app.clock.advance('2m')
    await app.ada.visit(async (session) => {
      await session.rotate()
      await session.reauthenticate(await app.sessions.begin('ada'))
    })
    expect(await app.record()).toMatchObject({ schema: 1, data: new Map([['cart', '[{"item":"hat","count":1}]']]) })
    await app.ada.visit((session) => session.signOut())
    expect((await app.record())?.ended?.reason).toBe('signed-out')
  })

  const writes: [string, (app: Awaited<ReturnType<typeof beside>>, session: Session<Data>) => unknown][] = [
    [
      'data',
      async ({ sessions }, session) => {
        session.data.cart?.push('scarf')
        await sessions.save(session)
      },
    ],
    [
      'a key that the newer one does not know',
      async ({ sessions }, session) => {
        session.data.n = 1
        await sessions.save(session)
      },
    ],
    ['an atomic change', (_, session) => session.update('cart', (cart = []) => [...cart, 'scarf'])],
    [
      '`session.save`',
      async (_, session) => {
        session.data.n = 1
        await session.save()
      },
    ],
    [
      'an authentication with data',
      async ({ sessions }, session) => session.reauthenticate(await sessions.begin('ada'), { data: { n: 1 } }),
    ],
    [
      'a sign-in of the same user with data',
      async ({ sessions }, session) => session.signIn(await sessions.begin('ada'), { data: { n: 1 } }),
    ],
    ['a change of all sessions of the user', ({ sessions }) => sessions.updateUser('ada', { set: { role: 'user' } })],
  ]

  test.each(writes)('refuses %s', async (_, write) => {
    const app = await beside()
    await app.migrate()
    const before = await app.record()
    const session = await app.sessions.open(app.ada.request())
    const error = await rejection(Promise.resolve(write(app, session)))
    expect(error).toMatchObject(REFUSED)
    expect(error).toMatchObject({ headers: { 'retry-after': '5' } })
    const after = await app.record()
    expect([after?.data, after?.schema, after?.version]).toEqual([before?.data, 1, before?.version])
  })

  test('writes nothing where the record was migrated while its request ran', async () => {
    const app = await beside()
    const session = await app.sessions.open(app.ada.request())
    session.data.cart?.push('scarf')
    const other = await app.sessions.open(app.ada.request())
    await app.migrate()
    expect(await rejection(app.sessions.save(session))).toMatchObject(REFUSED)
    expect(await rejection(other.update('cart', () => ['scarf']))).toMatchObject(REFUSED)
    expect((await app.newer.open(app.ada.request())).data).toEqual({ cart: [{ item: 'hat', count: 1 }] as unknown[] })
  })

  test('changes no session of a user of whom one is newer', async () => {
    const app = await beside()
    const phone = await app.signedIn({ cart: [] })
    await app.migrate()
    expect(await rejection(app.sessions.updateUser('ada', { set: { role: 'user' } }))).toMatchObject(REFUSED)
    expect(await phone.visit(({ data }) => data.role)).toBe(undefined)
  })

  test('takes nothing over from a newer anonymous session, and signs in without it', async () => {
    const app = await beside()
    const guest = app.aClient()
    await guest.visit(({ data }) => {
      data.cart = ['hat']
    })
    await app.newer.save(await app.newer.open(guest.request()))
    for (const options of [{ keep: ['cart'] }, { data: { n: 1 } }]) {
      const session = await app.sessions.open(guest.request())
      const attempt = await app.sessions.begin('bob')
      expect(await rejection(session.signIn(attempt, options))).toMatchObject(REFUSED)
    }
    await guest.visit(async (session) => session.signIn(await app.sessions.begin('bob')))
    expect(await guest.visit(({ userId, data }) => [userId, { ...data }])).toEqual(['bob', {}])
    const [info] = await app.sessions.list('bob')
    expect(await app.inner.read(info?.id ?? '')).toMatchObject({ schema: 0 } satisfies { schema: number })
  })

  test('drops what a handler wrote whose answer is an error anyway', async () => {
    const app = await beside()
    await app.migrate()
    const session = await app.sessions.open(app.ada.request())
    session.data.n = 1
    await app.sessions.save(session, 500)
    expect((await app.record())?.schema).toBe(1)
  })

  test('of parallel writes of one version none is lost', async () => {
    const app = await beside({})
    const opened = await Promise.all(Array.from({ length: 100 }, () => app.sessions.open(app.ada.request())))
    await Promise.all(
      opened.map(async (session, i) => {
        session.data[`key ${i}`] = i
        await app.sessions.save(session)
      }),
    )
    expect((await app.record())?.data.size).toBe(100)
  })
})
