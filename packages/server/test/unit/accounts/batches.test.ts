import { expect, it } from 'vitest'
import { BATCH, inBatches } from '../../../src/accounts/batches.ts'

it('goes on until a batch is not full', async () => {
  const left = [BATCH, BATCH, BATCH - 1, BATCH]
  await inBatches(async () => left.shift() ?? 0)
  expect(left).toEqual([BATCH])
})
