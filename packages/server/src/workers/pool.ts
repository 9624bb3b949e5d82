import cluster, { type Worker as Process } from 'node:cluster'
import type { ToFirst, ToWorker } from './messages.ts'

/** How long a worker may take until it serves, in milliseconds. */
const LONGEST_START = 60_000
/** How long an answer of a worker is waited for. */
const LONGEST_ANSWER = 2_000
/** As long as a worker may take, after its drain, to finish its requests and to close what it has open. */
const LONGEST_STOP = 20_000

/** One worker that serves. */
export interface PoolWorker {
  readonly startedAt: number
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** Null where it does not answer in time. */
  readonly ask: <Said extends 'lines' | 'metrics'>(what: Said) => Promise<Saying<Said> | null>
  /** In milliseconds. */
  readonly longestStop: number
  /** Lets it finish its requests (`isReplaced`: the others go on), and kills it after `longestStop`; answers when it is gone. False: it was killed. */
  readonly stop: (isReplaced: boolean) => Promise<boolean>
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

/**
 * Starts a worker, as this process was started, and answers when it serves. Aborted before, it is told to end.
 * @throws WorkerStartError
 */
export async function startWorker(stopping: AbortSignal): Promise<PoolWorker> {
  const child = cluster.fork()
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  const timer = setTimeout(() => child.process.kill('SIGKILL'), LONGEST_START)
  const endStart = () => void child.process.kill('SIGTERM')
  stopping.addEventListener('abort', endStart)
  const first = await Promise.race([saying(child, 'ready'), ended])
  clearTimeout(timer)
  stopping.removeEventListener('abort', endStart)
  if (typeof first !== 'object') throw new WorkerStartError(typeof first === 'number' ? first : 1)
  const longestStop = first.drain + LONGEST_STOP
  const send = (message: ToWorker) => {
    if (child.isConnected()) child.send(message)
  }
  return {
    startedAt: Date.now(),
    ended,
    longestStop,
    async ask(what) {
      const number = ++asked
      const answer = saying(child, what, number)
      send({ ask: what, number })
      const late = new Promise<null>((resolve) => {
        setTimeout(() => resolve(null), LONGEST_ANSWER).unref()
      })
      return await Promise.race([answer, late])
    },
    async stop(isReplaced) {
      let isInTime = true
      const timer = setTimeout(() => {
        isInTime = false
        child.process.kill('SIGKILL')
      }, longestStop)
      send({ ask: 'stop', isReplaced })
      await ended
      clearTimeout(timer)
      return isInTime
    },
  }
}

/** Ends all of them at once, also those that start or finish. */
export function killWorkers(): void {
  for (const child of Object.values(cluster.workers ?? {})) child?.process.kill('SIGKILL')
}

type Saying<Said extends ToFirst['said']> = Extract<ToFirst, { said: Said }>

/** The next message of a worker of this kind; `number`: that answers this question. */
function saying<Said extends ToFirst['said']>(child: Process, said: Said, number?: number): Promise<Saying<Said>> {
  return new Promise((resolve) => {
    const listen = (message: ToFirst) => {
      if (message.said !== said || ('number' in message && message.number !== number)) return
      child.off('message', listen)
      resolve(message as Saying<Said>)
    }
    child.on('message', listen)
    child.once('exit', () => child.off('message', listen))
  })
}
