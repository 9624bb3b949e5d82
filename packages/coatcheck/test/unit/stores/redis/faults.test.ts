import { expect, test } from 'vitest'
import { StoreTimeoutError, StoreUnavailableError } from '../../../../src/index.ts'
import { translated } from '../../../../src/stores/redis/faults.ts'

const lost = () =>
  Object.assign(new Error('Connection is closed.'), {
    code: 'ECONNRESET',
    command: { name: 'evalsha', args: ['what a session holds'] },
  })

test('what a client could not send does not go on with its error, whose name, code and text do', () => {
  for (const [isWrite, type] of [
    [true, StoreTimeoutError],
    [false, StoreUnavailableError],
  ] as const) {
    const error = translated('update', isWrite, lost())
    expect(error).toBeInstanceOf(type)
    expect(error.cause).toMatchObject({ name: 'Error', message: 'Connection is closed.', code: 'ECONNRESET' })
    expect(Object.keys(error.cause as object)).not.toContain('command')
  }
})
