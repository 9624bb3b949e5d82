import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { dataFolder, runningServer } from '../running.ts'

describe('settings', () => {
  it('have safe defaults: this machine only', () => {
    expect(readConfig({})).toMatchObject({ port: 3000, host: '127.0.0.1' })
    expect(readConfig({ PORT: '', HOST: '' })).toMatchObject({ port: 3000, host: '127.0.0.1' })
  })

  it.each([
    [{ PORT: 'abc' }, /^PORT .*PORT=3000/],
    [{ PORT: '65536' }, /^PORT /],
    [{ PORT: '-1' }, /^PORT /],
    [{ HOST: 'a b' }, /^HOST .*HOST=127\.0\.0\.1/],
    [{ COATCHECK_ORIGIN: 'example.org' }, /^COATCHECK_ORIGIN .*COATCHECK_ORIGIN=https:\/\/example\.org/],
    [{ COATCHECK_ORIGIN: 'https://example.org/' }, /^COATCHECK_ORIGIN /],
    [{ COATCHECK_ORIGIN: 'ftp://example.org' }, /^COATCHECK_ORIGIN /],
  ])('%j is refused in a sentence with an example', (environment, message) => {
    expect(() => readConfig(environment)).toThrow(message)
  })
})

describe('a start that cannot be', () => {
  it('a taken port: says so and names another one', async () => {
    const { url } = await runningServer()
    const port = Number(new URL(url).port)
    const starting = startServer({ port, host: '127.0.0.1', data: dataFolder(), origin: null })
    await expect(starting).rejects.toThrow(
      `Port ${port} is taken: stop what uses it, or choose another one with PORT=${port + 1}.`,
    )
  })

  it('a folder that cannot be made: names the setting', async () => {
    const data = dataFolder()
    writeFileSync(data, 'a file')
    const starting = startServer({ port: 0, host: '127.0.0.1', data: join(data, 'below'), origin: null })
    await expect(starting).rejects.toThrow(/cannot be used \(ENOTDIR\).*COATCHECK_DATA=/)
  })

  it('a database of a newer version: is left alone', async () => {
    const data = dataFolder()
    mkdirSync(data, { recursive: true })
    const database = new DatabaseSync(join(data, 'coatcheck.db'))
    database.exec('CREATE TABLE accounts_schema (version INTEGER NOT NULL); INSERT INTO accounts_schema VALUES (99)')
    database.close()
    const starting = startServer({ port: 0, host: '127.0.0.1', data, origin: null })
    await expect(starting).rejects.toThrow(/made by a newer Coatcheck/)
  })

  it('a key file that was emptied: does not make new keys', async () => {
    const data = dataFolder()
    mkdirSync(data, { recursive: true })
    writeFileSync(join(data, 'keys'), '')
    const starting = startServer({ port: 0, host: '127.0.0.1', data, origin: null })
    await expect(starting).rejects.toThrow(/key file .* is empty/)
  })
})

describe('the data folder', () => {
  it("is its owner's alone", async () => {
    const data = dataFolder()
    await runningServer(data)
    expect(statSync(data).mode & 0o777).toBe(0o700)
    expect(statSync(join(data, 'keys')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(data, 'keys'), 'utf8')).toMatch(/^[\w-]{43}\n$/)
    expect(dirname(join(data, 'keys'))).toBe(data)
  })
})
