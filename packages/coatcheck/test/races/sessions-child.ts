// An application's process that works on an SQLite file beside others.
import { perform, turn } from '../faults/child.ts'
import { type Input, type Outcome, openProcess, type Process, type RequestSession } from './process.ts'

interface SlowRequest {
  /** When it comes in: before the session is ended, or while it is. */
  readonly opens: 'before' | 'while'
  readonly headers?: Readonly<Record<string, string>>
  readonly run?: (process: Process, session: RequestSession) => unknown
}

const slow = {
  write: {
    opens: 'before',
    run: (_, session) => Object.assign(session.data, { written: true }),
  },
  update: {
    opens: 'before',
    run: (_, session) => session.update('n', (n) => (n ?? 0) + 1),
  },
  reauthenticate: {
    opens: 'before',
    run: async ({ sessions }, session) => session.reauthenticate(await sessions.begin('ada')),
  },
  touch: { opens: 'while' },
  renew: { opens: 'while', headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } },
} satisfies Readonly<Record<string, SlowRequest>>

/** Does one such request a round, at the moment at which another process ends the session. */
async function rounds(input: Input, { opens, headers, run }: SlowRequest): Promise<readonly Outcome[]> {
  const process = openProcess(input)
  const outcomes: Outcome[] = []
  for (const [round, { cookie }] of (input.tickets ?? []).entries()) {
    const before = opens === 'before' ? await process.open(cookie, headers) : null
    await turn()
    await pause(lateness(round, input.number))
    const session = before ?? (await process.open(cookie, headers))
    outcomes.push(
      await outcomeOf(session, async () => {
        await run?.(process, session)
        return await process.commit(session)
      }),
    )
  }
  await process.store.close()
  return outcomes
}

async function outcomeOf(session: RequestSession, work: () => Promise<string | null>): Promise<Outcome> {
  try {
    const cookie = await work()
    return { outcome: session.ended?.reason ?? 'done', cookie }
  } catch (error) {
    return { outcome: error instanceof Error && 'code' in error ? String(error.code) : String(error), cookie: null }
  }
}

const tasks = {
  write: (input: Input) => rounds(input, slow.write),
  update: (input: Input) => rounds(input, slow.update),
  reauthenticate: (input: Input) => rounds(input, slow.reauthenticate),
  touch: (input: Input) => rounds(input, slow.touch),
  renew: (input: Input) => rounds(input, slow.renew),

  /** Ends one session a round; answers whether each was ended by this. */
  async revoke(input: Input) {
    const { store, sessions } = openProcess(input)
    await store.read('')
    const answers: string[] = []
    for (const [round, { id }] of (input.tickets ?? []).entries()) {
      await turn()
      await pause(lateness(round, input.number))
      answers.push(await sessions.revoke(id, 'stolen'))
    }
    await store.close()
    return answers
  },

  /** So many requests, all open before any writes, change a key each. */
  keys: (input: Input) =>
    atOnce(input, async ({ commit }, session, i) => {
      session.data[`key-${input.number}-${i}`] = i
      await commit(session)
    }),

  /** So many requests count one key up. */
  count: (input: Input) => atOnce(input, (_, session) => session.update('n', (n) => (n ?? 0) + 1)),

  /** Meets the file for the first time, when all do, and signs somebody in. */
  async signIn(input: Input) {
    const { store, sessions, open, commit } = openProcess(input)
    await turn()
    const session = await open('')
    await session.signIn(await sessions.begin('ada'), { data: { n: input.number } })
    await commit(session)
    await store.close()
    return session.id
  },
}

async function atOnce(input: Input, work: (process: Process, session: RequestSession, i: number) => Promise<unknown>) {
  const process = openProcess(input)
  const { cookie = '' } = input.tickets?.[0] ?? {}
  const requests = await Promise.all(Array.from({ length: input.count ?? 0 }, () => process.open(cookie)))
  await turn()
  await Promise.all(requests.map((session, i) => work(process, session, i)))
  await process.store.close()
}

/** In milliseconds. In one round of four the ending is last, in one it is first, in the others all come together. */
function lateness(round: number, number: number): number {
  const isEnding = number === 0
  if (round % 4 === 0) return isEnding ? 15 : 0
  if (round % 4 === 1) return isEnding ? 0 : 15
  return ((round * 7 + number * 3) % 8) / 4
}

/** Timers are too coarse for less than two milliseconds. */
async function pause(ms: number): Promise<void> {
  if (ms >= 2) return await new Promise((resolve) => setTimeout(resolve, ms))
  const until = performance.now() + ms
  while (performance.now() < until);
}

await perform<Input>(tasks)
