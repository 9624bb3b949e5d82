import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The built server. */
export const program = fileURLToPath(new URL('../../dist/coatcheck.js', import.meta.url))

export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** The port that it was told to listen on; 0 where the system chose one. */
  readonly listens: number
  readonly output: () => string
  /** Ends it by a signal and answers the exit code, or null where the signal ended it. */
  readonly end: (signal: 'SIGTERM' | 'SIGKILL') => Promise<number | null>
}

/** Starts the built server as its users do, and waits for the address that it prints. */
export async function startProcess(
  environment: Readonly<Record<string, string>>,
  args = ['serve'],
): Promise<ServerProcess> {
  const { child, output } = spawnServer(environment, {}, args)
  const url = await addressOf(child, output)
  return {
    url,
    pid: child.pid ?? 0,
    listens: Number(environment['PORT'] ?? 0),
    output,
    end: (signal) => ended(child, signal),
  }
}

/** Starts the built server where it cannot start, as another user if that is said; answers how it ended. */
export async function endedStart(
  environment: Readonly<Record<string, string>>,
  user: User = {},
  args: readonly string[] = ['serve'],
) {
  const { child, output } = spawnServer(environment, user, args)
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, output: output() }
}

/** Without the variables of the tests themselves, which are no settings of the server. */
export function environmentOfTests(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COATCHECK_')))
}

type User = Readonly<Pick<SpawnOptions, 'uid' | 'gid'>>

/** Starts the built server, and waits for nothing. */
export function spawnServer(
  environment: Readonly<Record<string, string>>,
  user: User = {},
  args: readonly string[] = ['serve'],
) {
  if (!existsSync(program)) throw new Error('The server is not built: run `npm run build` first.')
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...environmentOfTests(), HOST: '', ...environment },
    ...user,
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  return { child, output: () => output }
}

async function addressOf(child: ChildProcess, output: () => string): Promise<string> {
  return await new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /Open\s+(http:\S+)/.exec(output())?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${output()}`)))
  })
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  return await new Promise((resolve) => {
    child.once('exit', resolve)
    child.kill(signal)
  })
}
