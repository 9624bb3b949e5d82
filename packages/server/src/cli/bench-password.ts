import { command } from './command.ts'
import { CliError } from './faults.ts'

const MIB = 1024
const PASSES = 2
const ROUNDS = 3
/** OWASP Password Storage: the least with two passes and one lane. */
const LEAST = 19
/** MiB. Memory is what makes guessing dear, so that is what grows. */
const MEMORIES = [LEAST, 32, 46, 64, 96, 128, 192, 256, 384, 512, 768, 1024] as const
const DEFAULT_LIMIT = 250

/** What one set of parameters took. */
export interface Measured {
  /** In MiB. */
  readonly memory: number
  /** In milliseconds, the median of several. */
  readonly took: number
}

/** `coatcheck bench-password`. */
export const benchPassword = command({
  name: 'bench-password',
  options: {
    within: {
      takes: 'MS',
      summary: `how many milliseconds one check may take; ${DEFAULT_LIMIT}, where it is not given`,
    },
  },
  summary: 'measure what this machine can do for a password',
  details:
    'It hashes with Argon2id, two passes and one lane, and more and more memory, and names the most that stays within the time. It is never less than what OWASP asks for (19 MiB), which is what the server uses. It only prints: measure on a machine that is otherwise as busy as it will be.',
  examples: ['coatcheck bench-password', 'coatcheck bench-password --within 100 --json'],
  async run({ value, output }) {
    const within = Number(value('within') ?? DEFAULT_LIMIT)
    if (!Number.isInteger(within) || within < 1 || within > 60_000) {
      throw new CliError('--within takes a whole number of milliseconds, 1 to 60000.', 2, 'bench-password')
    }
    const progress = output.progress('Measuring')
    const measured: Measured[] = []
    for (const [i, memory] of MEMORIES.entries()) {
      progress.at(i, MEMORIES.length)
      const took = await medianOf(memory)
      measured.push({ memory, took })
      if (took > within) break
    }
    progress.end()
    const best = strongest(measured, within)
    output.rows(
      measured.map(({ memory, took }) => ({
        memoryMiB: memory,
        passes: PASSES,
        lanes: 1,
        milliseconds: Math.round(took),
        isStrongest: memory === best,
      })),
    )
    const [first] = measured
    if (first !== undefined && first.took > within) {
      output.say(`Even the least that OWASP asks for takes longer than ${within} ms here: use it all the same.`)
    } else output.say(`The strongest within ${within} ms: ${best} MiB, ${PASSES} passes, 1 lane.`)
  },
})

/** The most memory that stays within the time, and at least OWASP's. */
export function strongest(measured: readonly Measured[], within: number): number {
  return Math.max(LEAST, ...measured.filter(({ took }) => took <= within).map(({ memory }) => memory))
}

async function medianOf(memory: number): Promise<number> {
  const { hash } = await import('@node-rs/argon2')
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    await hash('a password to measure with', {
      memoryCost: memory * MIB,
      timeCost: PASSES,
      parallelism: 1,
      outputLen: 32,
    })
    times.push(performance.now() - began)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0
}
