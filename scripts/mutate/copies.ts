import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stage } from './areas.ts'

const tsc = join('node_modules', 'typescript', 'bin', 'tsc')
const vitest = join('node_modules', 'vitest', 'vitest.mjs')

/** Milliseconds after which a stage that passes on the unchanged source counts as one that hangs. */
const LONGEST = 240_000

/** What became of a run; `by` is the test that failed first, or the file that could not be run. */
export type Run =
  | { readonly ended: 'passed' }
  | { readonly ended: 'failed'; readonly by: string }
  | { readonly ended: 'hung' }

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** A copy of the tree in which sources may be broken; the packages' links lead into it. */
export class Copy {
  readonly path: string
  #child: ChildProcess | null = null

  constructor(root: string) {
    this.path = mkdtempSync(join(tmpdir(), 'coatcheck-mutate-'))
    // Some tests start the program as another user, who has to be able to read it.
    chmodSync(this.path, 0o755)
    for (const name of readdirSync(root)) {
      if (name !== 'node_modules' && name !== '.git')
        cpSync(join(root, name), join(this.path, name), { recursive: true })
    }
    const modules = join(this.path, 'node_modules')
    mkdirSync(join(modules, '@coatcheck'), { recursive: true })
    // What tools remember in .vite and the like is the tree's own.
    const foreign = readdirSync(join(root, 'node_modules')).filter(
      (name) => name === '.bin' || !(name === 'coatcheck' || name === '@coatcheck' || name.startsWith('.')),
    )
    for (const name of foreign) symlinkSync(join(root, 'node_modules', name), join(modules, name))
    symlinkSync('../packages/coatcheck', join(modules, 'coatcheck'))
    symlinkSync('../../packages/server', join(modules, '@coatcheck', 'server'))
  }

  remove(): void {
    this.#kill()
    rmSync(this.path, { recursive: true, force: true })
  }

  /** The files of a package in which the compiler finds errors. */
  async errorsOf(project: string): Promise<ReadonlySet<string>> {
    const log = join(this.path, 'compiler.log')
    const code = await this.#run([tsc, '--noEmit', '--pretty', 'false', '--project', project], log)
    if (code === 0) return new Set()
    const lines = readFileSync(log, 'utf8').matchAll(/^(\S+)\(\d+,\d+\): error /gm)
    const files = new Set([...lines].map(([, file = '']) => file))
    if (code === 'hung' || files.size === 0) throw new Error(`The compiler of ${project} ended without saying where.`)
    return files
  }

  /** Runs a stage until its first failure. */
  async run({ files, builds }: Stage): Promise<Run> {
    if (builds !== undefined && (await this.#run([tsc, '--project', join(builds, 'tsconfig.build.json')])) !== 0) {
      return { ended: 'failed', by: 'the build' }
    }
    const output = join(this.path, 'report.json')
    rmSync(output, { force: true })
    const code = await this.#run([vitest, 'run', '--bail=1', '--reporter=json', `--outputFile=${output}`, ...files])
    if (code === 'hung') return { ended: 'hung' }
    if (code === 0) return { ended: 'passed' }
    return { ended: 'failed', by: existsSync(output) ? this.#failedIn(readFileSync(output, 'utf8')) : 'no report' }
  }

  #failedIn(text: string): string {
    const { testResults } = JSON.parse(text) as Report
    // A file that was cut off by the first failure is called failed, too.
    const failedIn = ({ assertionResults }: Report['testResults'][number]) =>
      assertionResults.find(({ status }) => status === 'failed')?.fullName
    const failed =
      testResults.find((one) => failedIn(one) !== undefined) ?? testResults.find(({ status }) => status === 'failed')
    if (failed === undefined) return 'an error outside of tests'
    const name = failedIn(failed)
    const file = failed.name.slice(failed.name.indexOf('packages/'))
    return name === undefined ? file : `${file} > ${name}`
  }

  async #run(args: readonly string[], log?: string): Promise<number | null | 'hung'> {
    const env = { ...process.env, CI: 'true' }
    // A group of its own: a worker that hangs outlives the program that started it.
    const stdout = log === undefined ? 'ignore' : openSync(log, 'w')
    const child = spawn(process.execPath, args, {
      cwd: this.path,
      stdio: ['ignore', stdout, 'ignore'],
      env,
      detached: true,
    })
    if (typeof stdout === 'number') closeSync(stdout)
    this.#child = child
    let hung = false
    const timer = setTimeout(() => {
      hung = true
      this.#kill()
    }, LONGEST)
    try {
      const code = await new Promise<number | null>((resolveCode, reject) => {
        child.once('error', reject)
        child.once('close', resolveCode)
      })
      return hung ? 'hung' : code
    } finally {
      clearTimeout(timer)
      this.#kill()
      this.#child = null
    }
  }

  /** Ends what is left of the group. */
  #kill(): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
