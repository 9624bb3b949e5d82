import { createClient, createCluster } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startRedis, startRedisCluster } from '../../../../scripts/engines.ts'
import { makeKeys } from '../../src/stores/redis/keys.ts'
import { expectChangesToArrive, expectNoneToBeMissed, expectToKnowThatItWasStopped } from '../races/following.ts'
import type { Place } from './load/facts.ts'

const engines: Readonly<Record<'redis' | 'redis-cluster', () => Promise<readonly number[]>>> = {
  async redis() {
    const { port, stop } = await startRedis()
    onTestFinished(stop)
    return [port]
  },
  async 'redis-cluster'() {
    const { ports, stop } = await startRedisCluster()
    onTestFinished(stop)
    return ports
  },
}

describe.each(['redis', 'redis-cluster'] as const)('another process on a %s', (engine) => {
  async function start(): Promise<{ readonly place: Place; readonly remove: (id: string) => Promise<unknown> }> {
    const ports = await engines[engine]()
    const urls = ports.map((port) => ({ url: `redis://127.0.0.1:${port}` }))
    const client = engine === 'redis' ? createClient({ url: urls[0]?.url ?? '' }) : createCluster({ rootNodes: urls })
    await client.connect()
    onTestFinished(() => client.close() as Promise<void>)
    return {
      place: { engine, ports, namespace: 'default' },
      remove: (id) => client.del(makeKeys('default').record(id)),
    }
  }

  test('is told of every change, with what tokens are compared with, and of what is deleted by hand', async () => {
    const { place, remove } = await start()
    await expectChangesToArrive(place, remove)
  })

  test('misses none of many changes at once', async () => {
    const { place } = await start()
    await expectNoneToBeMissed(place)
  })

  test('that was stopped for ten seconds knows that it does not know', async () => {
    const { place } = await start()
    await expectToKnowThatItWasStopped(place, 10_000)
    expect.assertions(3)
  })
})
