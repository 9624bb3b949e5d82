// Starting other programs: captured ones, whose output is shown when it matters, and the one in the foreground.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
let foreground = false
let listening = false

/** A signal ends what we started before it ends us: no orphan goes on with a port or a file. */
function passSignalsOn() {
  if (listening) return
  listening = true
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // A terminal has sent Ctrl-C and its closing to the whole group already; a second one would mean "at once".
      const reachedAll = signal !== 'SIGTERM' && process.stdin.isTTY
      if (!reachedAll) for (const child of running) child.kill(signal)
      if (!foreground) process.exit(128 + constants.signals[signal])
    })
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {(text: string) => void} [onText] gets what the program prints
 * @returns {Promise<{ code: number }>}
 */
function start(command, args, options, onText) {
  passSignalsOn()
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], options)
    running.add(child)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => onText?.(text))
    }
    child.once('error', (error) => {
      running.delete(child)
      reject(error)
    })
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) })
    })
  })
}

/**
 * Runs a program to its end and keeps what it prints (both streams, in the order of their arrival).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, shell?: boolean, live?: (text: string) => void }} options
 *   `live` also gets the output while it comes
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function capture(command, args, { cwd, env = process.env, shell = false, live }) {
  let output = ''
  const { code } = await start(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] }, (text) => {
    output += text
    live?.(text)
  })
  return { code, output }
}

/** @param {string} path @returns {string} empty where it cannot be read, on systems without /proc too */
function procText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Calls back when the npm that started us is gone. npm hands a signal to its shell, which dies of it without
 * a word to us, and a kill -9 of npm reaches nobody at all: the program would hold its port for ever.
 * @param {() => void} onGone
 */
function watchNpm(onGone) {
  const parent = process.ppid
  // In /proc/PID/stat the parent is the second field after the name, which stands in parentheses.
  const above = Number(/^\d+ \(.*\) \S (\d+)/s.exec(procText(`/proc/${parent}/stat`))?.[1])
  const isNpm = procText(`/proc/${above}/cmdline`).startsWith('npm')
  const timer = setInterval(() => {
    if (process.ppid === parent && !(isNpm && procText(`/proc/${above}/stat`) === '')) return
    clearInterval(timer)
    onGone()
  }, 200)
  return () => clearInterval(timer)
}

/**
 * Runs a program as if it had been called instead of us: our streams, our signals, its exit code.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export async function runInForeground(command, args, { cwd, env = process.env }) {
  foreground = true
  const endAll = () => {
    for (const child of running) child.kill('SIGTERM')
  }
  const stopWatching = process.env['npm_lifecycle_event'] === undefined ? undefined : watchNpm(endAll)
  try {
    const { code } = await start(command, args, { cwd, env, stdio: 'inherit' })
    return code
  } finally {
    stopWatching?.()
  }
}
