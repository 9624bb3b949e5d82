import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/stores/memory.ts'
import { pageFrom, pageOf, placeOf } from '../../../src/stores/paging.ts'
import { aRecord, ids, nastyKeys } from './records.ts'

const store = memoryStore()
const record = (id: string, createdAt: number) => aRecord(store, { id, createdAt })

describe('pageOf', () => {
  const open = [record('c', 3), record('b', 3), record('d', 2), record('a', 1)].map((one) => ({ record: one }))

  it('goes from the newest to the oldest, and by id among equals, without repeating or missing one', () => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = pageOf(open, cursor, 1)
      seen.push(...ids(page.items))
      cursor = page.cursor
    } while (cursor !== null)
    expect(seen).toEqual(['c', 'b', 'd', 'a'])
  })

  it('has no cursor where nothing follows', () => {
    expect(pageOf(open, null, 4).cursor).toBeNull()
    expect(pageOf(open, null, 3).cursor).not.toBeNull()
    expect(pageOf([], null)).toEqual({ items: [], cursor: null })
  })

  it('goes on behind a place that is gone', () => {
    const placed = (id: string, createdAt: number) => pageFrom([record(id, createdAt), record('-', 0)], 1).cursor
    expect(ids(pageOf(open, placed('bb', 3), 2).items)).toEqual(['b', 'd'])
    expect(ids(pageOf(open, placed('z', 9), 9).items)).toEqual(['c', 'b', 'd', 'a'])
    expect(ids(pageOf(open, placed('0', 1), 9).items)).toEqual([])
  })

  it('answers nothing for a cursor that is none', () => {
    expect(pageOf(open, 'nonsense').items).toEqual([])
  })
})

describe('a cursor', () => {
  it.each(nastyKeys)('names the id %j', (id) => {
    const { cursor } = pageFrom([record(id, 5), record('z', 4)], 1)
    expect(placeOf(cursor)).toEqual({ createdAt: 5, id })
  })

  it('may be absent', () => {
    expect(placeOf(null)).toBeNull()
    expect(placeOf(undefined)).toBeNull()
  })
})
