import { expect, test } from 'vitest'
import { type SessionRecord, withFields } from '../../../../src/core/record/record.ts'
import { aRecord, START } from '../records.ts'

test('a record with other fields has those, and each of its own besides', () => {
  const record = aRecord({ data: new Map([['n', '1']]) })
  const changed = withFields(record, { version: 1, lastSeenAt: START + 5 })
  expect(changed).toEqual({ ...record, version: 1, lastSeenAt: START + 5 })
  expect(record.version).toBe(0)
})

test('fields that are computed when asked for are taken over as values', () => {
  const plain = aRecord()
  const asked: string[] = []
  class Lazy {}
  for (const name of Object.keys(plain)) {
    Object.defineProperty(Lazy.prototype, name, {
      get() {
        asked.push(name)
        return Reflect.get(plain, name) as unknown
      },
    })
  }
  const lazy = new Lazy() as SessionRecord
  expect({ ...lazy }).toEqual({})
  expect(withFields(lazy, {})).toEqual(plain)
  expect(asked.toSorted()).toEqual(Object.keys(plain).toSorted())
})
