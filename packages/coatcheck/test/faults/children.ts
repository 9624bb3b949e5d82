import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Input, Task } from './sqlite-child.ts'

export interface Child {
  /** Resolves when the child has prepared itself and waits for `go`. */
  readonly ready: Promise<void>
  /** As `ready`, for the next time at which it waits. */
  again(): Promise<void>
  go(): void
  /** What the task answered; rejects where it failed or the child died. */
  readonly result: Promise<unknown>
  /** Whole lines that it has written so far, each at the moment of writing. */
  readonly lines: readonly string[]
  /** Resolves when the process is gone and all its output has arrived. */
  readonly closed: Promise<void>
  kill(signal: NodeJS.Signals): void
}

/** Another process of this machine, on this Node and on the sources, that works on the same file. Goes with the test. */
export function startChild(task: Task, input: Input): Child {
  return startProgram(new URL('sqlite-child.ts', import.meta.url), task, input)
}

/** The same with a program of one's own, which ends in `perform` of `child.ts`. */
export function startProgram(program: URL, task: string, input: object): Child {
  const child = fork(fileURLToPath(program), [task, JSON.stringify(input)], {
    execPath: process.execPath,
    execArgv: ['--conditions=coatcheck-source', '--no-warnings'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const lines: string[] = []
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const pieces = `${rest}${chunk}`.split('\n')
    rest = pieces.pop() ?? ''
    lines.push(...pieces)
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const again = () => new Promise<void>((resolve) => child.once('message', () => resolve()))
  const ready = again()
  const result = new Promise<unknown>((resolve, reject) => {
    child.on('message', (message: { result?: unknown; failed?: string }) => {
      if ('result' in message) resolve(message.result)
      if ('failed' in message) reject(new Error(message.failed))
    })
    child.once('close', (exitCode, signal) => reject(new Error(`The child is gone: ${exitCode ?? signal}.`)))
  })
  // Of a child that is killed on purpose nobody asks for the result.
  result.catch(() => undefined)
  return { ready, again, result, lines, closed, go: () => child.send('go'), kill: (signal) => child.kill(signal) }
}

/** Starts them, lets them go at once when all are ready, and answers their results. */
export async function together(children: readonly Child[]): Promise<unknown[]> {
  await Promise.all(children.map(({ ready }) => ready))
  for (const child of children) child.go()
  return await Promise.all(children.map(({ result }) => result))
}
