import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../../../../scripts/engines.ts'
import type { Config } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { openStore } from '../../src/session-store/opening.ts'
import { Client, dataFolder, runningServer, testConfig } from '../running.ts'
import { locationOf, replicated, SECRET, startedCluster, startedRedis, startedSentinel } from './locations.ts'

/** Signs alice up and in, on two devices, and ends one on the other's page. */
async function walk(url: string): Promise<Client> {
  const [laptop, phone] = [new Client(url), new Client(url)]
  expect(await laptop.signUp('alice')).toBe('303 → /login?welcome')
  expect(await laptop.signIn('alice')).toBe('303 → /dashboard')
  expect(await phone.signIn('alice')).toBe('303 → /dashboard')
  expect(await laptop.seen(laptop.post('/account/sessions/end-others'))).toMatch(/^303/)
  expect(await phone.seen(phone.get('/dashboard'))).toMatch(/^303 → \/login/)
  expect(await laptop.seen(laptop.get('/dashboard'))).toMatch(/^200/)
  return laptop
}

const statusOf = async (client: Client, path: string) => (await client.get(path)).status

test('sessions are in Redis, and accounts in the file; lost it is an outage, and back it goes on by itself', async () => {
  const { redis, url } = await startedRedis()
  const store = locationOf(url)
  const server = await runningServer(dataFolder(), { store, metrics: { host: '127.0.0.1', port: 0 } })
  const client = await walk(server.url)
  const counted = async (database: string) =>
    Number(await redis.command('-n', database, 'EVAL', "return #redis.call('KEYS','*test*')", '0'))
  expect([await counted('0'), (await counted('1')) > 0]).toEqual([0, true])
  expect(await statusOf(client, '/readyz')).toBe(200)
  expect(await server.services.measures.text(null)).toMatch(/\{store="redis",operation="create",outcome="ok"\} 2\n/)

  await redis.kill()
  const lost = await client.get('/dashboard')
  expect([lost.status, lost.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
  const ready = await client.get('/readyz')
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'unavailable' }])
  expect(await statusOf(client, '/healthz')).toBe(503)

  const again = await startRedis({ port: redis.port, password: SECRET })
  onTestFinished(again.stop)
  await expect.poll(() => statusOf(client, '/readyz'), { timeout: 10_000 }).toBe(200)
  const next = new Client(server.url)
  expect(await next.signIn('alice')).toBe('303 → /dashboard')
  expect(await next.seen(next.get('/dashboard'))).toMatch(/^200/)
}, 60_000)

test('in a Cluster, and after one of its masters is gone by themselves', async () => {
  const { nodes, url } = await startedCluster()
  const { base } = await walk((await runningServer(dataFolder(), { store: locationOf(url) })).url)
  // So many devices that each master is likely to have some.
  const devices = Array.from({ length: 8 }, () => new Client(base))
  for (const device of devices) expect(await device.signIn('alice')).toBe('303 → /dashboard')
  for (const master of nodes.slice(0, 3)) await replicated(master)
  await nodes[0]?.kill()
  // The others go on until they are sure that it is gone: only then is each of its slots somebody's again.
  const isWhole = async () => (await nodes[1]?.command('CLUSTER', 'SLOTS'))?.includes(String(nodes[0]?.port)) === false
  await expect.poll(isWhole, { timeout: 30_000, interval: 200 }).toBe(true)
  for (const device of devices) {
    await expect.poll(() => statusOf(device, '/dashboard'), { timeout: 30_000, interval: 200 }).toBe(200)
  }
  expect(await new Client(base).signIn('alice')).toBe('303 → /dashboard')
}, 60_000)

test('behind Sentinel, and after a fail-over by themselves', async () => {
  const { master, url } = await startedSentinel()
  const stranger = openStore({ store: locationOf(`${url}-of-others`) }, '')
  await expect(stranger).rejects.toThrow(/has Sentinels that know no such master/)
  const client = await walk((await runningServer(dataFolder(), { store: locationOf(url) })).url)
  await replicated(master)
  await master.kill()
  await expect.poll(() => statusOf(client, '/dashboard'), { timeout: 30_000, interval: 200 }).toBe(200)
}, 60_000)

describe('two machines with key files of their own', () => {
  const keyFile = (data: string) => join(data, 'keys')

  async function two() {
    const store = locationOf((await startedRedis()).url)
    const [one, other] = [dataFolder(), dataFolder()]
    mkdirSync(other, { mode: 0o700 })
    const here = await runningServer(one, { store })
    const settings: Partial<Config> = { store }
    return { one, other, here, settings }
  }

  test('the second one is refused, until it has the keys of the first', async () => {
    const { one, other, settings } = await two()
    await expect(startServer(testConfig(other, settings))).rejects.toThrow(/Other servers .* copy the key file/)
    writeFileSync(keyFile(other), readFileSync(keyFile(one)))
    const there = await runningServer(other, settings)
    expect(await (await fetch(`${there.url}readyz`)).json()).toEqual({ status: 'ok' })
  })

  test('a key that is added and used on one is told by the other before and then, until that has it', async () => {
    const { one, other, here, settings } = await two()
    const [first = ''] = readFileSync(keyFile(one), 'utf8').split('\n')
    writeFileSync(keyFile(other), first)
    const there = await runningServer(other, settings)
    const readiness = async () => {
      const answer = await fetch(`${there.url}readyz`)
      return { code: answer.status, ...((await answer.json()) as object) }
    }
    const { id } = await here.services.keys.add()
    await expect.poll(readiness, { timeout: 10_000 }).toEqual({ code: 200, status: 'ok', keys: 'behind' })
    // As the command does it when the key has been known for five seconds.
    const added = readFileSync(keyFile(one), 'utf8').split('\n').toReversed().join('\n').trim()
    writeFileSync(keyFile(one), added)
    await expect.poll(readiness, { timeout: 10_000 }).toEqual({ code: 503, status: 'keys-apart' })
    writeFileSync(keyFile(other), added)
    await expect.poll(readiness, { timeout: 10_000 }).toEqual({ code: 200, status: 'ok' })
    expect(id).toMatch(/^[\w-]+$/)
  }, 60_000)
})
