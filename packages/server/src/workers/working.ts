import cluster from 'node:cluster'
import type { Metrics } from '../measuring/measures.ts'
import type { ToFirst, ToWorker } from './messages.ts'

/** Whether this process is one of several that `serve --workers` has started. */
export const isWorker = (): boolean => cluster.isWorker

/** What a worker can be asked. `drain`: of its settings. */
export interface Worker {
  readonly drain: number
  readonly lines: () => Promise<readonly string[]>
  readonly metrics: () => Promise<Metrics>
}

/**
 * Leaves it to the first process when this one ends: Ctrl+C in a terminal, and a SIGHUP as it is closed, go to every process.
 * For the whole life of a worker.
 */
export function heedFirst(): void {
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  // Of the channel to the first process alone: where that is gone, 'disconnect' says so.
  process.on('error', () => undefined)
}

/** Serves until the first process says to stop, or is gone; answers whether only this one stops, and the others go on. */
export async function work({ lines, metrics, drain }: Worker): Promise<{ readonly isReplaced: boolean }> {
  const told = Promise.withResolvers<{ readonly isReplaced: boolean }>()
  const stop = () => told.resolve({ isReplaced: false })
  const say = (message: ToFirst) => {
    if (process.connected) process.send?.(message)
  }
  const answers = {
    lines: async (number: number) => say({ said: 'lines', number, lines: await lines() }),
    metrics: async (number: number) => say({ said: 'metrics', number, metrics: await metrics() }),
  } as const
  process.on('message', (message: ToWorker) => {
    // Who asked waits for a bounded time; what fails here says so by its silence.
    if (message.ask === 'stop') told.resolve(message)
    else answers[message.ask](message.number).catch(() => undefined)
  })
  process.once('disconnect', stop)
  // Else Node ends this process at once where the first one is gone, and what it has begun is lost.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true
  process.once('SIGTERM', stop)
  say({ said: 'ready', drain })
  return await told.promise
}

/** Nothing more is said to the first process, which would keep this one alive. */
export function leave(): void {
  if (process.connected) process.disconnect()
}

/** Of a worker that could not start: the first process, which waits for it, does not keep it alive, and gets its exit code. */
export function endByItself(): void {
  process.channel?.unref()
}
