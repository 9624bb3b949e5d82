import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CliError } from './faults.ts'

/** The password that is typed, which is not shown; or the first line of what is piped in. Never an argument: all can see those. */
export async function readPassword(name: string, command: string): Promise<string> {
  if (!process.stdin.isTTY) {
    const [line = ''] = (await text(process.stdin)).split(/\r?\n/, 1)
    if (line === '')
      throw new CliError(`Pipe the password in, as in: echo "$PASSWORD" | coatcheck ${command} NAME`, 2, command)
    return line
  }
  process.stderr.write(`Password for ${name}: `)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
