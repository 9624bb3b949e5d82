import { StoreFullError, StoreTimeoutError, StoreUnavailableError } from 'coatcheck'
import { describe, expect, it } from 'vitest'
import { AccountsOutageError } from '../../src/accounts/faults.ts'
import { BusyError } from '../../src/accounts/password-queue.ts'
import { makeLog, makeTelling, noticeEvent, noticeOutage } from '../../src/log.ts'

function logAt() {
  const lines: string[] = []
  const clock = { now: Date.UTC(2026, 0, 2, 3, 4, 5) }
  const log = makeLog('info', { write: (text) => lines.push(text) }, () => clock.now)
  const texts = () => lines.map((line) => JSON.parse(line).msg)
  return { lines, clock, log, texts }
}

describe('a notice', () => {
  it('is one line: when, what and why', () => {
    const { lines, log } = logAt()
    log.notice('store-failed', 'ERR_STORE_TIMEOUT')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'warn',
        time: '2026-01-02T03:04:05.000Z',
        event: 'store-failed',
        detail: 'ERR_STORE_TIMEOUT',
        msg: 'store-failed: ERR_STORE_TIMEOUT',
      },
    ])
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1)
  })

  it('is not repeated within ten seconds; one of another kind is written', () => {
    const { texts, clock, log } = logAt()
    log.notice('a', '1')
    log.notice('a', '2')
    log.notice('b', '3')
    clock.now += 9_999
    log.notice('a', '4')
    clock.now += 1
    log.notice('a', '5')
    expect(texts()).toEqual(['a: 1', 'b: 3', 'a: 5'])
  })
})

describe('outages', () => {
  const UNAVAILABLE = 'store-failed: ERR_STORE_UNAVAILABLE'
  const unavailable = (message: string, cause?: unknown) => new StoreUnavailableError('read', message, { cause })
  const lost = (message: string, code?: string) =>
    unavailable('store.read: the connection failed; see `cause`.', Object.assign(new Error(message), { code }))

  it.each([
    [new AccountsOutageError('SQLITE_FULL', null), 'accounts-failed: SQLITE_FULL'],
    [new StoreTimeoutError('read', 'none', 'store.read: a message.'), 'store-failed: ERR_STORE_TIMEOUT: a message'],
    [new StoreFullError('a message'), 'store-failed: ERR_STORE_FULL: a message'],
    [unavailable('store: Set `maxmemory-policy noeviction`.'), `${UNAVAILABLE}: Set \`maxmemory-policy noeviction\``],
    [lost('connect ECONNREFUSED secret', 'ECONNREFUSED'), `${UNAVAILABLE}: the connection failed (ECONNREFUSED)`],
    [lost('WRONGPASS secret'), `${UNAVAILABLE}: the connection failed (WRONGPASS)`],
    [lost('secret'), `${UNAVAILABLE}: the connection failed`],
    [unavailable('update: it was out.', lost('NOPERM secret')), `${UNAVAILABLE}: the connection failed (NOPERM)`],
    [new BusyError(), 'passwords-waiting: more than this machine can check in time'],
  ])('%o are noticed', (error, line) => {
    const { texts, log } = logAt()
    expect(noticeOutage(log, error)).toBe(true)
    expect(texts()).toEqual([line])
  })

  it('of a store are told by each of its reasons, which one that is told more often hides no longer than itself', () => {
    const { texts, log } = logAt()
    const notTried = new StoreUnavailableError('read', 'store.read was not tried: the store is out.')
    for (const error of [notTried, lost('secret', 'ECONNREFUSED'), notTried]) noticeOutage(log, error)
    expect(texts()).toEqual([
      `${UNAVAILABLE}: the store is out`,
      `${UNAVAILABLE}: the connection failed (ECONNREFUSED)`,
    ])
  })

  it('are not what other errors are', () => {
    const { lines, log } = logAt()
    expect(noticeOutage(log, new Error('a fault'))).toBe(false)
    expect(lines).toEqual([])
  })
})

