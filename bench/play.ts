// What the handlers of `npm run bench -- faults` do, the same for every contender: an application as one would write it,
// in which a request's work takes a while. How long is no matter of luck: a request waits until the others are there.

/** A request's session, by the means of the contender. */
export interface Seat {
  readonly userId: () => string | null
  readonly keys: () => number
  readonly signIn: () => unknown
  readonly write: (key: string) => unknown
  readonly signOut: () => unknown
}

interface Answer {
  readonly status: number
  readonly body: object
}

export const PARALLEL = 50

const waiting = new Map<string, (() => void)[]>()

/** Answers when so many have come to the meeting of this name. */
async function meet(name: string, party: number): Promise<void> {
  const present = waiting.get(name) ?? []
  await new Promise<void>((resolve) => {
    waiting.set(name, [...present, resolve])
    if (present.length + 1 < party) return
    waiting.delete(name)
    for (const go of [...present, resolve]) go()
  })
}

const OK: Answer = { status: 200, body: {} }

/** `/meet/NAME` is outside of every session: it is how the script of the bench talks to a request that waits. */
export async function join(name: string): Promise<Answer> {
  await meet(name, 2)
  return OK
}

/** @param path `/sign-in`, `/sign-out`, `/me`, `/keys/KEY` or `/slow` */
export async function play(path: string, seat: Seat): Promise<Answer> {
  const [, what, key = ''] = path.split('/')
  if (what === 'sign-in') {
    await seat.signIn()
    return OK
  }
  if (seat.userId() === null) return { status: 401, body: {} }
  switch (what) {
    case 'me':
      return { status: 200, body: { userId: seat.userId(), keys: seat.keys() } }
    case 'sign-out':
      await seat.signOut()
      return OK
    case 'keys':
      await meet('all', PARALLEL)
      await seat.write(`key${key}`)
      return OK
    case 'slow':
      await meet('started', 2)
      await meet('signed-out', 2)
      await seat.write('late')
      return OK
    default:
      return { status: 404, body: {} }
  }
}

/** How many keys of a session the parallel requests wrote. */
export const countKeys = (data: object) => Object.keys(data).filter((key) => key.startsWith('key')).length
