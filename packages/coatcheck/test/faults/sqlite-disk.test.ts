import { mkdirSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StoreStats } from '../../src/core/store/capabilities.ts'
import type { Store } from '../../src/core/store/store.ts'
import { StoreUnavailableError } from '../../src/errors.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { freshFile } from '../unit/stores/folder.ts'
import { add, aRecord, ending, START } from '../unit/stores/records.ts'

function openStore(source: string | DatabaseSync): Store & StoreStats {
  const store = sqliteStore(source)
  onTestFinished(() => store.close())
  return store
}

/** What a failing call says: never a value of ours, always what to do, and SQLite's own code in the cause. */
async function failure(call: Promise<unknown>, operation: string): Promise<{ message: string; errcode: number }> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(StoreUnavailableError)
  const { message, cause, operation: named } = error as StoreUnavailableError & { cause: { errcode: number } }
  expect(named).toBe(operation)
  return { message, errcode: cause.errcode & 0xff }
}

describe('a path that cannot be opened', () => {
  it('is an outage at each call, and well again as soon as it can', async () => {
    const file = freshFile('missing/sessions.db')
    const store = openStore(file)
    expect(await failure(store.read('any'), 'read')).toEqual({
      message:
        'store.read: SQLite failed: the file cannot be opened: its folder must exist and the process must be able to ' +
        'write there.',
      errcode: 14,
    })
    expect((await failure(store.end('any', ending), 'end')).errcode).toBe(14)
    mkdirSync(dirname(file))
    const record = await add(store)
    expect(await store.read(record.id)).toEqual(record)
  })

  it('is an outage where it is a folder', async () => {
    const folder = dirname(freshFile())
    expect((await failure(openStore(folder).read('any'), 'read')).errcode).toBe(14)
  })
})

describe('a file of something else', () => {
  it('is refused', async () => {
    const file = freshFile()
    writeFileSync(file, 'These are no sessions. '.repeat(1_000))
    const { message, errcode } = await failure(openStore(file).read('any'), 'read')
    expect(errcode).toBe(26)
    expect(message).toContain('no SQLite database')
  })
})

describe('a damaged file', () => {
  it('is an outage, not a visitor without a session', async () => {
    const file = freshFile()
    const before = sqliteStore(file)
    const { id } = await add(before)
    for (let i = 0; i < 200; i++) await add(before, { data: new Map([['text', `"${'x'.repeat(500)}"`]]) })
    await before.close()
    // All pages but the first, which says what the file is, and those of the schema.
    const handle = openSync(file, 'r+')
    for (let page = 14; page < 40; page++) writeSync(handle, Buffer.alloc(4096, 0xee), 0, 4096, page * 4096)
    const failures: number[] = []
    const store = openStore(file)
    for (const call of [() => store.listUser('ada'), () => store.read(id), () => store.endAll(ending)]) {
      await call().then(
        () => undefined,
        (error: { cause: { errcode: number } }) => failures.push(error.cause.errcode & 0xff),
      )
    }
    expect(failures).toContain(11)
  })

  it('is an outage where its end is missing', async () => {
    const file = freshFile()
    const before = sqliteStore(file)
    for (let i = 0; i < 200; i++) await add(before)
    await before.close()
    truncateSync(file, 4096)
    expect((await failure(openStore(file).read('any'), 'read')).errcode).toBe(11)
  })
})

describe('a full disk', () => {
  it('refuses what does not fit, keeps what is there, and is well again when there is room', async () => {
    const database = new DatabaseSync(freshFile())
    onTestFinished(() => database.close())
    const store = openStore(database)
    const record = await add(store)
    const data = new Map([['text', `"${'x'.repeat(50_000)}"`]])
    database.exec('PRAGMA max_page_count = 20')
    const { message, errcode } = await failure(store.create(aRecord(store, { data })), 'create')
    expect(errcode).toBe(13)
    expect(message).toContain('full')
    expect((await failure(store.update(record.id, { at: START, set: data }), 'update')).errcode).toBe(13)
    expect(await store.read(record.id)).toEqual(record)
    expect(await store.stats()).toEqual({ anonymous: 1, signedIn: 0, ended: 0 })
    database.exec('PRAGMA max_page_count = 1000')
    expect((await store.update(record.id, { at: START, set: data })).outcome).toBe('updated')
  })
})

describe('a file that may not be written', () => {
  it('is an outage for writes, and can be read', async () => {
    const file = freshFile()
    const before = sqliteStore(file)
    const record = await add(before)
    await before.close()
    const database = new DatabaseSync(file, { readOnly: true })
    onTestFinished(() => database.close())
    const store = openStore(database)
    expect(await store.read(record.id)).toEqual(record)
    const { message, errcode } = await failure(store.end(record.id, ending), 'end')
    expect(errcode).toBe(8)
    expect(message).toContain('read-only')
  })
})