describe('events', () => {
  const FOREIGN = { type: 'csrf-blocked', method: 'POST', site: null, enforced: true } as const
  const common = { seq: 1, at: 0, severity: 'info', sessionId: 'id', userId: 'alice' } as const

  it.each([
    [{ ...common, type: 'store-failed', operation: 'sweep', code: 'ERR_STORE_TIMEOUT' }, 'ERR_STORE_TIMEOUT (sweep)'],
    [{ ...common, type: 'store-out', operation: 'read' }, 'read'],
    [{ ...common, type: 'store-back', operation: 'touch' }, 'touch'],
    [{ ...common, type: 'sign-out-unconfirmed', isWaiting: true }, 'tried again'],
    [{ ...common, type: 'sign-out-unconfirmed', isWaiting: false }, 'not tried again'],
    [{ ...common, type: 'answer-broken', code: null }, 'unknown'],
    [{ ...common, type: 'key-used', keyId: 'abcdef' }, 'abcdef, which is not the newest'],
    [{ ...common, type: 'cookie-withheld', reason: 'too-late', why: 'too late' }, 'too late'],
    [
      { ...common, ...FOREIGN, reason: 'foreign-origin', origin: 'https://shop.example' },
      'a page of https://shop.example was refused (foreign-origin). Where it is this server, set COATCHECK_ORIGIN; where you trust it, COATCHECK_TRUSTED_ORIGINS',
    ],
  ] as const)('%o is noticed', (event, detail) => {
    const { texts, log } = logAt()
    noticeEvent(log, event)
    expect(texts()).toEqual([`${event.type}: ${detail}`])
  })

  it('of everyday use are not', () => {
    const { lines, log } = logAt()
    noticeEvent(log, { ...common, type: 'created' })
    noticeEvent(log, { ...common, type: 'ended', reason: 'idle', note: null })
    // No setting lets these through.
    noticeEvent(log, { ...common, ...FOREIGN, reason: 'opaque-origin', origin: 'null' })
    noticeEvent(log, { ...common, ...FOREIGN, reason: 'cross-site', origin: 'null' })
    noticeEvent(log, { ...common, ...FOREIGN, reason: 'unproven', origin: null })
    expect(lines).toEqual([])
  })
})

describe('warnings of the library', () => {
  const blocked = { type: 'csrf-blocked', method: 'POST', site: null, enforced: true, seq: 1, at: 0 } as const
  const foreign = { ...blocked, severity: 'warning', reason: 'foreign-origin', origin: 'https://a.example' } as const
  const unproven = { ...blocked, severity: 'warning', reason: 'unproven', origin: null } as const

  it('are lines, also where several come at once', () => {
    const { texts, log } = logAt()
    const { warn } = makeTelling(log)
    for (const text of ['one', 'two', 'one']) warn(text)
    expect(texts()).toEqual(['library-warned: one', 'library-warned: two'])
  })

  it('are none where the log has told the same event', async () => {
    const { texts, log } = logAt()
    const { event, warn } = makeTelling(log)
    event(foreign)
    warn('of the foreign page')
    await Promise.resolve()
    warn('of something else, later')
    event(unproven)
    warn('of a client that says nothing')
    const told = texts().filter((text) => text.startsWith('library-warned'))
    expect(told).toEqual(['library-warned: of something else, later', 'library-warned: of a client that says nothing'])
    expect(texts()).toHaveLength(3)
  })
})

it('requests are told of at the level debug alone', () => {
  const lines: string[] = []
  const stream = { write: (text: string) => lines.push(text) }
  const request = { method: 'GET', path: '/login', status: 200, took: 3, session: null }
  makeLog('info', stream).request(request)
  expect(lines).toEqual([])
  makeLog('debug', stream).request(request)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ ...request, level: 'debug', msg: 'GET /login 200' })
})
