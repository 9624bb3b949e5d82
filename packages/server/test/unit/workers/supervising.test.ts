import { expect, it } from 'vitest'
import { pauseAfter } from '../../../src/workers/supervising.ts'

it('workers that cannot start are tried again after 1 s, and then every 3 s, however long a store was out', () => {
  expect([0, 1_000, 3_000, 30_000].map(pauseAfter)).toEqual([1_000, 3_000, 3_000, 3_000])
})
