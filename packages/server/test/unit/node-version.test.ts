import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tooOld } from '../../src/node-version.ts'

test.each(['20.20.2', '22.17.1', '18.0.0', '9.9.9'])('Node %s is told that it is too old', (version) => {
  expect(tooOld(version)).toMatch(new RegExp(`^Coatcheck needs Node 22\\.18 or newer, and this is ${version}\\.`))
})

test.each(['22.18.0', '22.20.1', '23.0.0', '26.10.0'])('Node %s is new enough', (version) => {
  expect(tooOld(version)).toBeNull()
})

test('the package says the same to npm', () => {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  expect((JSON.parse(manifest) as { engines: object }).engines).toEqual({ node: '>=22.18' })
})
