import { describe, expect, test } from 'vitest'
import { runCase, storeContract } from '../../src/testing/index.ts'
import { clientsOf, type Kind, redisForTests } from './engines.ts'

/** Holds the store to its contract on these kinds of Redis, with each client that there is for them. */
export function contractOn(...kinds: readonly Kind[]): void {
  const redis = redisForTests(...kinds)
  describe.each(kinds.flatMap(clientsOf))('the store contract on Redis: %s', (client) => {
    test.each(storeContract)('$name', async (one) => {
      const context = await redis.context(client)
      expect(one.skipFor?.(context) ?? null).toBeNull()
      expect(await runCase(one, () => context)).toMatchObject({ outcome: 'passed' })
    })
  })
}
