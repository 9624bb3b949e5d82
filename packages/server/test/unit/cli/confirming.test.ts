import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { askFor } from '../../../src/cli/confirming.ts'
import { CliError } from '../../../src/cli/faults.ts'

/** Asks somebody who types `answer`; null closes the input instead. */
async function asked(answer: string | null): Promise<string> {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const asking = askFor('Delete it?', input, output)
  if (answer === null) input.end()
  else input.write(`${answer}\n`)
  await asking
  return String(output.read())
}

test.each(['y', 'yes', 'YES', ' y '])('%j is yes', async (answer) => {
  expect(await asked(answer)).toContain('Delete it? [y/N] ')
})

test.each(['', 'n', 'no', 'yesterday', 'ok', null])('%j is no', async (answer) => {
  await expect(asked(answer)).rejects.toThrow(new CliError('Nothing was done.'))
})
