import cluster, { type Worker as Process } from 'node:cluster'
import type { ToFirst, ToWorker } from './messages.ts'

/** How long a worker may take until it serves, in milliseconds. */
const LONGEST_START = 60_000
/** How long an answer of a worker is waited for. */
const LONGEST_ANSWER = 2_000

/** One worker that serves. */
export interface PoolWorker {
  readonly startedAt: number
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** Null where it does not answer in time. */
  readonly ask: <Said extends 'lines' | 'metrics'>(what: Said) => Promise<Extract<ToFirst, { said: Said }> | null>
  /** Lets it finish its requests, and kills it after `limit` milliseconds; answers when it is gone. False: it was killed. */
  readonly stop: (limit: number) => Promise<boolean>
  /** At once. */
  readonly kill: () => void
}

/** A worker could not begin to serve; it has said why on standard error. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError'
  readonly code: number

  constructor(code: number) {
    super('A worker could not start; it has said why.')
    this.code = code
  }
}

let asked = 0

/** Starts a worker, as this process was started, and answers when it serves. @throws WorkerStartError */
export async function startWorker(): Promise<PoolWorker> {
  const child = cluster.fork()
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  const timer = setTimeout(() => child.process.kill('SIGKILL'), LONGEST_START)
  try {
    const first = await Promise.race([saying(child, ({ said }) => said === 'ready'), ended])
    if (typeof first !== 'object') throw new WorkerStartError(typeof first === 'number' ? first : 1)
  } finally {
    clearTimeout(timer)
  }
  const send = (message: ToWorker) => {
    if (child.isConnected()) child.send(message)
  }
  return {
    startedAt: Date.now(),
    ended,
    async ask(what) {
      const number = ++asked
      const answer = saying(child, (message) => message.said === what && message.number === number)
      send({ ask: what, number })
      const late = new Promise<null>((resolve) => {
        setTimeout(() => resolve(null), LONGEST_ANSWER).unref()
      })
      return (await Promise.race([answer, late])) as Extract<ToFirst, { said: typeof what }> | null
    },
    async stop(limit) {
      let isInTime = true
      const timer = setTimeout(() => {
        isInTime = false
        child.process.kill('SIGKILL')
      }, limit)
      send({ ask: 'stop' })
      await ended
      clearTimeout(timer)
      return isInTime
    },
    kill: () => void child.process.kill('SIGKILL'),
  }
}

/** The next message of a worker that is meant. */
function saying(child: Process, isMeant: (message: ToFirst) => boolean): Promise<ToFirst> {
  return new Promise((resolve) => {
    const listen = (message: ToFirst) => {
      if (!isMeant(message)) return
      child.off('message', listen)
      resolve(message)
    }
    child.on('message', listen)
    child.once('exit', () => child.off('message', listen))
  })
}
