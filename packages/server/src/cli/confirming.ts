import { createInterface } from 'node:readline/promises'
import { CliError } from './faults.ts'

/** Whether somebody sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Asks on the terminal; anything but `yes` or `y` is no. @throws CliError where the answer is no */
export async function askFor(question: string): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await lines.question(`${question} [y/N] `)
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new CliError('Nothing was done.')
  } finally {
    lines.close()
  }
}
