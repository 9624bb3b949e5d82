import { describe, expect, it, onTestFinished } from 'vitest'
import { type Child, startProgram, together } from '../faults/children.ts'
import { freshFile } from '../unit/stores/folder.ts'
import { START } from '../unit/stores/records.ts'
import { type Input, type Outcome, openProcess, type Process, type Ticket } from './process.ts'

const FOUR = [0, 1, 2, 3]
const MINUTE = 60_000
const ROUNDS = 40
/** How often the races of an ending are run, on another file each time; more for a longer proof. */
const REPEATS = Number(process.env['COATCHECK_REPEATS'] ?? 1)

function start(task: string, input: Input): Child {
  return startProgram(new URL('sessions-child.ts', import.meta.url), task, input)
}

/** The process of the test itself. */
function here(file: string, now = START): Process {
  const process = openProcess({ file, now })
  onTestFinished(() => process.store.close())
  return process
}

async function signedIn({ sessions, open, commit }: Process): Promise<Ticket> {
  const session = await open('')
  await session.signIn(await sessions.begin('ada'))
  return { cookie: (await commit(session)) ?? '', id: session.id ?? '' }
}

/** Lets all go at once, as often as there are rounds; answers their results. */
async function inRounds(children: readonly Child[]): Promise<readonly unknown[]> {
  let waiting = children.map(({ ready }) => ready)
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(waiting)
    waiting = children.map((child) => child.again())
    for (const child of children) child.go()
  }
  return await Promise.all(children.map(({ result }) => result))
}

describe('sessions of four processes on one file', () => {
  it('keep fifty keys that fifty parallel requests change', async () => {
    const file = freshFile()
    const process = here(file)
    const ticket = await signedIn(process)
    const counts = [13, 13, 12, 12]
    await together(
      FOUR.map((number) => start('keys', { file, number, now: START, tickets: [ticket], count: counts[number] ?? 0 })),
    )
    const { data } = await process.open(ticket.cookie)
    const keys = FOUR.flatMap((number) =>
      Array.from({ length: counts[number] ?? 0 }, (_, i) => [`key-${number}-${i}`, i]),
    )
    expect({ ...data }).toEqual(Object.fromEntries(keys))
  })

  it('count one key up to a hundred by a hundred parallel updates', async () => {
    const file = freshFile()
    const process = here(file)
    const ticket = await signedIn(process)
    await together(FOUR.map((number) => start('count', { file, number, now: START, tickets: [ticket], count: 25 })))
    expect((await process.open(ticket.cookie)).data.n).toBe(100)
  })

  it('are there when they meet a fresh file at once', async () => {
    const file = freshFile()
    const ids = await together(FOUR.map((number) => start('signIn', { file, number, now: START })))
    const listed = await here(file).sessions.list('ada')
    expect(listed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
  })

  it.each([
    ['writes, touches and renews', ['write', 'touch', 'renew']],
    ['updates a key, re-authenticates and touches', ['update', 'reauthenticate', 'touch']],
  ])('are ended for ever by one while another %s', { timeout: 600_000 }, async (_, requests) => {
    for (let repeat = 0; repeat < REPEATS; repeat++) await endWhile(requests)
  })
})

/** One process ends session after session, each while others make one of these requests with it. */
async function endWhile(requests: readonly string[]): Promise<void> {
  const file = freshFile()
  const process = here(file)
  const tickets: Ticket[] = []
  for (let round = 0; round < ROUNDS; round++) tickets.push(await signedIn(process))
  // Late enough that an activity is to be recorded and, for the renewal, that a new token is due.
  const times: Readonly<Record<string, number>> = { touch: 10 * MINUTE, renew: 25 * MINUTE }
  const [revoked, ...results] = await inRounds([
    start('revoke', { file, number: 0, now: START + 25 * MINUTE, tickets }),
    ...requests.map((request, i) =>
      start(request, { file, number: i + 1, now: START + (times[request] ?? 0), tickets }),
    ),
  ])
  expect(revoked).toEqual(tickets.map(() => 'ended'))
  const outcomes = results as readonly (readonly Outcome[])[]
  // Each request came both before and after an ending.
  for (const each of outcomes) {
    expect(each.filter(({ outcome }) => outcome === 'done').length).toBeGreaterThan(0)
    expect(each.filter(({ outcome }) => outcome !== 'done').length).toBeGreaterThan(0)
  }
  const later = here(file, START + 25 * MINUTE)
  for (const [round, { id, cookie }] of tickets.entries()) {
    const given = outcomes.map((each) => each[round]?.cookie ?? cookie)
    for (const held of new Set([cookie, ...given])) {
      const { userId, ended } = await later.open(held, {})
      expect({ round, userId, isOver: ended !== null }).toEqual({ round, userId: null, isOver: true })
    }
    expect((await later.store.read(id))?.ended).toMatchObject({ reason: 'revoked', note: 'stolen' })
  }
  expect(await later.sessions.list('ada')).toEqual([])
}
