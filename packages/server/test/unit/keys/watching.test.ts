import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { watchKeys } from '../../../src/keys/watching.ts'

const [A, B, C] = ['a', 'b', 'c'].map((name) => `${name}-signing-key-of-the-server-0123456789`) as [
  string,
  string,
  string,
]

function watched(takeUp: (keys: string) => Promise<void> = async () => undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'keys')
  writeFileSync(path, `${A}\n`)
  const taken: string[] = []
  const failures: unknown[] = []
  const watch = watchKeys(
    path,
    A,
    {
      async takeUp(keys) {
        await takeUp(keys)
        taken.push(keys)
      },
      failed: (error) => failures.push(error),
    },
    5,
  )
  onTestFinished(() => watch.close())
  const exchange = (text: string) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  return { path, taken, failures, exchange, watch }
}

test('a file that is exchanged is taken up once, and the same keys in another file are not', async () => {
  const { taken, exchange } = watched()
  exchange(`${B}\n${A}\n`)
  await expect.poll(() => taken).toEqual([`${B}\n${A}`])
  exchange(`${B}\n${A}\n\n`)
  exchange(`${C}\n`)
  await expect.poll(() => taken).toEqual([`${B}\n${A}`, C])
})

test('what changed before the first look is seen', async () => {
  const { taken, path } = watched()
  writeFileSync(path, B)
  await expect.poll(() => taken).toEqual([B])
})

test('a file that is gone or cannot be used is told of, and tried again', async () => {
  const { taken, failures, exchange, path } = watched()
  rmSync(path)
  await expect.poll(() => failures.length).toBeGreaterThan(1)
  exchange('\n')
  await expect.poll(() => failures.some((error) => String(error).includes('is empty'))).toBe(true)
  expect(taken).toEqual([])
  exchange(B)
  await expect.poll(() => taken).toEqual([B])
})

test('keys that are refused are offered again', async () => {
  let refusals = 2
  const { taken, exchange } = watched(async () => {
    if (refusals-- > 0) throw new Error('not now')
  })
  exchange(B)
  await expect.poll(() => taken).toEqual([B])
  expect(refusals).toBe(-1)
})

test('closed, it looks no more', async () => {
  const { taken, exchange, watch } = watched()
  await watch.close()
  exchange(B)
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(taken).toEqual([])
})
