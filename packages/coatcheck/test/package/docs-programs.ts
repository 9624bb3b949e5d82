// The snippets of the documents as programs: checked by the compiler, then run, all in one process.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Documents, programOf } from './docs.ts'
import { root } from './workspace.ts'

export interface Outcome {
  /** What the compiler says, by document and line; empty when all is well. */
  readonly compiler: string
  /** Document → what its program threw, or null where it ran to its end. */
  readonly runs: Readonly<Record<string, string | null>>
}

/** Stands for the application's own accounts; snippets import it as `./accounts.ts`. */
const ACCOUNTS = `
export interface User { readonly id: string; readonly name: string; readonly role: 'admin' | 'user' }
const users: readonly User[] = [
  { id: 'u1', name: 'alice', role: 'user' },
  { id: 'u2', name: 'bob', role: 'admin' },
]
export async function findUserId(name: string): Promise<string | null> {
  return users.find((user) => user.name === name)?.id ?? null
}
export async function readUser(id: string | null): Promise<User | null> {
  return users.find((user) => user.id === id) ?? null
}
export async function checkPassword(user: User, password: string): Promise<boolean> {
  return password === 'correct horse of ' + user.name
}
`

/** A client with cookies, as a browser has them; for the hidden parts of pages. */
const BROWSER = `
import type { Session, Sessions } from 'coatcheck'
export function browser<Data extends object, Stored extends object>(sessions: Sessions<Data, Stored>, origin = 'https://shop.example') {
  const jar = new Map<string, string>()
  const request = (headers: Record<string, string> = {}) => {
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
    return new Request(origin + '/', { headers: { ...headers, ...(jar.size > 0 && { cookie }) } })
  }
  const take = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  const visit = async <T>(handler: (session: Session<Data>) => T | Promise<T>, headers?: Record<string, string>) => {
    const session = await sessions.open(request(headers))
    const result = await handler(session)
    take(await sessions.commit(session, new Response()))
    return result
  }
  const signIn = (userId = 'u1', options = {}) =>
    visit(async (session) => session.signIn(await sessions.begin(userId), options))
  return { jar, request, take, visit, signIn }
}
export const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
`

const SETTINGS = {
  extends: './base.json',
  compilerOptions: {
    noEmit: true,
    customConditions: ['coatcheck-source'],
    noPropertyAccessFromIndexSignature: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ['*.ts'],
}

const RUNNER = `
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
const runs = {}
const home = process.cwd()
for (const file of readdirSync(home).filter((name) => name.endsWith('.md.ts'))) {
  // What a page writes to the disk is no other page's.
  mkdirSync(home + '/files/' + file, { recursive: true })
  process.chdir(home + '/files/' + file)
  try {
    await import('./' + file)
    runs[file] = null
  } catch (error) {
    runs[file] = String(error?.stack ?? error)
  }
}
writeFileSync(home + '/runs.json', JSON.stringify(runs))
process.exit(0)
`

/** Runs the right Node without the tests' own environment, and answers all that it printed. */
function node(args: readonly string[], cwd: string): Promise<string> {
  const env = { PATH: process.env['PATH'], SESSION_KEYS: 'a-signing-key-of-the-documents-0123456789' }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 100_000 })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
}

const fileOf = (document: string) => `${document.replaceAll('/', '--')}.ts`

/** The programs stand outside of `node_modules`, where Node strips no types, and reach the packages by a link. */
export async function runPrograms(documents: Documents): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-docs-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
    const put = (name: string, text: string) => writeFileSync(join(folder, name), text)
    put('package.json', '{"type":"module"}')
    put('base.json', readFileSync(join(root, 'tsconfig.base.json'), 'utf8'))
    put('tsconfig.json', JSON.stringify(SETTINGS))
    put('accounts.ts', ACCOUNTS)
    put('browser.ts', BROWSER)
    put('run.mjs', RUNNER)
    const programs = [...documents].flatMap(([path, text]) => {
      const program = programOf(text)
      return program === null ? [] : [{ path, program }]
    })
    for (const { path, program } of programs) put(fileOf(path), program)
    const compiler = await node([join(root, 'node_modules/typescript/bin/tsc'), '--pretty', 'false'], folder)
    const said = await node(['--conditions=coatcheck-source', 'run.mjs'], folder)
    const runs = readRuns(join(folder, 'runs.json'))
    return {
      compiler: compiler.replaceAll('--', '/').replaceAll('.md.ts(', '.md('),
      runs: Object.fromEntries(
        programs.map(({ path }) => [path, runs[fileOf(path)] === null ? null : (runs[fileOf(path)] ?? said)]),
      ),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Nothing where the process ended before it had run all. */
function readRuns(path: string): Readonly<Record<string, string | null>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}
