import type { SessionRecord } from '../../core/record/record.ts'
import type { Store } from '../../core/store/store.ts'
import { intercept } from '../intercept.ts'
import { modelStore } from '../model-store.ts'
import { type BrokenStore, broken } from './bench.ts'

const around = (store: Store): Store => intercept(store, (_, proceed) => proceed())

export const brokenSharing: readonly BrokenStore[] = [
  broken(
    'an instance that trusts what it has read',
    ['shared: what one instance has done the other sees at once'],
    ({ good }) => {
      const read = new Map<string, SessionRecord>()
      return {
        async read(id, options) {
          const record = read.get(id) ?? (await good.read(id, options))
          if (record !== null) read.set(id, record)
          return record
        },
        update(id, ...rest) {
          read.delete(id)
          return good.update(id, ...rest)
        },
      }
    },
  ),

  {
    name: 'instances that number the log each for itself',
    breaks: ['shared: the change log has one order'],
    context: ({ open, ...good }) => ({
      ...good,
      ...(open && {
        async open() {
          const store = around(await open())
          const shifted = async (...args: Parameters<Store['changes']>) =>
            (await store.changes(...args)).map((entry) => ({ ...entry, seq: entry.seq + 1 }))
          return { ...store, changes: shifted }
        },
      }),
    }),
  },

  {
    name: 'instances that are closed together',
    breaks: ['shared: closing one instance leaves the other at work'],
    context({ store, open, ...good }) {
      let closed = false
      return {
        ...good,
        store: { ...around(store), read: async (...args) => (closed ? null : store.read(...args)) },
        ...(open && {
          async open() {
            return {
              ...around(await open()),
              close: async () => {
                closed = true
              },
            }
          },
        }),
      }
    },
  },

  {
    name: 'one namespace for all',
    breaks: ['namespace: none sees, changes or ends what is in another'],
    context: ({ store, ...good }) => ({ ...good, store, openNamespace: async () => around(store) }),
  },

  {
    name: 'a store that is empty when it is opened again',
    breaks: ['durable: opened again, it has all that was acknowledged, and goes on from there'],
    context: ({ reopen, ...good }) => ({
      ...good,
      ...(reopen && { reopen: async () => modelStore(good.store.namespace, new Map()) }),
    }),
  },
]
