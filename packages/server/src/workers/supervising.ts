import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { type Log, logStream, makeLog } from '../log.ts'
import { listenForMetrics, type MetricsListener } from '../measuring/listener.ts'
import { addedUp } from './adding-up.ts'
import { killWorkers, type PoolWorker, startWorker, WorkerStartError } from './pool.ts'

/** A worker that ended sooner than this after its start is not replaced at once. In milliseconds, as all here. */
const SHORT_LIFE = 5_000
/** A store that was out for long is not waited for longer than this. */
const LONGEST_PAUSE = 3_000

/** What a person is told. */
export type Say = (lines: readonly string[]) => void

/**
 * Runs the server as so many processes on one port, until it is told to stop. One that ends by itself is replaced. SIGHUP
 * replaces all, one after the other, each when the next one serves, so that no request is lost.
 * @throws WorkerStartError where the first cannot start
 */
export async function superviseWorkers(config: Config, count: number, say: Say): Promise<void> {
  const log = makeLog(config.logLevel, await logStream())
  const pool = new Pool(log)
  const toldToStop = heedSignals(pool)
  let metrics: MetricsListener | null = null
  try {
    if (await pool.start(count)) {
      if (config.metrics !== null) metrics = await listenForMetrics(config.metrics, () => pool.metrics())
      say(['Coatcheck is ready.', '', ...(await pool.lines()).map((line) => `  ${line}`), `  Workers ${count}`])
      await toldToStop
      say(['Stopping: requests under way are finished first.'])
    }
  } finally {
    await pool.stop()
    await metrics?.close()
  }
}

/** Resolves at SIGINT or SIGTERM, or where the terminal is closed; a second one ends all at once. */
async function heedSignals(pool: Pool): Promise<void> {
  const told = Promise.withResolvers<void>()
  let isTold = false
  const stop = (signal: NodeJS.Signals) => {
    // Of a terminal that is closed come two SIGHUP: of the system and of the shell.
    if (isTold && signal !== 'SIGHUP') endAtOnce(signal)
    isTold = true
    pool.breakOff()
    told.resolve()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  if (process.stdin.isTTY) {
    process.on('SIGHUP', stop)
    // Nobody reads there what is said after it was closed.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  } else {
    process.on('SIGHUP', () => pool.replaceAll())
  }
  await told.promise
}

function endAtOnce(signal: NodeJS.Signals): void {
  killWorkers()
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/** How long to wait after one more start that failed, where the pause before it was `last`. */
export const pauseAfter = (last: number): number => Math.min(LONGEST_PAUSE, 1_000 + 2 * last)

/** The workers that serve. */
class Pool {
  readonly #log: Log
  readonly #workers = new Set<PoolWorker>()
  readonly #stopping = new AbortController()
  /** The start, or the replacing of all, that is under way or was the last. */
  #underWay: Promise<void> = Promise.resolve()
  /** Whether all are to be replaced when that is done. */
  #isReplacingNext = false

  constructor(log: Log) {
    this.#log = log
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  /** False where the server stops meanwhile. @throws WorkerStartError */
  async start(count: number): Promise<boolean> {
    const starting = this.#startAll(count)
    this.#underWay = starting.catch(() => this.breakOff())
    await starting
    return !this.#isStopping
  }

  async #startAll(count: number): Promise<void> {
    // The first alone: it makes folder, keys and tables, or says why it cannot.
    await this.#add()
    await Promise.all(Array.from({ length: count - 1 }, () => this.#add()))
  }

  /** Null where the server stops meanwhile. @throws WorkerStartError */
  async #add(): Promise<PoolWorker | null> {
    if (this.#isStopping) return null
    try {
      const worker = await startWorker(this.#stopping.signal)
      this.#workers.add(worker)
      void worker.ended.then((how) => this.#lost(worker, how))
      if (!this.#isStopping) return worker
      await this.#stop(worker)
    } catch (error) {
      if (!this.#isStopping || !(error instanceof WorkerStartError)) throw error
    }
    return null
  }

  async lines(): Promise<readonly string[]> {
    const [first] = this.#workers
    return (await first?.ask('lines'))?.lines ?? []
  }

  async metrics(): Promise<string> {
    const all = await Promise.all([...this.#workers].map((worker) => worker.ask('metrics')))
    return await addedUp(all.flatMap((one) => (one === null ? [] : [one.metrics])))
  }

  /** When what is under way is done, and once for all who have asked until then. Where one could not be replaced, the others stay. */
  replaceAll(): void {
    if (this.#isReplacingNext) return
    this.#isReplacingNext = true
    this.#underWay = this.#underWay.then(() => {
      this.#isReplacingNext = false
      return this.#replaceEach()
    })
  }

  async #replaceEach(): Promise<void> {
    for (const worker of [...this.#workers]) {
      // One that has died meanwhile has been replaced.
      if (!this.#workers.has(worker)) continue
      try {
        const successor = await this.#add()
        if (successor === null) return
        // One that has died only now is being replaced, too.
        const surplus = this.#workers.delete(worker) ? worker : successor
        this.#workers.delete(surplus)
        await this.#stop(surplus, true)
      } catch (error) {
        if (!(error instanceof WorkerStartError)) throw error
        this.#log.notice('worker-lost', 'a new one could not start; the others go on')
        return
      }
    }
    if (!this.#isStopping) this.#log.info('All workers were replaced.')
  }

  /** Starts none any more, and ends those that start. */
  breakOff(): void {
    this.#stopping.abort()
  }

  async stop(): Promise<void> {
    this.breakOff()
    await Promise.all([...this.#workers].map((worker) => this.#stop(worker)))
  }

  async #stop(worker: PoolWorker, isReplaced = false): Promise<void> {
    if (await worker.stop(isReplaced)) return
    this.#log.notice('worker-lost', `it did not stop within ${worker.longestStop / 1_000} s, and was killed`)
  }

  async #lost(worker: PoolWorker, how: number | string): Promise<void> {
    // One that was replaced, or told to stop with all others.
    if (!this.#workers.delete(worker) || this.#isStopping) return
    this.#log.notice('worker-lost', `it ended with ${how}, and is replaced`)
    let wait = Date.now() - worker.startedAt < SHORT_LIFE ? 1_000 : 0
    while (await this.#paused(wait)) {
      try {
        await this.#add()
        return
      } catch (error) {
        if (!(error instanceof WorkerStartError)) throw error
        wait = pauseAfter(wait)
        this.#log.notice('worker-lost', `a new one could not start; the next attempt is in ${wait / 1_000} s`)
      }
    }
  }

  /** False where the server stops meanwhile. Where all workers have ended, nothing else keeps this process alive. */
  async #paused(wait: number): Promise<boolean> {
    await pause(wait, undefined, { signal: this.#stopping.signal }).catch((error: Error) => {
      if (error.name !== 'AbortError') throw error
    })
    return !this.#isStopping
  }
}
