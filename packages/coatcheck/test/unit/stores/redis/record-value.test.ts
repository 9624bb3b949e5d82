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

test('a client of which nothing is known takes no room, and one of which something is known is kept whole', () => {
  const unknown = { address: null, userAgent: null, label: null }
  expect(encodeClient(unknown)).toBe('')
  for (const known of [{ address: '192.0.2.7' }, { userAgent: 'Firefox' }, { label: 'Laptop' }]) {
    const client = { ...unknown, ...known }
    expect(encodeClient(client)).toBe(JSON.stringify([client.address, client.userAgent, client.label]))
    expect(decodeRecord(encodeRecord({ ...record, client }), record.id, record.namespace)?.client).toEqual(client)
  }
})
