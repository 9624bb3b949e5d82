import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { type Log, logStream, makeLog } from '../log.ts'
import { listenForMetrics, type MetricsListener } from '../measuring/listener.ts'
import { addedUp } from './adding-up.ts'
import { type PoolWorker, startWorker, WorkerStartError } from './pool.ts'

/** A worker that ended sooner than this after its start is not replaced at once. In milliseconds, as all here. */
const SHORT_LIFE = 5_000
const LONGEST_PAUSE = 30_000

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
  // The first alone: it makes folder, keys and tables, or says why it cannot.
  await pool.add()
  let metrics: MetricsListener | null = null
  try {
    await Promise.all(Array.from({ length: count - 1 }, () => pool.add()))
    if (config.metrics !== null) metrics = await listenForMetrics(config.metrics, () => pool.metrics())
    say(['Coatcheck is ready.', '', ...(await pool.lines()).map((line) => `  ${line}`), `  Workers ${count}`])
    await toldToStop(pool, log)
    say(['Stopping: requests under way are finished first.'])
  } finally {
    await pool.stop()
    await metrics?.close()
  }
}

/** Resolves at SIGINT or SIGTERM; a second one ends all at once. */
async function toldToStop(pool: Pool, log: Log): Promise<void> {
  const told = Promise.withResolvers<void>()
  const signals = ['SIGINT', 'SIGTERM'] as const
  const first = (signal: NodeJS.Signals) => {
    for (const one of signals) process.off(one, first).once(one, () => endAtOnce(pool, signal))
    told.resolve()
  }
  for (const signal of signals) process.on(signal, first)
  const replaceAll = () =>
    void pool.replaceAll().then((failed) => {
      if (failed) log.notice('worker-lost', 'a new one could not start; the others go on')
      else log.info('All workers were replaced.')
    })
  process.on('SIGHUP', replaceAll)
  await told.promise
  process.off('SIGHUP', replaceAll)
}

function endAtOnce(pool: Pool, signal: NodeJS.Signals): void {
  pool.kill()
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/** The workers that serve. */
class Pool {
  readonly #log: Log
  readonly #workers = new Set<PoolWorker>()
  #isStopping = false
  #replacing: Promise<boolean> = Promise.resolve(false)

  constructor(log: Log) {
    this.#log = log
  }

  async add(): Promise<void> {
    const worker = await startWorker()
    this.#workers.add(worker)
    void worker.ended.then((how) => this.#lost(worker, how))
    if (this.#isStopping) await worker.stop()
  }

  async lines(): Promise<readonly string[]> {
    const [first] = this.#workers
    return (await first?.ask('lines'))?.lines ?? []
  }

  async metrics(): Promise<string> {
    const all = await Promise.all([...this.#workers].map((worker) => worker.ask('metrics')))
    return await addedUp(all.flatMap((one) => (one === null ? [] : [one.metrics])))
  }

  /** Answers whether one could not be replaced. Asked again meanwhile, it begins when it is done. */
  async replaceAll(): Promise<boolean> {
    this.#replacing = this.#replacing.then(() => this.#replaceEach())
    return await this.#replacing
  }

  async #replaceEach(): Promise<boolean> {
    for (const worker of [...this.#workers]) {
      if (this.#isStopping) return false
      try {
        await this.add()
      } catch (error) {
        if (error instanceof WorkerStartError) return true
        throw error
      }
      this.#workers.delete(worker)
      await worker.stop()
    }
    return false
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#workers].map((worker) => worker.stop()))
  }

  kill(): void {
    for (const { kill } of this.#workers) kill()
  }

  async #lost(worker: PoolWorker, how: number | string): Promise<void> {
    // One that was replaced, or told to stop with all others.
    if (!this.#workers.delete(worker) || this.#isStopping) return
    this.#log.notice('worker-lost', `it ended with ${how}, and is replaced`)
    let wait = Date.now() - worker.startedAt < SHORT_LIFE ? 1_000 : 0
    while (!this.#isStopping) {
      await pause(wait, undefined, { ref: false })
      try {
        return await this.add()
      } catch (error) {
        if (!(error instanceof WorkerStartError)) throw error
        wait = Math.min(LONGEST_PAUSE, 1_000 + 2 * wait)
        this.#log.notice('worker-lost', `a new one could not start; the next attempt is in ${wait / 1_000} s`)
      }
    }
  }
}
