import { hasStats } from '../../core/store/capabilities.ts'
import type { Store } from '../../core/store/store.ts'
import { StoreTimeoutError, StoreUnavailableError } from '../../errors.ts'
import { intercept, type StoreMethod } from '../intercept.ts'
import { broken } from './bench.ts'

const METHODS: readonly StoreMethod[] = [
  'create',
  'read',
  'update',
  'rotate',
  'touch',
  'end',
  'endUser',
  'updateUser',
  'endAll',
  'userEpoch',
  'listUser',
  'changes',
  'sweep',
]

export const brokenCalls = [
  broken(
    'a signal that nobody hears',
    METHODS.map((method) => `signal: an aborted ${method} is a timeout that changed nothing`),
    ({ good }): Partial<Store> => ({
      create: (record, conditions) => good.create(record, conditions),
      read: (id) => good.read(id),
      update: (id, change, conditions) => good.update(id, change, conditions),
      rotate: (id, rotation) => good.rotate(id, rotation),
      touch: (id, at, touch) => good.touch(id, at, touch),
      end: (id, request) => good.end(id, request),
      endUser: (userId, request) => good.endUser(userId, request),
      updateUser: (userId, change) => good.updateUser(userId, change),
      endAll: (request) => good.endAll(request),
      userEpoch: (userId) => good.userEpoch(userId),
      listUser: (userId, page) => good.listUser(userId, page),
      changes: (since, page) => good.changes(since, page),
      sweep: (now, batch) => good.sweep(now, batch),
    }),
  ),

  broken(
    'a signal that is always heard',
    ['signal: one that is not aborted changes nothing about the answer'],
    ({ good }) =>
      intercept(good, async ({ method, signal }, proceed) => {
        if (signal !== undefined) throw new StoreUnavailableError(method, 'A signal was given.')
        return proceed()
      }),
  ),

  broken(
    'a timeout that does not know what it stopped',
    METHODS.map((method) => `signal: an aborted ${method} is a timeout that changed nothing`),
    ({ good }) =>
      intercept(good, (_, proceed) =>
        proceed().catch((error: unknown) => {
          throw new StoreTimeoutError('query', 'unknown', 'Too late.', { cause: error })
        }),
      ),
  ),

  broken('a store that says nothing of its guarantees', ['store: says what it is'], () => ({
    guarantees: {} as Store['guarantees'],
  })),

  broken('a store without a name', ['store: says what it is'], () => ({ name: '' })),

  broken('close once and no more', ['close: twice does no harm'], ({ good }) => {
    let closed = false
    return {
      async close() {
        if (closed) throw new StoreUnavailableError('close', 'Closed already.')
        closed = true
        await good.close()
      },
    }
  }),

  broken(
    'stats that count all as signed in',
    ['stats: counts the anonymous, the signed-in and the ended'],
    ({ good }) => {
      if (!hasStats(good)) return {}
      const stats = async () => {
        const { anonymous, signedIn, ended } = await good.stats()
        return { anonymous: 0, signedIn: anonymous + signedIn, ended }
      }
      return { stats } as Partial<Store>
    },
  ),
]
