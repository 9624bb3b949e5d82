import { describe, expect, test } from 'vitest'
import {
  type EventBody,
  type EventListener,
  makeEvents,
  type SessionEvent,
} from '../../../../src/core/events/events.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'
import { anApp } from '../app.ts'

const BODY: EventBody = { type: 'created', sessionId: 'the-session', userId: null }

function someEvents() {
  const warnings: string[] = []
  const events = makeEvents({ ...node, now: () => 7, warn: (text) => warnings.push(text) })
  return { ...events, warnings }
}

test('an event is what happened, with its number, time and severity', () => {
  const { emit, on } = someEvents()
  const seen: SessionEvent[] = []
  on((event) => seen.push(event))
  emit(BODY)
  emit({ type: 'swept', expired: 1, removed: 2 })
  expect(seen).toEqual([
    { ...BODY, seq: 1, at: 7, severity: 'info' },
    { type: 'swept', expired: 1, removed: 2, seq: 2, at: 7, severity: 'info' },
  ])
})

test('events that nobody heard are counted, so that a listener sees what it missed', () => {
  const { emit, on } = someEvents()
  emit(BODY)
  emit(BODY)
  const seen: number[] = []
  on(({ seq }) => seen.push(seq))
  emit(BODY)
  expect(seen).toEqual([3])
})

test('a listener hears nothing after it was taken away, and the others go on', () => {
  const { emit, on } = someEvents()
  const seen: string[] = []
  const off = on(() => seen.push('first'))
  on(() => seen.push('second'))
  emit(BODY)
  off()
  off()
  emit(BODY)
  expect(seen).toEqual(['first', 'second', 'second'])
})

test('a listener that is added while an event goes round hears the next one', () => {
  const { emit, on } = someEvents()
  const seen: string[] = []
  on(({ seq }) => {
    if (seq === 1) on((event) => seen.push(`added heard ${event.seq}`))
  })
  emit(BODY)
  emit(BODY)
  expect(seen).toEqual(['added heard 2'])
})

describe('a listener that fails', () => {
  const failing: readonly (readonly [string, EventListener, string])[] = [
    [
      'by throwing',
      () => {
        throw new TypeError('with a secret-123 in it')
      },
      'TypeError',
    ],
    ['by throwing what is no error', () => AbortSignal.abort('secret-123').throwIfAborted(), 'string'],
    [
      'later, as an asynchronous one',
      async () => Promise.reject(new RangeError('with a secret-123 in it')),
      'RangeError',
    ],
  ]

  test.each(failing)(
    '%s is a warning without its message, and the others hear the event',
    async (_, listener, name) => {
      const { emit, on, warnings } = someEvents()
      const seen: number[] = []
      on(listener)
      on(({ seq }) => seen.push(seq))
      emit(BODY)
      emit(BODY)
      await new Promise((resolve) => setImmediate(resolve))
      expect(seen).toEqual([1, 2])
      const warning = `A listener of session events threw on 'created': ${name}`
      expect(warnings).toEqual([warning, warning])
    },
  )
})

test('a listener that is no function is refused, as of those who name the event first', () => {
  const { sessions } = anApp()
  expect(() => sessions.on('created' as never)).toThrow('`event.type`')
})
