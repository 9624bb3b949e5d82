import { describe, expect, test } from 'vitest'
import { runCase, storeContract } from '../../src/testing/index.ts'
import { clientsOf, redisForTests } from './engines.ts'

const redis = redisForTests('cluster')

describe.each(clientsOf('cluster'))('the store contract on Redis: %s', (client) => {
  test.each(storeContract.filter(({ name }) => !name.startsWith('stats: ')))('$name', async (one) => {
    const context = await redis.context(client)
    expect(one.skipFor?.(context) ?? null).toBeNull()
    expect(await runCase(one, () => context)).toMatchObject({ outcome: 'passed' })
  })
})
