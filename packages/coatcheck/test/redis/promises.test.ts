import { describe, expect, test } from 'vitest'
import { promiseCases, runCase } from '../../src/testing/index.ts'
import { redisForTests } from './engines.ts'

const redis = redisForTests('single', 'cluster')

describe.each(['ioredis', 'node-redis, Cluster'])('the promises on Redis: %s', (client) => {
  test.each(promiseCases)('$promise: $name', async (one) => {
    const context = await redis.context(client)
    expect(await runCase(one, () => context)).toMatchObject({ outcome: 'passed' })
  })
})
