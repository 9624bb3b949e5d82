import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { CoatcheckError } from 'coatcheck'
import { expect, onTestFinished, test } from 'vitest'
import { SENTINEL_MASTER, startRedis } from '../../../../scripts/engines.ts'
import { ConfigError } from '../../src/config.ts'
import type { OpenStore } from '../../src/session-store/open-store.ts'
import { openStore } from '../../src/session-store/opening.ts'
import { storeTrouble } from '../../src/session-store/store-trouble.ts'
import { certificateFor } from '../certificate.ts'
import { locationOf, SECRET } from './locations.ts'

/** Less than an operator has, since here nothing starts meanwhile. */
const LONGEST = 1_500

async function refusalOf(url: string): Promise<string> {
  const error: unknown = await openStore({ store: locationOf(url) }, '', LONGEST).catch((one: unknown) => one)
  expect(error).toBeInstanceOf(ConfigError)
  const text = `${(error as Error).message} ${String((error as Error).cause)} ${JSON.stringify(error)}`
  expect(text).not.toContain(SECRET)
  return (error as Error).message
}

/** All at once, since some are waited for. */
async function expectRefusals(rows: readonly (readonly [url: string, message: RegExp])[]): Promise<void> {
  const refusals = await Promise.all(rows.map(([url]) => refusalOf(url)))
  for (const [i, [, message]] of rows.entries()) expect(refusals[i]).toMatch(message)
}

async function expectToWork(url: string): Promise<void> {
  const { store, disconnect } = await openStore({ store: locationOf(url) }, '')
  onTestFinished(disconnect)
  expect(await store.setMark('a', { text: '1', ifText: null, at: Date.now() })).toBe(true)
}

const NOBODY = 'redis://name:a-secret-of-redis@127.0.0.1:1'

test('one that cannot be reached is told in a sentence', async () => {
  await expectRefusals([
    [
      NOBODY,
      /^The Redis redis:\/\/127\.0\.0\.1:1 cannot be reached, since nobody listens there \(ECONNREFUSED\): start/,
    ],
    [NOBODY.replace(':/', 's:/'), /^The Redis rediss:\/\/127\.0\.0\.1:1 cannot be reached/],
    [
      NOBODY.replace(':/', '+cluster:/'),
      /^The Redis redis\+cluster:\/\/127\.0\.0\.1:1 cannot be reached, since nobody listens there \(ECONNREFUSED\): start it/,
    ],
    [
      `${NOBODY.replace(':/', '+sentinel:/')}/main`,
      /^The Redis redis\+sentinel:\/\/127\.0\.0\.1:1\/main cannot be reached, since nobody listens there \(ECONNREFUSED\)/,
    ],
    ['redis://no-such-host.invalid', /there is no such host \((?:ENOTFOUND|EAI_AGAIN)\)|its name cannot be looked up/],
  ])
})

async function troubleOf({ store }: OpenStore): Promise<string> {
  const error: unknown = await store.read('an-id').catch((one: unknown) => one)
  return error instanceof CoatcheckError ? storeTrouble(error) : ''
}

test('what fails when a Redis is gone, or takes the password no more, says so without it', async () => {
  const redis = await startRedis({ password: SECRET })
  onTestFinished(redis.stop)
  const opened = await openStore({ store: locationOf(`redis://:${SECRET}@127.0.0.1:${redis.port}`) }, '')
  onTestFinished(opened.disconnect)
  const trouble = () => troubleOf(opened)
  await redis.kill()
  await expect.poll(trouble, { timeout: 10_000 }).toMatch(/ \(ECONNREFUSED\)$/)
  const other = await startRedis({ port: redis.port, password: `${SECRET}.` })
  onTestFinished(other.stop)
  await expect.poll(trouble, { timeout: 10_000 }).toMatch(/WRONGPASS/)
  expect(await trouble()).not.toContain(SECRET)
}, 60_000)

