import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionRecord } from '../../src/core/record/record.ts'
import type { StoreStats } from '../../src/core/store/capabilities.ts'
import type { Store } from '../../src/core/store/store.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { startChild, together } from '../faults/children.ts'
import { freshFile } from '../unit/stores/folder.ts'
import { add } from '../unit/stores/records.ts'

const FOUR = [0, 1, 2, 3]

function openStore(file: string): Store & StoreStats {
  const store = sqliteStore(file, { timeout: '20s' })
  onTestFinished(() => store.close())
  return store
}

function integrityOf(file: string): unknown {
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  return database.prepare('PRAGMA integrity_check').get()
}

describe('four processes on one file', () => {
  it('that change 50 different keys of one session leave 50 keys', async () => {
    const file = freshFile()
    const store = openStore(file)
    const { id } = await add(store)
    const shares = [13, 13, 12, 12]
    const results = await together(
      FOUR.map((number) => startChild('keys', { file, number, id, count: shares[number] ?? 0 })),
    )
    expect(results.flat()).toEqual(Array.from({ length: 50 }, () => 'updated'))
    const record = await store.read(id)
    expect(record?.data.size).toBe(50)
    expect(record?.version).toBe(50)
  })

  it('that count one key up by comparison reach 100', async () => {
    const file = freshFile()
    const store = openStore(file)
    const { id } = await add(store)
    const lost = await together(FOUR.map(() => startChild('count', { file, id, count: 25 })))
    expect((await store.read(id))?.data.get('n')).toBe('100')
    // Or they took turns, and nothing was compared.
    expect(lost.reduce<number>((sum, one) => sum + Number(one), 0)).toBeGreaterThan(0)
  })

  it('of which three write, touch and rotate leave a session ended that the fourth ends', async () => {
    const file = freshFile()
    const store = openStore(file)
    const { id } = await add(store, { userId: 'ada', data: new Map([['cart', '["hat"]']]) })
    const writers = [0, 1, 2].map((number) => startChild('write', { file, number, id }))
    const [ended, ...written] = await together([startChild('end', { file, id, ms: 300 }), ...writers])
    const [outcome, atOnce] = ended as [string, SessionRecord]
    expect(outcome).toBe('ended')
    for (const count of written) expect(count).toBeGreaterThan(0)
    const after = await store.read(id)
    expect(after?.ended).toMatchObject({ reason: 'revoked' })
    expect(after?.data.size).toBe(0)
    expect({ ...after, data: {} }).toEqual({ ...atOnce, data: {} })
    expect((await store.listUser('ada')).items).toEqual([])
    expect(integrityOf(file)).toEqual({ integrity_check: 'ok' })
  })

  it('that meet a fresh file at once set it up once', async () => {
    for (let round = 0; round < 3; round++) {
      const file = freshFile()
      const results = await together(FOUR.map((number) => startChild('migrate', { file, number })))
      expect(results).toEqual(FOUR.map(() => 'created'))
      const store = openStore(file)
      for (const number of FOUR) expect(await store.read(`session-of-${number}`)).not.toBeNull()
      expect(await store.stats()).toEqual({ anonymous: 4, signedIn: 0, ended: 0 })
      expect(integrityOf(file)).toEqual({ integrity_check: 'ok' })
    }
  })
})
