import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import type { SessionRecord } from '../../../src/core/record/record.ts'
import type { StoreStats } from '../../../src/core/store/capabilities.ts'
import type { Store } from '../../../src/core/store/store.ts'
import { type SqliteStoreOptions, sqliteStore } from '../../../src/stores/sqlite.ts'
import { freshFile } from './folder.ts'
import { add, aRecord, ending, HOUR, ids, isThere, MINUTE, nastyData, nastyKeys, START } from './records.ts'

const code = (name: string) => expect.objectContaining({ code: name })

async function withStore(
  use: (store: Store & StoreStats, file: string) => Promise<void>,
  options?: SqliteStoreOptions,
): Promise<void> {
  const file = freshFile()
  const store = sqliteStore(file, options)
  try {
    await use(store, file)
  } finally {
    await store.close()
  }
}

/** What the file says to somebody else. */
function ask(file: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file)
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

describe('the options', () => {
  it.each([
    [{ timeout: -1 }, 'timeout'],
    [{ timeout: Number.NaN }, 'timeout'],
    [{ timeout: '1 hour' as '1h' }, 'timeout'],
    [{ synchronous: 'off' as 'full' }, 'synchronous'],
    [{ maxAnonymous: 0 }, 'maxAnonymous'],
    [{ maxAnonymous: 1.5 }, 'maxAnonymous'],
  ])('%o are refused', (options, option) => {
    expect(() => sqliteStore('never-opened.db', options)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', option }),
    )
  })

  it('open nothing', () => {
    const file = freshFile()
    sqliteStore(file, { timeout: '2s', synchronous: 'full' })
    expect(existsSync(file)).toBe(false)
  })

  it('make a file durable and shared, a database in memory neither', () => {
    expect(sqliteStore('never-opened.db').guarantees).toEqual({ durable: true, shared: true, bounded: true })
    expect(sqliteStore(':memory:').guarantees).toEqual({ durable: false, shared: false, bounded: true })
    const passedIn = new DatabaseSync(':memory:')
    expect(sqliteStore(passedIn).guarantees).toEqual({ durable: false, shared: false, bounded: true })
    passedIn.close()
  })
})

