// Starting contenders, each in a process of its own: what one allocates and compiles is not another's cost.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const fileBeside = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const LONGEST_START = 20_000

export interface Running {
  readonly port: number
  /** Microseconds of CPU, user and system, that the process has used, on whichever of its threads. */
  readonly cpu: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** The next message, or an error when the process ends instead. */
async function answerOf(child: ChildProcess, said: () => string): Promise<unknown> {
  const settled = new AbortController()
  const { signal } = settled
  const end = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.slice(-2).join(' ')} ended with ${code}: ${said()}`)
  })
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal }), end])
    return answer
  } finally {
    end.catch(() => undefined)
    settled.abort()
  }
}

/** @param module a file of contenders, seen from this folder; `redisPort`: of the Redis that its sessions are in, if in one */
export async function start(module: string, name: string, redisPort: number | null = null): Promise<Running> {
  const place = redisPort === null ? [] : [String(redisPort)]
  const child = fork(fileBeside('server.ts'), [fileBeside(module), name, ...place], {
    execArgv: ['--conditions=coatcheck-source'],
    // As it is deployed. express-session then warns about its memory store, which nobody needs to read here.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const tooLate = setTimeout(() => child.kill(), LONGEST_START)
  const port = Number(await answerOf(child, () => said))
  clearTimeout(tooLate)
  return {
    port,
    async cpu() {
      const answer = answerOf(child, () => said)
      child.send('cpu')
      const { user, system } = (await answer) as NodeJS.CpuUsage
      return user + system
    },
    async stop() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
