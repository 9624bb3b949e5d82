import { describe, test } from 'vitest'
import { runCase, storeContract } from '../../src/testing/index.ts'
import { contexts } from './contexts.ts'

for (const [name, makeContext] of Object.entries(contexts)) {
  describe(`the store contract: ${name}`, () => {
    test.for(storeContract)('$name', async (one, { skip }) => {
      const { reason } = await runCase(one, makeContext)
      skip(reason !== undefined, reason)
    })
  })
}
