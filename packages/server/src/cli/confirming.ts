import { createInterface } from 'node:readline/promises'
import { CliError } from './faults.ts'

/** Whether somebody sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Asks on the terminal; anything but `yes` or `y` is no. @throws CliError where the answer is no */
export async function askFor(
  question: string,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<void> {
  const lines = createInterface({ input, output })
  // Whoever closes the input says no.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed])
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new CliError('Nothing was done.')
  } finally {
    lines.close()
  }
}
