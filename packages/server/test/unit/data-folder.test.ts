import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config.ts'
import { openDataFolder } from '../../src/data-folder.ts'
import { dataFolder } from '../running.ts'

const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789'
const modeOf = (...path: string[]) => (statSync(join(...path)).mode & 0o777).toString(8)

/** A folder with files that everybody may read, as `mkdir` and a copied backup leave them. */
function openTo(files: Readonly<Record<string, string>>, mode = 0o755): string {
  const folder = dataFolder()
  mkdirSync(folder)
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o644)
  }
  chmodSync(folder, mode)
  return folder
}

describe('a data folder that is there already', () => {
  it("becomes its owner's alone, with all that is ours in it", async () => {
    const names = ['keys', 'coatcheck.db', 'coatcheck.db-wal', 'coatcheck.db-shm']
    const folder = openTo({ ...Object.fromEntries(names.map((name) => [name, ''])), keys: KEY })
    expect((await openDataFolder(folder)).keys).toBe(KEY)
    expect([modeOf(folder), ...names.map((name) => modeOf(folder, name))]).toEqual(['700', '600', '600', '600', '600'])
  })

  it('and is empty gets files for its owner alone', async () => {
    const folder = openTo({})
    await openDataFolder(folder)
    expect([modeOf(folder), modeOf(folder, 'keys'), modeOf(folder, 'coatcheck.db')]).toEqual(['700', '600', '600'])
  })

  it('and holds what is not ours stays as it is, and so does that; our files do not', async () => {
    const folder = openTo({ keys: KEY, 'notes.txt': 'of somebody' })
    await openDataFolder(folder)
    expect([modeOf(folder), modeOf(folder, 'notes.txt')]).toEqual(['755', '644'])
    expect([modeOf(folder, 'keys'), modeOf(folder, 'coatcheck.db')]).toEqual(['600', '600'])
  })

  it('and in which everybody may write, beside files of others, is refused: the keys could be replaced', async () => {
    const folder = openTo({ keys: KEY, 'notes.txt': 'of somebody' }, 0o777)
    const refusal: unknown = await openDataFolder(folder).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(refusal).toMatchObject({ message: expect.stringMatching(/Everybody may write .*chmod o-w/) })
  })

  it('and whose key file is a link to one that everybody may read is refused, and that one left alone', async () => {
    const folder = openTo({})
    const elsewhere = join(openTo({ key: KEY }), 'key')
    symlinkSync(elsewhere, join(folder, 'keys'))
    const refusal: unknown = await openDataFolder(folder).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(refusal).toMatchObject({ message: expect.stringMatching(/Everybody may read .*keys.*chmod 600/) })
    expect(modeOf(elsewhere)).toBe('644')
    chmodSync(elsewhere, 0o640)
    expect((await openDataFolder(folder)).keys).toBe(KEY)
  })

  it.each([
    ['a pipe', (path: string) => void execFileSync('mkfifo', ['-m', '600', path])],
    ['a device that never ends', (path: string) => symlinkSync('/dev/zero', path)],
    ['a folder', (path: string) => mkdirSync(path, 0o700)],
  ])('and whose key file is %s is refused, and does not wait for it', async (_, make) => {
    const folder = openTo({})
    make(join(folder, 'keys'))
    const refusal: unknown = await openDataFolder(folder).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ConfigError)
    expect(refusal).toMatchObject({ message: expect.stringMatching(/The key file .*keys is no file/) })
  })
})