test('a Redis that is not as its address says is told in a sentence, at once', async () => {
  const [guarded, open] = await Promise.all([
    startRedis({ password: SECRET }),
    startRedis({ options: ['--maxmemory', '20mb', '--maxmemory-policy', 'allkeys-lru'] }),
  ])
  for (const { stop } of [guarded, open]) onTestFinished(stop)
  await expectRefusals([
    [`redis://127.0.0.1:${guarded.port}`, /asks for a password \(NOAUTH\): put the name and the password/],
    [`redis://:${SECRET}.@127.0.0.1:${guarded.port}`, /refuses the name or the password \(WRONGPASS\)/],
    [`redis+cluster://:${SECRET}.@127.0.0.1:${guarded.port}`, /refuses the name or the password \(WRONGPASS\)/],
    [`redis://:${SECRET}@127.0.0.1:${guarded.port}/99`, /has no database of that number/],
    [`rediss://:${SECRET}@127.0.0.1:${guarded.port}`, /does not answer \(ETIMEDOUT\): .*rediss:\/\/ is for one that/],
    [`redis+cluster://:${SECRET}@127.0.0.1:${guarded.port}`, /is no Cluster: name it by redis:\/\//],
    [`redis+sentinel://127.0.0.1:${open.port}/main`, /is no Sentinel: name it by redis:\/\//],
    [`redis://127.0.0.1:${open.port}`, /cannot keep the sessions: .*allkeys-lru.*Set `maxmemory-policy noeviction`/],
  ])
  await expectToWork(`redis://:${SECRET}@127.0.0.1:${guarded.port}/1`)
}, 60_000)

test('Sentinels that have a password of their own are given it, and named where they miss it', async () => {
  const master = await startRedis({ password: SECRET })
  onTestFinished(master.stop)
  const own = `${SECRET}+@/&=?%`
  const { port, stop } = await startRedis({
    password: own,
    sentinel: [
      `sentinel monitor ${SENTINEL_MASTER} 127.0.0.1 ${master.port} 1`,
      `sentinel auth-pass ${SENTINEL_MASTER} ${SECRET}`,
    ],
  })
  onTestFinished(stop)
  const by = (password: string, query: string) =>
    `redis+sentinel://:${password}@127.0.0.1:${port}/${SENTINEL_MASTER}${query}`
  const known = `?sentinel-password=${encodeURIComponent(own)}`
  const put = String.raw`put that into COATCHECK_STORE_URL as \?sentinel-password=`
  await expectRefusals([
    [by(SECRET, ''), new RegExp(`has Sentinels that ask for a password: ${put}`)],
    [by(SECRET, `?sentinel-password=${SECRET}`), new RegExp(`has Sentinels that refuse the password: ${put}`)],
    [by('', known).replace(':@', ''), /asks for a password \(NOAUTH\): put the name and the password/],
    [by(`${SECRET}.`, known), /refuses the name or the password \(WRONGPASS\)/],
  ])
  await expectToWork(by(SECRET, known))
}, 60_000)

test('with TLS its certificate has to be good and for its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-redis-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const made = certificateFor('localhost')
  writeFileSync(cert, made.cert)
  writeFileSync(key, made.key)
  const { port, stop } = await startRedis({ password: SECRET, tls: { cert, key } })
  onTestFinished(stop)
  const at = (host: string) => `rediss://:${SECRET}@${host}:${port}`
  expect(await refusalOf(at('localhost'))).toMatch(
    /a certificate that nobody trusted has signed \(DEPTH_ZERO_SELF_SIGNED_CERT\): name its authority in NODE_EXTRA_CA_CERTS/,
  )
  const authorities = getCACertificates('default')
  setDefaultCACertificates([...authorities, made.cert])
  onTestFinished(() => setDefaultCACertificates(authorities))
  expect(await refusalOf(at('127.0.0.1'))).toMatch(/has a certificate for another name/)
  await expectToWork(at('localhost'))
}, 60_000)
