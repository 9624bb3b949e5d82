import { describe, expect, test } from 'vitest'
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

describe('an outage is', () => {
  test.each([
    ['LOADING Redis is loading the dataset in memory', 'store'],
    ['READONLY You can not write against a read only replica.', 'store'],
    ['MASTERDOWN Link with MASTER is down', 'store'],
    ['CLUSTERDOWN Hash slot not served', 'store'],
    ['MOVED 1 127.0.0.1:1', 'store'],
    ['MISCONF Redis is configured to save RDB snapshots', 'store'],
    ['NOAUTH Authentication required.', 'store'],
    ['WRONGPASS invalid username-password pair', 'store'],
    ['NOPERM this user has no permissions', 'store'],
    ['NOREPLICAS Not enough good replicas to write.', 'store'],
    ['BUSY Redis is busy running a script.', 'store'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'call'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'call'],
    ['ERR value is not an integer or out of range', 'call'],
    ['Connection is closed.', 'store'],
  ])('what Redis answers of itself, not what it answers to one command: %s', (message, scope) => {
    expect(translated('read', false, new Error(message))).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE', scope })
  })
})
