import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../../../src/stores/memory.ts'
import { decodeRecord, encodeClient, encodeRecord, FIELDS } from '../../../../src/stores/redis/record-value.ts'
import { SEPARATOR } from '../../../../src/stores/redis/text.ts'
import { kitOf } from '../../../../src/testing/store-contract/kit.ts'

const record = kitOf(memoryStore()).record({ assurance: { level: 1, methods: ['pwd'] } })

describe('a record that is damaged', () => {
  test.each([
    ['of another format', FIELDS.format, '9'],
    ['without its version', FIELDS.version, ''],
    ['whose last activity is no time', FIELDS.lastSeenAt, '!!'],
    ['that has ended but has no ending', FIELDS.endedAt, '1'],
  ])('is told from a failure of the connection: one %s', (_, field, text) => {
    const fields = encodeRecord(record).split(SEPARATOR)
    expect(decodeRecord(fields.join(SEPARATOR), record.id, record.namespace)).toEqual(record)
    fields[field - 1] = text
    expect(() => decodeRecord(fields.join(SEPARATOR), record.id, record.namespace)).toThrow(SyntaxError)
  })
})

test('of a client of whom nothing is known a record holds no byte', () => {
  const nobody = { address: null, userAgent: null, label: null }
  expect(encodeClient(nobody)).toBe('')
  for (const known of [{ address: '10.0.0.1' }, { userAgent: 'Firefox' }, { label: 'laptop' }]) {
    expect(encodeClient({ ...nobody, ...known })).toContain(Object.values(known)[0])
  }
})
