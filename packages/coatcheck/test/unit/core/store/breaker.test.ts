import { describe, expect, test } from 'vitest'
import { Breaker, type Ticket } from '../../../../src/core/store/breaker.ts'

function entered(breaker: Breaker): Ticket {
  const ticket = breaker.enter()
  if (typeof ticket === 'string') throw new Error(`The call was refused: ${ticket}.`)
  return ticket
}

function fail(breaker: Breaker, times: number) {
  return Array.from({ length: times }, () => breaker.leave(entered(breaker), 'failed'))
}

describe('a closed breaker', () => {
  test('opens at the fifth failure in a row', () => {
    const breaker = new Breaker()
    expect(fail(breaker, 5)).toEqual([null, null, null, null, 'opened'])
    expect(breaker.enter()).toBe('open')
  })

  test('counts anew after an answer', () => {
    const breaker = new Breaker()
    fail(breaker, 4)
    breaker.leave(entered(breaker), 'answered')
    expect(fail(breaker, 4)).toEqual([null, null, null, null])
    expect(breaker.isOpen).toBe(false)
  })

  test('opens when a call times out and nothing has been answered since it began', () => {
    const breaker = new Breaker()
    breaker.leave(entered(breaker), 'answered')
    expect(breaker.leave(entered(breaker), 'timed-out')).toBe('opened')
  })

  test('stays closed when others were answered meanwhile: one record is slow, not the store', () => {
    const breaker = new Breaker()
    const slow = entered(breaker)
    breaker.leave(entered(breaker), 'answered')
    expect(breaker.leave(slow, 'timed-out')).toBe(null)
  })

  test('learns nothing from a call whose caller gave up', () => {
    const breaker = new Breaker()
    for (let i = 0; i < 20; i++) expect(breaker.leave(entered(breaker), 'given-up')).toBe(null)
    expect(breaker.isOpen).toBe(false)
  })

  test('lets ten thousand calls be under way, and no more', () => {
    const breaker = new Breaker()
    const tickets = Array.from({ length: 10_000 }, () => entered(breaker))
    expect(breaker.enter()).toBe('crowded')
    breaker.leave(tickets[0] as Ticket, 'answered')
    expect(breaker.enter()).toMatchObject({ isProbe: false })
  })
})

describe('an open breaker', () => {
  function opened() {
    const breaker = new Breaker()
    const earlier = entered(breaker)
    fail(breaker, 5)
    return { breaker, earlier }
  }

  test('refuses everything until a probe is allowed, then lets through one', () => {
    const { breaker } = opened()
    expect(breaker.enter()).toBe('open')
    breaker.allowProbe()
    expect(breaker.enter()).toMatchObject({ isProbe: true })
    expect(breaker.enter()).toBe('open')
  })

  test('stays open when the probe fails, and closes when it is answered', () => {
    const { breaker } = opened()
    breaker.allowProbe()
    expect(breaker.leave(entered(breaker), 'timed-out')).toBe('reopened')
    expect(breaker.enter()).toBe('open')
    breaker.allowProbe()
    expect(breaker.leave(entered(breaker), 'answered')).toBe('closed')
    expect(breaker.enter()).toMatchObject({ isProbe: false })
  })

  test('lets the next one try when the one that tried gave up', () => {
    const { breaker } = opened()
    breaker.allowProbe()
    breaker.leave(entered(breaker), 'given-up')
    expect(breaker.enter()).toMatchObject({ isProbe: true })
  })

  test('closes when a call from before is answered after all; one that fails changes nothing', () => {
    const { breaker, earlier } = opened()
    const { breaker: other, earlier: late } = opened()
    expect(other.leave(late, 'failed')).toBe(null)
    expect(breaker.leave(earlier, 'answered')).toBe('closed')
  })

  test('a probe allowed late, when it is closed again, is none', () => {
    const { breaker, earlier } = opened()
    breaker.leave(earlier, 'answered')
    breaker.allowProbe()
    expect(breaker.enter()).toMatchObject({ isProbe: false })
  })
})
