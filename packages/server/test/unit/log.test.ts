import { StoreFullError, StoreTimeoutError } from 'coatcheck'
import { describe, expect, it } from 'vitest'
import { AccountsOutageError } from '../../src/accounts/faults.ts'
import { BusyError } from '../../src/accounts/passwords.ts'
import { makeLog, noticeEvent, noticeOutage } from '../../src/log.ts'

function logAt() {
  const lines: string[] = []
  const clock = { now: Date.UTC(2026, 0, 2, 3, 4, 5) }
  const log = makeLog(
    (text) => lines.push(text),
    () => clock.now,
  )
  return { lines, clock, log }
}

describe('a notice', () => {
  it('is one line: when, what and why', () => {
    const { lines, log } = logAt()
    log.notice('store-failed', 'ERR_STORE_TIMEOUT')
    expect(lines).toEqual(['2026-01-02T03:04:05.000Z store-failed: ERR_STORE_TIMEOUT\n'])
  })

  it('is not repeated within ten seconds; one of another kind is written', () => {
    const { lines, clock, log } = logAt()
    log.notice('a', '1')
    log.notice('a', '2')
    log.notice('b', '3')
    clock.now += 9_999
    log.notice('a', '4')
    clock.now += 1
    log.notice('a', '5')
    expect(lines.map((line) => line.slice(25))).toEqual(['a: 1\n', 'b: 3\n', 'a: 5\n'])
  })
})

describe('outages', () => {
  it.each([
    [new AccountsOutageError('SQLITE_FULL', null), 'accounts-failed: SQLITE_FULL\n'],
    [new StoreTimeoutError('read', 'none', 'a message'), 'store-failed: ERR_STORE_TIMEOUT\n'],
    [new StoreFullError('a message'), 'store-failed: ERR_STORE_FULL\n'],
    [new BusyError(), 'passwords-waiting: more than this machine can check in time\n'],
  ])('%o are noticed', (error, line) => {
    const { lines, log } = logAt()
    expect(noticeOutage(log, error)).toBe(true)
    expect(lines.map((text) => text.slice(25))).toEqual([line])
  })

  it('are not what other errors are', () => {
    const { lines, log } = logAt()
    expect(noticeOutage(log, new Error('a fault'))).toBe(false)
    expect(lines).toEqual([])
  })
})

describe('events', () => {
  const common = { seq: 1, at: 0, sessionId: 'id', userId: 'alice' } as const

  it.each([
    [{ ...common, type: 'store-failed', operation: 'sweep', code: 'ERR_STORE_TIMEOUT' }, 'ERR_STORE_TIMEOUT (sweep)'],
    [{ ...common, type: 'answer-broken', code: null }, 'unknown'],
    [{ ...common, type: 'key-used', keyId: 'abcdef' }, 'abcdef, which is not the newest'],
    [{ ...common, type: 'cookie-withheld', why: 'too large' }, 'too large'],
  ] as const)('%o is noticed', (event, detail) => {
    const { lines, log } = logAt()
    noticeEvent(log, event)
    expect(lines.map((text) => text.slice(25))).toEqual([`${event.type}: ${detail}\n`])
  })

  it('of everyday use are not', () => {
    const { lines, log } = logAt()
    noticeEvent(log, { ...common, type: 'created' })
    noticeEvent(log, { ...common, type: 'ended', reason: 'idle', note: null })
    expect(lines).toEqual([])
  })
})
