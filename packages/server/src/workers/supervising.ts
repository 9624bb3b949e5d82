import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { type Log, logStream, makeLog } from '../log.ts'
import { listenForMetrics, type MetricsListener } from '../measuring/listener.ts'
import { addedUp } from './adding-up.ts'
import { type PoolWorker, startWorker, WorkerStartError } from './pool.ts'

/** A worker that ended sooner than this after its start is not replaced at once. In milliseconds, as all here. */
const SHORT_LIFE = 5_000
const LONGEST_PAUSE = 30_000
/** As long as a worker may take, after the drain, to finish its requests and to close what it has open. */
const LONGEST_STOP = 20_000

/** What a person is told. */
export type Say = (lines: readonly string[]) => void

/**
 * Runs the server as so many processes on one port, until it is told to stop. One that ends by itself is replaced. SIGHUP
 * replaces all, one after the other, each when the next one serves, so that no request is lost.
 * @throws WorkerStartError where the first cannot start
 */
export async function superviseWorkers(config: Config, count: number, say: Say): Promise<void> {
  const log = makeLog(config.logLevel, await logStream())
  const pool = new Pool(log, config.drain + LONGEST_STOP)
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
    void pool.replaceAll().then((outcome) => {
      if (outcome === 'failed') log.notice('worker-lost', 'a new one could not start; the others go on')
      if (outcome === 'replaced') log.info('All workers were replaced.')
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

/** `broken-off`: by the end of the server. */
type Replacing = 'replaced' | 'failed' | 'broken-off'

/** The workers that serve. `longestStop`: one that takes longer to stop is killed. */
class Pool {
  readonly #log: Log
  readonly #longestStop: number
  readonly #workers = new Set<PoolWorker>()
  readonly #stopping = new AbortController()
  #replacing: Promise<Replacing> = Promise.resolve('replaced')

  constructor(log: Log, longestStop: number) {
    this.#log = log
    this.#longestStop = longestStop
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  async add(): Promise<void> {
    const worker = await startWorker()
    this.#workers.add(worker)
    void worker.ended.then((how) => this.#lost(worker, how))
    if (this.#isStopping) await this.#stop(worker)
  }

  async lines(): Promise<readonly string[]> {
    const [first] = this.#workers
    return (await first?.ask('lines'))?.lines ?? []
  }

  async metrics(): Promise<string> {
    const all = await Promise.all([...this.#workers].map((worker) => worker.ask('metrics')))
    return await addedUp(all.flatMap((one) => (one === null ? [] : [one.metrics])))
  }

  /** Asked again meanwhile, it begins when it is done. Where one could not be replaced, the others stay. */
  async replaceAll(): Promise<Replacing> {
    this.#replacing = this.#replacing.then(() => this.#replaceEach())
    return await this.#replacing
  }

  async #replaceEach(): Promise<Replacing> {
    for (const worker of [...this.#workers]) {
      if (this.#isStopping) break
      // One that has died meanwhile has been replaced.
      if (!this.#workers.has(worker)) continue
      try {
        await this.add()
      } catch (error) {
        if (!(error instanceof WorkerStartError)) throw error
        return this.#isStopping ? 'broken-off' : 'failed'
      }
      this.#workers.delete(worker)
      await this.#stop(worker)
    }
    return this.#isStopping ? 'broken-off' : 'replaced'
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all([...this.#workers].map((worker) => this.#stop(worker)))
  }

  async #stop(worker: PoolWorker): Promise<void> {
    if (await worker.stop(this.#longestStop)) return
    this.#log.notice('worker-lost', `it did not stop within ${this.#longestStop / 1_000} s, and was killed`)
  }

  kill(): void {
    for (const { kill } of this.#workers) kill()
  }

  async #lost(worker: PoolWorker, how: number | string): Promise<void> {
    // One that was replaced, or told to stop with all others.
    if (!this.#workers.delete(worker) || this.#isStopping) return
    this.#log.notice('worker-lost', `it ended with ${how}, and is replaced`)
    let wait = Date.now() - worker.startedAt < SHORT_LIFE ? 1_000 : 0
    while (await this.#paused(wait)) {
      try {
        return await this.add()
      } catch (error) {
        if (!(error instanceof WorkerStartError)) throw error
        wait = Math.min(LONGEST_PAUSE, 1_000 + 2 * wait)
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
