import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { originFindings, tlsFindings } from '../../../../src/cli/doctor/configuration.ts'
import { readConfig } from '../../../../src/config.ts'
import { certificateFor } from '../../../certificate.ts'

const DAY = 86_400_000

test.each([
  [{}, []],
  [{ HOST: '::1' }, []],
  [{ HOST: '0.0.0.0' }, ['origin']],
  [{ HOST: '0.0.0.0', COATCHECK_ORIGIN: 'https://example.org', COATCHECK_TRUST_PROXY: '1' }, []],
  [{ COATCHECK_ORIGIN: 'https://example.org' }, ['proxy']],
  [{ COATCHECK_ORIGIN: 'http://localhost:3000' }, []],
  [{ HOST: '0.0.0.0', COATCHECK_TLS_CERT: 'a', COATCHECK_TLS_KEY: 'b' }, []],
])('origin and proxy with %j', (environment, wrong) => {
  const findings = originFindings(readConfig(environment)).filter(({ state }) => state === 'wrong')
  expect(findings.map(({ check }) => check)).toEqual(wrong)
})

function certified(host: string, origin: string) {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { cert, key } = certificateFor(host)
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key)
  return readConfig({
    COATCHECK_TLS_CERT: join(folder, 'cert.pem'),
    COATCHECK_TLS_KEY: join(folder, 'key.pem'),
    COATCHECK_ORIGIN: origin,
  })
}

test('a certificate that counts no more, soon no more, or not yet', async () => {
  const config = certified('example.org', 'https://example.org')
  const now = Date.now()
  const told = async (at: number) => (await tlsFindings(config, at)).map(({ state, found }) => [state, found])
  expect(await told(now + 2 * DAY)).toEqual([['wrong', expect.stringContaining('has expired at')]])
  expect(await told(now)).toEqual([['wrong', expect.stringContaining('expires at')]])
  expect(await told(now - 2 * DAY)).toEqual([['wrong', expect.stringContaining('counts from')]])
  expect(await tlsFindings(readConfig({}), now)).toEqual([])
})

test('a certificate that cannot be read', async () => {
  const config = readConfig({ COATCHECK_TLS_CERT: '/nowhere/cert.pem', COATCHECK_TLS_KEY: '/nowhere/key.pem' })
  expect(await tlsFindings(config, 0)).toMatchObject([
    {
      state: 'wrong',
      found: '/nowhere/cert.pem cannot be read (ENOENT).',
      remedy: expect.stringContaining('COATCHECK_TLS_CERT'),
    },
  ])
})
