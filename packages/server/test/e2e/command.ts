import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { dataFolder, PASSWORD } from '../running.ts'
import { environmentOfTests } from './process.ts'

const program = fileURLToPath(new URL('../../dist/coatcheck.js', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the built command to its end on a data folder, with `input` piped in. */
export async function coatcheck(
  data: string,
  args: readonly string[],
  input = '',
  settings: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const env = { ...environmentOfTests(), COATCHECK_DATA: data, ...settings }
  const child = spawn(process.execPath, [program, ...args], { env })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    texts.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    texts.err += String(chunk)
  })
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, ...texts }
}

/** What a command printed for programs, one object a line. */
export async function coatcheckJson(data: string, args: readonly string[], input = ''): Promise<readonly object[]> {
  const { code, out, err } = await coatcheck(data, [...args, '--json'], input)
  if (code !== 0) throw new Error(`coatcheck ${args.join(' ')} ended with ${code}: ${err}`)
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as object)
}

/** What is copied to a folder of each test's own. */
let started: Promise<string> | null = null

/** A folder with the data of one account, alice's, as `users add` makes it, which each test file runs once. */
export async function startedFolder(): Promise<string> {
  started ??= (async () => {
    const data = join(mkdtempSync(join(tmpdir(), 'coatcheck-started-')), 'data')
    process.once('exit', () => rmSync(dirname(data), { recursive: true, force: true }))
    await coatcheckJson(data, ['users', 'add', 'alice'], `${PASSWORD}\n`)
    return data
  })()
  const data = dataFolder()
  cpSync(await started, data, { recursive: true, preserveTimestamps: true })
  // A folder is copied as one of anybody's.
  chmodSync(data, 0o700)
  return data
}

/** What the audit log of a data folder has, the oldest first: type, actor and detail of each. */
export function recorded(data: string): readonly (readonly unknown[])[] {
  const database = new DatabaseSync(join(data, 'coatcheck.db'), { readOnly: true })
  try {
    const rows = database.prepare('SELECT type, actor, detail FROM happenings ORDER BY id').all()
    return rows.map(({ type, actor, detail }) => [type, actor, JSON.parse(String(detail))])
  } finally {
    database.close()
  }
}
