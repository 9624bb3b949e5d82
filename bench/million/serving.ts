// The built server, and its command, on a folder of data.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../packages/server/dist/coatcheck.js', import.meta.url))

export const ADMINISTRATOR = { username: 'administrator-of-many', password: 'correct horse battery staple' }

/** Nothing of the caller's settings, and sessions that live for as long as the measuring may take. */
const environment = (data: string) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COATCHECK_'))),
  COATCHECK_DATA: data,
  COATCHECK_IDLE: 'none',
  COATCHECK_ABSOLUTE: '30d',
  PORT: '0',
  HOST: '127.0.0.1',
})

/** Runs a command to its end and answers what it printed. @throws Error where it did not end well */
export async function coatcheck(data: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], { env: environment(data) })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    texts.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    texts.err += String(chunk)
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  // What was found to be wrong is an answer as well.
  if (code !== 0 && args[0] !== 'doctor')
    throw new Error(`coatcheck ${args.join(' ')} ended with ${code}: ${texts.err}`)
  return texts.out
}

/** Makes the folder with its tables and keys, and the one account that may see the console. */
export async function makeAdministrator(data: string): Promise<void> {
  const { username, password } = ADMINISTRATOR
  await coatcheck(data, ['users', 'add', username, '--role', 'admin'], `${password}\n`)
}

export async function startServer(data: string) {
  const child = spawn(process.execPath, [program, 'serve'], {
    env: environment(data),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += String(chunk)
        const found = /Open\s+(http:\S+)/.exec(output)?.[1]
        if (found !== undefined) resolve(found)
      })
    }
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${output}`)))
  })
  return {
    url,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
