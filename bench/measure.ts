// Alternating measurement: each round runs every contender for a fixed number of calls, in a changing order.
import { medianOf } from './statistics.ts'

export interface Contender {
  readonly name: string
  /** The contender whose median is the denominator. */
  readonly floor: string
  /** The ratio to reach, where one is set. */
  readonly target?: number
  /** Calls in a round. */
  readonly calls: number
  /** One call with the i-th input. A promise is awaited. */
  readonly run: (i: number) => unknown
}

/** Microseconds and allocated bytes per call. */
export interface Measured {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly bytes: number
}

const WARM_UP_ROUNDS = 4
const ALLOCATION_CALLS = 2_000
const ALLOCATION_SAMPLES = 25

async function loop(run: Contender['run'], calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) {
    const result = run(i)
    if (result instanceof Promise) await result
  }
}

async function microseconds({ run, calls }: Contender): Promise<number> {
  const start = process.hrtime.bigint()
  await loop(run, calls)
  return Number(process.hrtime.bigint() - start) / 1000 / calls
}

/** The median of many short samples: those into which a collection falls are the outliers. */
async function bytesOf({ run }: Contender): Promise<number> {
  const samples: number[] = []
  for (let i = 0; i < ALLOCATION_SAMPLES; i++) {
    globalThis.gc?.({ type: 'minor' })
    const before = process.memoryUsage().heapUsed
    await loop(run, ALLOCATION_CALLS)
    samples.push((process.memoryUsage().heapUsed - before) / ALLOCATION_CALLS)
  }
  return medianOf(samples)
}

export async function measure(
  contenders: readonly Contender[],
  rounds: number,
): Promise<ReadonlyMap<string, Measured>> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed()
    for (const contender of order) {
      const time = await microseconds(contender)
      if (round >= 0) times.get(contender.name)?.push(time)
    }
  }
  const measured = new Map<string, Measured>()
  for (const contender of contenders) {
    const all = times.get(contender.name) ?? []
    measured.set(contender.name, {
      median: medianOf(all),
      min: Math.min(...all),
      max: Math.max(...all),
      bytes: await bytesOf(contender),
    })
  }
  return measured
}
