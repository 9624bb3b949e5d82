// Held by the compiler: an `@ts-expect-error` above a line that compiles is an error, and so is a type that differs.
import { expect, expectTypeOf, test } from 'vitest'
import {
  type Attempt,
  CoatcheckError,
  type Committed,
  createSessions,
  type DataError,
  type EndReason,
  type ErrorCode,
  type Session,
  type SessionEvent,
  type SessionInfo,
  type Sessions,
  type SessionsOptions,
  StoreTimeoutError,
} from '../../src/index.ts'
import { modelStore } from '../../src/testing/index.ts'

interface Cart {
  role: 'admin' | 'user'
  n: number
  items: string[]
}

const keys = 'a-signing-key-of-the-types-0123456789a'
const base = { store: modelStore(), keys }
const make = () => createSessions<Cart>(base)
const makeFilled = () => createSessions<Cart>({ ...base, data: { initial: () => ({ role: 'user', n: 0, items: [] }) } })
const opened = <Data extends object>(sessions: Sessions<Data, Cart>) => sessions.open({ headers: { get: () => null } })

test('one type argument types the data: without initial values every key may be missing', async () => {
  const sessions = make()
  expectTypeOf(sessions).toEqualTypeOf<Sessions<Partial<Cart>, Cart>>()
  const session = await opened(sessions)
  expectTypeOf(session).toEqualTypeOf<Session<Partial<Cart>>>()
  expectTypeOf(session.data).toEqualTypeOf<Partial<Cart>>()
  expectTypeOf(session.data.items).toEqualTypeOf<string[] | undefined>()
  expect(session.data.items).toBeUndefined()
})

test('with initial values every key is there', async () => {
  const sessions = makeFilled()
  expectTypeOf(sessions).toEqualTypeOf<Sessions<Cart, Cart>>()
  const session = await opened(sessions)
  expectTypeOf(session.data).toEqualTypeOf<Cart>()
  session.data.items.push('hat')
  expect(session.data.items).toEqual(['hat'])
})

test('without a type argument data is anything by any name', async () => {
  const session = await createSessions(base).open({ headers: { get: () => null } })
  expectTypeOf(session.data).toEqualTypeOf<Partial<Record<string, unknown>>>()
  session.data['anything'] = 1
  expect(session.data['anything']).toBe(1)
})

test('initial values have to be whole', () => {
  // @ts-expect-error: `items` is missing
  expect(() => createSessions<Cart>({ ...base, data: { initial: () => ({ role: 'user', n: 0 }) } })).not.toThrow()
})

test('a key or value that the type does not have is a compile error', async () => {
  const { data } = await opened(make())
  // @ts-expect-error: no such key
  data.basket = 1
  // @ts-expect-error: no such role
  data.role = 'root'
  // @ts-expect-error: a number
  data.n = '1'
  // @ts-expect-error: may be missing
  expect(() => data.items.push('hat')).toThrow(TypeError)
})

test('an atomic change knows its key and the type of its value', async () => {
  const session = await opened(make())
  const result = session.update('n', (n) => {
    expectTypeOf(n).toEqualTypeOf<number | undefined>()
    return (n ?? 0) + 1
  })
  expectTypeOf(result).toEqualTypeOf<Promise<number | undefined>>()
  expect(await result).toBe(1)
  expect(await session.update('n', async () => 2)).toBe(2)
  expect(await session.update('n', () => undefined)).toBeUndefined()
  // @ts-expect-error: no such key
  await session.update('basket', () => 1)
  // @ts-expect-error: a number, not a text
  await session.update('n', () => 'one')
  // @ts-expect-error: no such role
  await session.update('role', () => 'root')
})

test('signing in takes values and keys of the data', () => {
  const calls = (session: Session<Partial<Cart>>, attempt: Attempt) => [
    session.signIn(attempt),
    session.signIn(attempt, { data: { role: 'admin' }, keep: ['items'], remember: true }),
    session.signIn(attempt, { assurance: { level: 2, methods: ['pwd'] } }),
    // @ts-expect-error: no such role
    session.signIn(attempt, { data: { role: 'root' } }),
    // @ts-expect-error: no such key
    session.signIn(attempt, { keep: ['basket'] }),
    // @ts-expect-error: what is begun before the password is checked cannot be left out
    session.signIn({ userId: 'ada' }),
  ]
  expectTypeOf(calls).returns.toEqualTypeOf<Promise<void>[]>()
})

test('a change of all sessions of a user takes keys and values of the data', () => {
  const calls = (sessions: Sessions<Partial<Cart>, Cart>) => [
    sessions.updateUser('ada', { set: { role: 'user' }, unset: ['items'] }),
    // @ts-expect-error: no such role
    sessions.updateUser('ada', { set: { role: 'root' } }),
    // @ts-expect-error: no such key
    sessions.updateUser('ada', { unset: ['basket'] }),
  ]
  expectTypeOf(calls).returns.toEqualTypeOf<Promise<number>[]>()
})

