import { expect, test } from 'vitest'
import { type Facts, FIRST_ROLE, type Left, noFacts } from './facts.ts'
import { complaintsAbout } from './judging.ts'

const NOTHING: Facts = noFacts()
const LIVE: Left = { id: 'a', user: 'ada', isLive: true, isListed: true, data: { role: FIRST_ROLE } }
const OVER: Left = { ...LIVE, isLive: false, isListed: false, data: {} }
const SIGNED_IN = { id: 'a', user: 'ada', begunAt: 5 }
const role = (name: string, start: number, ack: number) => ({ user: 'ada', role: name, start, ack })

test.each<[string, Partial<Facts>, Left]>([
  ['a live session', { signedIn: [SIGNED_IN], alive: { a: 9 } }, LIVE],
  ['one that was seen before its ending', { alive: { a: 9 }, ended: [{ id: 'a', ack: 9 }] }, OVER],
  [
    'one begun while its user was ended',
    { signedIn: [SIGNED_IN], usersEnded: [{ user: 'ada', start: 4, ack: 9 }] },
    LIVE,
  ],
  [
    'changes that are there',
    { wrote: { a: { k: 7 } }, counted: { a: 2 } },
    { ...LIVE, data: { role: FIRST_ROLE, k: 7, n: 2 } },
  ],
  ['what was written to one that is over', { wrote: { a: { k: 7 } }, counted: { a: 2 } }, OVER],
  [
    'either of two roles given at once',
    { roles: [role('x', 1, 5), role('y', 4, 6)] },
    { ...LIVE, data: { role: 'x' } },
  ],
  [
    'a new token after an authentication',
    { reauthenticated: [{ id: 'a', generation: 1, ack: 5 }], generations: { 'a 0': 4, 'a 1': 9 } },
    LIVE,
  ],
])('%s is as it should be', (_, facts, left) => {
  expect(complaintsAbout([NOTHING, { ...NOTHING, ...facts }], [left])).toEqual([])
})

test.each<[string, Partial<Facts>, Left]>([
  ['one that is alive after its ending', { ended: [{ id: 'a', ack: 9 }] }, LIVE],
  ['one that was seen after its ending', { alive: { a: 10 }, ended: [{ id: 'a', ack: 9 }] }, OVER],
  [
    'one alive after the ending of its user',
    { signedIn: [SIGNED_IN], usersEnded: [{ user: 'ada', start: 6, ack: 9 }] },
    LIVE,
  ],
  [
    'one seen after the ending of its user',
    { signedIn: [SIGNED_IN], alive: { a: 10 }, usersEnded: [{ user: 'ada', start: 6, ack: 9 }] },
    OVER,
  ],
  ['a key that is lost', { wrote: { a: { k: 7 } } }, LIVE],
  ['a key that has an old value', { wrote: { a: { k: 7 } } }, { ...LIVE, data: { role: FIRST_ROLE, k: 6 } }],
  ['a count that is lost', { counted: { a: 2 } }, { ...LIVE, data: { role: FIRST_ROLE, n: 1 } }],
  ['a count too many', {}, { ...LIVE, data: { role: FIRST_ROLE, n: 1 } }],
  ['an old role', { roles: [role('x', 1, 5), role('y', 6, 7)] }, { ...LIVE, data: { role: 'x' } }],
  ['the first role after another', { roles: [role('x', 1, 5)] }, LIVE],
  ['a role of nobody', {}, { ...LIVE, data: { role: 'z' } }],
  [
    'an old token after an authentication',
    { reauthenticated: [{ id: 'a', generation: 1, ack: 5 }], generations: { 'a 0': 6 } },
    LIVE,
  ],
  ['a live one that is not listed', {}, { ...LIVE, isListed: false }],
  ['one that is over and listed', {}, { ...OVER, isListed: true }],
  ['an error that nobody expects', { faults: ['TypeError'] }, LIVE],
])('%s is a complaint', (_, facts, left) => {
  expect(complaintsAbout([NOTHING, { ...NOTHING, ...facts }], [left])).toHaveLength(1)
})
