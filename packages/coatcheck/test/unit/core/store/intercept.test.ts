import { expect, expectTypeOf, test } from 'vitest'
import {
  hasTokens,
  type IssuedToken,
  type StoreMarks,
  type StoreStats,
  type TokenRegistry,
} from '../../../../src/core/store/capabilities.ts'
import { intercept, isWrite, type StoreCall, type StoreMethod } from '../../../../src/core/store/intercept.ts'
import type { Store } from '../../../../src/core/store/store.ts'
import type { StoreTransfer } from '../../../../src/core/store/transfer.ts'
import { modelStore } from '../../../../src/testing/index.ts'

const TOKEN: IssuedToken = {
  id: 'jti',
  sessionId: 'session',
  userId: 'ada',
  audience: [],
  clientId: null,
  issuedAt: 0,
  expiresAt: 1,
  revokedAt: null,
}

test('every method of a store and of its capabilities is in the table, but for those that are no calls', () => {
  type Fields = 'name' | 'namespace' | 'guarantees'
  type Interfaces = Store & StoreMarks & StoreStats & StoreTransfer & TokenRegistry
  expectTypeOf<StoreMethod>().toEqualTypeOf<Exclude<keyof Interfaces, Fields>>()
  const store = intercept(modelStore(), (_, proceed) => proceed())
  expect(Object.keys(store).toSorted()).toEqual(Object.keys(modelStore()).toSorted())
})

test('a registry of tokens stays one, and each of its calls is seen, with its subject and its time limit', async () => {
  const options: unknown[] = []
  const registry: TokenRegistry = {
    addToken: async (_, given) => void options.push(given),
    async listTokens(_, __, given) {
      options.push(given)
      return { items: [TOKEN], cursor: null }
    },
    async revokeToken(_, __, given) {
      options.push(given)
      return 'revoked'
    },
    async sweepTokens(_, __, given) {
      options.push(given)
      return 1
    },
  }
  const { signal } = new AbortController()
  const calls: StoreCall[] = []
  const store = intercept({ ...modelStore(), ...registry }, (call, proceed) => {
    calls.push(call)
    return proceed(signal)
  })
  expect(hasTokens(store)).toBe(true)
  await store.addToken(TOKEN)
  expect((await store.listTokens({ sessionId: 'session' }, { at: 0 })).items).toEqual([TOKEN])
  await store.listTokens({ userId: 'ada' }, { at: 0 })
  expect(await store.revokeToken('jti', 0)).toBe('revoked')
  expect(await store.sweepTokens(0, 10)).toBe(1)
  expect(calls.map(({ method, subject }) => [method, subject, isWrite(method)])).toEqual([
    ['addToken', 'jti', true],
    ['listTokens', 'session', false],
    ['listTokens', 'ada', false],
    ['revokeToken', 'jti', true],
    ['sweepTokens', null, true],
  ])
  expect(options).toEqual(calls.map(() => ({ signal })))
})

/** What each method takes before its options. */
const BEFORE: Readonly<Record<Exclude<StoreMethod, 'close' | keyof TokenRegistry>, number>> = {
  create: 2,
  read: 1,
  update: 3,
  rotate: 2,
  touch: 3,
  end: 2,
  endUser: 2,
  updateUser: 2,
  endAll: 1,
  userEpoch: 1,
  listUser: 2,
  changes: 2,
  note: 1,
  sweep: 2,
  mark: 2,
  setMark: 2,
  stats: 0,
  scan: 1,
  epochs: 1,
  epochOfAll: 0,
  lastChange: 0,
  adopt: 2,
  raiseEpoch: 2,
  adoptChanges: 1,
}

test.each(Object.entries(BEFORE))('a time limit reaches %s behind its %i arguments', async (method, before) => {
  const given: unknown[][] = []
  const inner = { [method]: async (...args: unknown[]) => void given.push(args) } as unknown as Store
  const { signal } = new AbortController()
  const store = intercept(inner, (_, proceed) => proceed(signal))
  const args: unknown[] = Array.from({ length: before }, () => 'x')
  await Reflect.apply(Reflect.get(store, method), store, args)
  await Reflect.apply(Reflect.get(store, method), store, [...args, { strict: true }])
  expect(given).toEqual([
    [...args, { signal }],
    [...args, { strict: true, signal }],
  ])
})