test('options are literal: durations have a unit, choices are spelled out', () => {
  type Options = SessionsOptions<Cart>
  const fits: readonly Partial<Options>[] = [
    { policy: 'aal2' },
    { policy: { preset: 'aal3', idle: 'none', absolute: '12h', touch: '250ms', renewal: '1.5h', reuse: 'end' } },
    { cookie: { sameSite: 'strict' }, origin: 'https://app.example', insecure: false },
    { sessionsPerUser: { max: 3, atLimit: 'end-idlest' } },
    { storeTimeout: '500ms', keys: ['a', 'b'] },
  ]
  const wrong: readonly Partial<Options>[] = [
    // @ts-expect-error: no such preset
    { policy: 'aal4' },
    // @ts-expect-error: a duration has a unit
    { policy: { idle: '30' } },
    // @ts-expect-error: a number could be seconds or milliseconds
    { policy: { idle: 1_800_000 } },
    // @ts-expect-error: minutes are `m`
    { policy: { idle: '30min' } },
    // @ts-expect-error: there always is an absolute timeout
    { policy: { absolute: 'none' } },
    // @ts-expect-error: a slip of the pen
    { policy: { idel: '30m' } },
    // @ts-expect-error: lower case
    { cookie: { sameSite: 'Lax' } },
    // @ts-expect-error: no such strategy
    { sessionsPerUser: { max: 3, atLimit: 'end-newest' } },
    // @ts-expect-error: a duration has a unit
    { storeTimeout: 1_000 },
  ]
  expect([fits.length, wrong.length]).toEqual([5, 9])
  expectTypeOf<Options>().pick<'store' | 'keys'>().toEqualTypeOf<Pick<Required<Options>, 'store' | 'keys'>>()
})

test('a session is read, and nothing of it can be assigned but its data', async () => {
  const session = await opened(make())
  const assign: readonly (() => void)[] = [
    // @ts-expect-error: only to be read
    () => (session.userId = 'ada'),
    // @ts-expect-error: only to be read
    () => (session.id = 'planted'),
    // @ts-expect-error: only to be read
    () => (session.data = {}),
  ]
  for (const each of assign) expect(each).toThrow(TypeError)
  expectTypeOf(session.id).toEqualTypeOf<string | null>()
  expectTypeOf(session.userId).toEqualTypeOf<string | null>()
  expectTypeOf(session.signedIn).toEqualTypeOf<boolean>()
  expectTypeOf(session.ended).exclude<null>().toHaveProperty('reason')
  expectTypeOf<NonNullable<typeof session.ended>['reason']>().toEqualTypeOf<EndReason | 'unknown' | 'malformed'>()
})

test('what the manager answers is as narrow as it can be', () => {
  type Methods = Omit<Sessions<Cart>, 'adapter'>
  type Answers = { [Name in keyof Methods]: ReturnType<Methods[Name]> }
  expectTypeOf<Answers['revoke']>().toEqualTypeOf<Promise<'ended' | 'already' | 'missing'>>()
  expectTypeOf<Answers['list']>().toEqualTypeOf<Promise<SessionInfo[]>>()
  expectTypeOf<Answers['save']>().toEqualTypeOf<Promise<Committed>>()
  expectTypeOf<Answers['begin']>().toEqualTypeOf<Promise<Attempt>>()
  expectTypeOf<Answers['on']>().toEqualTypeOf<() => void>()
  expectTypeOf<SessionInfo>().not.toHaveProperty('secretHash')
  expectTypeOf<SessionInfo['userId']>().toEqualTypeOf<string>()
})

test('a commit answers the kind of response that it was given', async () => {
  const sessions = make()
  const response = await sessions.commit(await opened(sessions), new Response())
  expectTypeOf(response).toEqualTypeOf<Response>()
  expect(response).toBeInstanceOf(Response)
})

test('events and errors are closed unions, told apart by one field', () => {
  expectTypeOf<SessionEvent['type']>().toEqualTypeOf<
    | 'created'
    | 'signed-in'
    | 'reauthenticated'
    | 'renewed'
    | 'rotated'
    | 'ended'
    | 'refused'
    | 'write-refused'
    | 'user-ended'
    | 'user-updated'
    | 'all-ended'
    | 'swept'
    | 'record-damaged'
    | 'store-failed'
    | 'store-out'
    | 'store-back'
    | 'sign-out-unconfirmed'
    | 'key-used'
    | 'cookie-withheld'
    | 'csrf-blocked'
    | 'answer-broken'
    | 'read-late'
  >()
  expectTypeOf<Extract<SessionEvent, { type: 'ended' }>['reason']>().toEqualTypeOf<EndReason>()
  expectTypeOf<CoatcheckError['code']>().toEqualTypeOf<ErrorCode>()
  expectTypeOf<DataError['code']>().toEqualTypeOf<'ERR_DATA'>()
  const error: CoatcheckError = new StoreTimeoutError('read', 'none', 'late')
  expectTypeOf<StoreTimeoutError['outcome']>().toEqualTypeOf<'unknown' | 'none'>()
  expect(error).toBeInstanceOf(CoatcheckError)
})
