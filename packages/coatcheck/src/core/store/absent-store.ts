import { OptionError } from '../../errors.ts'
import type { Store } from './store.ts'

const WHY =
  'sessions of this kind are kept by their clients alone, so that none can be listed, found, revoked or swept here. Give a store to do that.'

async function refuse(): Promise<never> {
  throw new OptionError('store', WHY)
}

/** In the place of a store where the kind needs none: whatever needs one says so. */
export const absentStore: Store = Object.freeze({
  name: 'none',
  namespace: 'default',
  guarantees: Object.freeze({ durable: true, shared: true, bounded: true }),
  create: refuse,
  read: refuse,
  update: refuse,
  rotate: refuse,
  touch: refuse,
  end: refuse,
  endUser: refuse,
  updateUser: refuse,
  endAll: refuse,
  userEpoch: refuse,
  listUser: refuse,
  changes: refuse,
  note: refuse,
  sweep: refuse,
  async close() {
    // Nothing was opened.
  },
})