describe('the file', () => {
  it('is in write-ahead mode', () =>
    withStore(async (store, file) => {
      await add(store)
      expect(ask(file, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
    }))

  it('keeps what was written when the store is closed, and closing twice does no harm', () =>
    withStore(async (store, file) => {
      const { id } = await add(store, { data: nastyData() })
      await store.close()
      await store.close()
      await expect(store.read(id)).rejects.toThrow(code('ERR_STORE_UNAVAILABLE'))
      const again = sqliteStore(file)
      expect((await again.read(id))?.data).toEqual(nastyData())
      await again.close()
    }))

  it('holds no text that its engine would have to change', () =>
    withStore(async (store, file) => {
      for (const text of nastyKeys) await add(store, { userId: text, data: nastyData() })
      await store.close()
      expect(ask(file, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
      const broken = 'instr(user_id, char(0)) OR instr(data, char(0)) OR instr(user_id, char(0xfffd))'
      expect(ask(file, `SELECT seq FROM coatcheck_sessions WHERE ${broken}`)).toEqual([])
    }))

  it('does not keep what an ended session held', () =>
    withStore(async (store, file) => {
      const { id } = await add(store, { data: new Map([['note', '"blue-umbrella"']]) })
      await store.end(id, ending)
      expect(
        ask(file, 'SELECT * FROM coatcheck_sessions')
          .map((row) => JSON.stringify(row))
          .join(),
      ).not.toContain('umbrella')
      expect((await store.read(id))?.data.size).toBe(0)
    }))
})

describe('namespaces', () => {
  it('of any name share a file and nothing else', () =>
    withStore(async (first, file) => {
      await add(first, { id: 'same', userId: 'ada' })
      for (const namespace of nastyKeys) {
        const store = sqliteStore(file, { namespace })
        expect(await store.read('same')).toBeNull()
        const record = await add(store, { id: 'same', userId: 'ada' })
        expect(await store.read('same')).toEqual(record)
        await store.endUser('ada', ending)
        expect(await store.stats()).toEqual({ anonymous: 0, signedIn: 0, ended: 1 })
        await store.close()
      }
      expect((await first.read('same'))?.ended).toBeNull()
      expect(await first.changes(0)).toEqual([])
    }))
})

describe('a database that is passed in', () => {
  it('is used as it is and stays open', async () => {
    const database = new DatabaseSync(freshFile(), { readBigInts: true, returnArrays: true } as object)
    const store = sqliteStore(database)
    const record = await add(store, { userId: 'ada' })
    expect(await store.read(record.id)).toEqual(record)
    await store.close()
    expect(database.isOpen).toBe(true)
    expect(database.prepare('PRAGMA journal_mode').all()).toEqual([['delete']])
    database.close()
  })

  it('may be in memory', async () => {
    const store = sqliteStore(':memory:')
    const record = await add(store)
    expect(await store.read(record.id)).toEqual(record)
    await store.close()
  })

  it('is waited for while the application has a transaction open on it', async () => {
    const database = new DatabaseSync(':memory:')
    const store = sqliteStore(database, { timeout: 5_000 })
    const { id } = await add(store)
    database.exec('BEGIN; CREATE TABLE accounts (id INTEGER)')
    const ended = store.end(id, ending)
    const read = store.read(id)
    await Promise.race([ended, read, new Promise((resolve) => setTimeout(resolve, 50))]).then((first) =>
      expect(first, 'it did not wait').toBeUndefined(),
    )
    database.exec('ROLLBACK')
    expect((await ended).outcome).toBe('ended')
    expect(await read).not.toBeNull()
    expect((await store.read(id))?.ended).not.toBeNull()
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name = 'accounts'").all()).toEqual([])
  })

  it('answers nothing that has ended elsewhere since the application’s transaction began', async () => {
    const file = freshFile()
    const other = sqliteStore(file)
    const { id } = await add(other)
    const database = new DatabaseSync(file)
    const store = sqliteStore(database, { timeout: '100ms' })
    await store.read(id)
    database.exec('BEGIN')
    database.prepare('SELECT count(*) FROM coatcheck_sessions').get()
    await other.end(id, ending)
    await expect(store.read(id, { strict: true })).rejects.toThrow(code('ERR_STORE_TIMEOUT'))
    database.exec('COMMIT')
    expect((await store.read(id))?.ended).not.toBeNull()
    await other.close()
    database.close()
  })

  it('that was closed is an outage', async () => {
    const database = new DatabaseSync(':memory:')
    const store = sqliteStore(database)
    await add(store)
    database.close()
    await expect(store.read('any')).rejects.toThrow(code('ERR_STORE_UNAVAILABLE'))
    await expect(store.end('any', ending)).rejects.toThrow(code('ERR_STORE_UNAVAILABLE'))
  })
})

describe('a record that was read', () => {
  it('has its data when copied', () =>
    withStore(async (store) => {
      const record = await add(store, {
        userId: 'ada',
        data: nastyData(),
        client: { address: '::1', userAgent: null, label: 'x' },
      })
      const read = (await store.read(record.id)) as SessionRecord
      expect({ ...read }).toEqual(record)
      expect(structuredClone(read)).toEqual(record)
      expect(Object.keys(read).sort()).toEqual(Object.keys(record).sort())
    }))

  it('does not change with the store', () =>
    withStore(async (store) => {
      const { id } = await add(store, { data: new Map([['n', '1']]) })
      const before = await store.read(id)
      await store.update(id, { at: START, set: new Map([['n', '2']]) })
      expect(before?.data.get('n')).toBe('1')
    }))

  it('of which the row is damaged is an outage that quotes nothing', () =>
    withStore(async (store, file) => {
      const damaged = await add(store, { data: new Map([['note', '"blue-umbrella"']]) })
      ask(file, `UPDATE coatcheck_sessions SET data = '9[umbrella' WHERE id = '${damaged.id}'`)
      const read = (await store.read(damaged.id)) as SessionRecord
      const error = vi.fn<(fault: unknown) => void>()
      try {
        read.data.get('note')
      } catch (fault) {
        error(fault)
      }
      expect(error).toHaveBeenCalledWith(code('ERR_STORE_UNAVAILABLE'))
      expect(JSON.stringify(error.mock.calls, ['message', 'cause', 'stack'])).not.toContain('umbrella')
      const change = store.update(damaged.id, { at: START, set: new Map([['n', '1']]) })
      await expect(change).rejects.toThrow(code('ERR_STORE_UNAVAILABLE'))
      await expect(change).rejects.toHaveProperty('scope', 'call')
    }))
})

describe('parallel calls', () => {
  it('that change 50 different keys leave 50 keys', () =>
    withStore(async (store) => {
      const { id } = await add(store)
      const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`)
      await Promise.all(keys.map((key) => store.update(id, { at: START, set: new Map([[key, '1']]) })))
      expect([...((await store.read(id))?.data.keys() ?? [])].sort()).toEqual(keys.sort())
    }))

  it('that create never exceed the limit, from two connections', () =>
    withStore(async (store, file) => {
      const other = sqliteStore(file)
      const limit = { max: 3, strategy: 'end-idlest', keepUntil: START + HOUR } as const
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          [store, other][index % 2]?.create(aRecord(store, { userId: 'ada' }), { limit }),
        ),
      )
      expect(results.flatMap((result) => (result?.outcome === 'created' ? result.ended : []))).toHaveLength(47)
      expect((await store.listUser('ada')).items).toHaveLength(3)
      await other.close()
    }))
})

describe('anonymous sessions', () => {
  it('are bounded, signed-in ones are not', () =>
    withStore(
      async (store) => {
        const first = await add(store)
        await add(store)
        await expect(store.create(aRecord(store))).rejects.toThrow(code('ERR_STORE_FULL'))
        for (let i = 0; i < 3; i++) await add(store, { userId: 'ada' })
        await store.end(first.id, ending)
        await add(store)
        await expect(store.create(aRecord(store))).rejects.toThrow(code('ERR_STORE_FULL'))
        expect(await store.stats()).toEqual({ anonymous: 2, signedIn: 3, ended: 1 })
      },
      { maxAnonymous: 2 },
    ))
})

describe('sweep', () => {
  it('spares what was touched, and puts right when it is due', () =>
    withStore(async (store, file) => {
      const idle = await add(store)
      const touched = await add(store)
      await store.touch(touched.id, START + 20 * MINUTE, { interval: 0 })
      const result = await store.sweep(START + 30 * MINUTE, { limit: 100, keepFor: HOUR })
      expect(ids(result.expired)).toEqual([idle.id])
      expect(result.more).toBe(false)
      expect(ask(file, `SELECT due_at FROM coatcheck_sessions WHERE id = '${touched.id}'`)).toEqual([
        { due_at: START + 50 * MINUTE },
      ])
      expect(ids((await store.sweep(START + 50 * MINUTE, { limit: 100, keepFor: HOUR })).expired)).toEqual([touched.id])
    }))

  it('takes at most `limit` at a time, counts on, and says whether there is more', () =>
    withStore(async (store) => {
      for (let i = 0; i < 5; i++) await add(store, { userId: i % 2 === 0 ? 'ada' : null })
      const at = START + HOUR
      const sizes: unknown[] = []
      for (let i = 0; i < 3; i++) {
        const { expired, more } = await store.sweep(at, { limit: 2, keepFor: HOUR })
        sizes.push([expired.length, more])
      }
      expect(sizes).toEqual([
        [2, true],
        [2, true],
        [1, false],
      ])
      expect(await store.stats()).toEqual({ anonymous: 0, signedIn: 0, ended: 5 })
      const { removed } = await store.sweep(at + HOUR, { limit: 10, keepFor: HOUR })
      expect(removed).toBe(5)
      expect(await store.stats()).toEqual({ anonymous: 0, signedIn: 0, ended: 0 })
    }))

  it('does not take the lock where nothing is due', () =>
    withStore(
      async (store, file) => {
        await add(store)
        const other = new DatabaseSync(file)
        other.exec('BEGIN IMMEDIATE')
        const nothing = { expired: [], removed: 0, more: false }
        expect(await store.sweep(START, { limit: 10, keepFor: HOUR })).toEqual(nothing)
        other.close()
      },
      { timeout: 0 },
    ))
})

describe('many records', () => {
  it('are ended in batches, and what begins meanwhile is spared', () =>
    withStore(async (store) => {
      for (let i = 0; i < 600; i++) await add(store, { userId: i % 3 === 0 ? null : `user-${i % 7}` })
      await store.endUser('user-1', ending)
      const running = store.endAll(ending)
      const between = await store.stats()
      const newcomer = await add(store)
      const count = await running
      expect(between.ended).toBeLessThan(600)
      expect(await isThere(store, newcomer)).toBe(true)
      expect((await store.read(newcomer.id))?.ended).toBeNull()
      expect(await store.stats()).toEqual({ anonymous: 1, signedIn: 0, ended: 600 })
      expect(count).toBe(600 - between.ended + 250)
    }))

  it('of one user are ended and changed to the last', () =>
    withStore(async (store) => {
      for (let i = 0; i < 510; i++) await add(store, { userId: 'ada' })
      const changed = await store.updateUser('ada', { at: START, set: new Map([['role', '"user"']]) })
      expect(new Set(changed).size).toBe(510)
      const { items } = await store.listUser('ada', { limit: 1_000 })
      expect(items.every(({ data, version }) => data.get('role') === '"user"' && version === 1)).toBe(true)
      const [spared] = items
      const ended = await store.endUser('ada', { ...ending, except: spared?.id })
      expect(ended).toHaveLength(509)
      expect(ids((await store.listUser('ada')).items)).toEqual([spared?.id])
    }))

  it('leave no epochs of users behind when all are ended', () =>
    withStore(async (store, file) => {
      for (let i = 0; i < 300; i++) await store.endUser(`user-${i}`, ending)
      const before = (await store.userEpoch('user-299')).epoch
      await store.endAll(ending)
      expect((await store.userEpoch('user-299')).epoch).toBeGreaterThan(before)
      expect((await store.userEpoch('never seen')).epoch).toBeGreaterThan(before)
      expect(ask(file, 'SELECT count(*) AS count FROM coatcheck_epochs')).toEqual([{ count: 0 }])
    }))
})

describe('what must outlive a loss of power', () => {
  const settings = async (options: SqliteStoreOptions, use: (store: Store) => Promise<unknown>) => {
    const commands: string[] = []
    await withStore(async (store) => {
      await add(store, { id: 'one', userId: 'ada' })
      const exec = vi.spyOn(DatabaseSync.prototype, 'exec').mockName('exec')
      await use(store)
      commands.push(...exec.mock.calls.map(([sql]) => sql))
      exec.mockRestore()
    }, options)
    return commands
  }
  const synced = ['PRAGMA synchronous = FULL', 'BEGIN IMMEDIATE', 'COMMIT', 'PRAGMA synchronous = NORMAL']

  it.each<[string, (store: Store) => Promise<unknown>]>([
    ['end', (store) => store.end('one', ending)],
    ['endUser', (store) => store.endUser('ada', ending)],
    ['updateUser', (store) => store.updateUser('ada', { at: START })],
  ])('is synced: %s', async (_, use) => {
    expect(await settings({}, use)).toEqual(synced)
    expect(await settings({ synchronous: 'full' }, use)).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
  })

  it('is not a change of data', async () => {
    expect(await settings({}, (store) => store.update('one', { at: START }))).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
  })
})

describe('what is over', () => {
  it('leaves nothing of its data in the file', async () => {
    const marker = 'what-nobody-is-to-find-later'
    const file = freshFile()
    const store = sqliteStore(file)
    const { id } = await add(store, { userId: 'ada', data: new Map([['note', `"${marker.repeat(20)}"`]]) })
    await store.close()
    expect(readFileSync(file).includes(marker)).toBe(true)
    const again = sqliteStore(file)
    await again.end(id, ending)
    await again.close()
    expect(existsSync(`${file}-wal`)).toBe(false)
    expect(readFileSync(file).includes(marker)).toBe(false)
  })

  it('is found by the sweep although an authentication moved its end to an earlier time', () =>
    withStore(async (store) => {
      const record = await add(store, { userId: 'ada', idleFor: null, expiresAt: START + 20 * HOUR })
      await store.rotate(record.id, {
        at: START + MINUTE,
        from: record.secretHash,
        to: 'the next hash',
        generation: record.generation + 1,
        predecessor: null,
        authentication: {
          assurance: { level: 1, methods: [] },
          idleFor: null,
          expiresAt: START + HOUR,
          persistent: false,
        },
      })
      const before = await store.sweep(START + HOUR - 1, { limit: 10, keepFor: HOUR })
      expect(ids(before.expired)).toEqual([])
      const after = await store.sweep(START + HOUR, { limit: 10, keepFor: HOUR })
      expect(ids(after.expired)).toEqual([record.id])
    }))
})
