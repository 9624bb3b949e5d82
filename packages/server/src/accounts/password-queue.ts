/** More passwords are being checked than this machine can do in time. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
}

interface Waiting {
  readonly begin: () => void
  readonly giveUp: (why: BusyError) => void
}

/** Runs a task when it has a place; `by` is whose task it is. @throws BusyError where the queue has no room for it */
export type PasswordQueue = <T>(by: string, task: () => Promise<T>) => Promise<T>

/**
 * Makes a queue that is fair between those who wait: a free place goes to each in turn, however many tasks one of them
 * has. Where the queue is full, a task of who has fewer takes the room of the last task of who has the most. So nobody
 * fills it for others, and who comes last waits for one task of each other at most.
 */
export function makePasswordQueue(places: number, longest: number): PasswordQueue {
  let running = 0
  let length = 0
  /** By whose they are. A `Map` keeps the order of insertion, which is the order of the turns. */
  const lists = new Map<string, Waiting[]>()

  const makeRoomFor = (by: string) => {
    const most = [...lists.values()].reduce((one, other) => (other.length > one.length ? other : one), [])
    const busy = new BusyError('Too many passwords are being checked.')
    // One who would then have the most would take the room of a task like this one.
    if (most.length <= (lists.get(by)?.length ?? 0) + 1) throw busy
    length--
    most.pop()?.giveUp(busy)
  }
  const wait = async (by: string) => {
    if (length >= longest) makeRoomFor(by)
    await new Promise<void>((begin, giveUp) => {
      const own = lists.get(by) ?? []
      own.push({ begin, giveUp })
      lists.set(by, own)
      length++
    })
  }
  const passOn = () => {
    const [first] = lists
    if (first === undefined) {
      running--
      return
    }
    const [by, own] = first
    lists.delete(by)
    length--
    own.shift()?.begin()
    if (own.length > 0) lists.set(by, own)
  }
  return async (by, task) => {
    if (running >= places) await wait(by)
    else running++
    try {
      return await task()
    } finally {
      passOn()
    }
  }
}
