// The packages as npm would publish them, installed into empty applications and used under each line of Node.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { installInto, type Packed, pack } from '../../../../scripts/packing.mjs'
import { measureSizes, sizesIn } from '../../../../scripts/sizes/measuring.ts'
import { root, textOf } from './workspace.ts'

const folder = mkdtempSync(join(tmpdir(), 'coatcheck-published-'))
const applications = { library: join(folder, 'library'), server: join(folder, 'server'), both: join(folder, 'both') }

let packed: Record<'library' | 'server', Packed>

beforeAll(async () => {
  packed = { library: await pack('coatcheck', folder), server: await pack('server', folder) }
  const library = { coatcheck: packed.library.path }
  const server = { '@coatcheck/server': packed.server.path }
  await installInto(applications.library, library, {})
  await installInto(applications.server, server, library)
  await installInto(applications.both, { ...library, ...server }, {})
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }), 120_000)

/** The Node of a line that `npm test` has installed for this platform. */
function nodeOf(line: number): string {
  const carrier = join(root, `scripts/nodes/node_modules/node${line}-${process.platform}-${process.arch}`)
  const path = join(carrier, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(path)) throw new Error(`Node ${line} is not there: npm test installs it, where npm has it at all`)
  return path
}

/** Runs a program of an application to its end. */
async function run(node: string, application: string, args: readonly string[], text?: string) {
  if (text !== undefined) writeFileSync(join(application, args[0] ?? ''), text)
  return await new Promise<{ code: number | string; out: string; err: string }>((resolve) => {
    const options = { cwd: application, timeout: 60_000, env: { ...process.env, NODE_OPTIONS: '--no-warnings' } }
    execFile(node, [...args], options, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }))
  })
}

const VISITS = `
const sessions = createSessions({ store: sqliteStore('sessions-' + process.version + '.db'), keys: 'a-signing-key-of-the-application-0123456789' })
const visit = withSession(sessions, async (request, open) => {
  const session = await open()
  session.data.visits = (session.data.visits ?? 0) + 1
  return Response.json(session.data.visits)
})
async function walk() {
  const first = await visit(new Request('https://shop.example/'))
  const cookie = first.headers.getSetCookie()[0].split(';')[0]
  const second = await visit(new Request('https://shop.example/', { headers: { cookie } }))
  console.log(process.version, await first.json(), await second.json())
  await sessions.close()
}
walk()
`

const IMPORTED = `
import { createSessions } from 'coatcheck'
import { withSession } from 'coatcheck/adapters/fetch'
import { sqliteStore } from 'coatcheck/stores/sqlite'
${VISITS}`

const REQUIRED = `
const { createSessions } = require('coatcheck')
const { withSession } = require('coatcheck/adapters/fetch')
const { sqliteStore } = require('coatcheck/stores/sqlite')
${VISITS}`

describe.each([22, 24, 26])('under Node %i', (line) => {
  const seen = { code: 0, out: expect.stringMatching(new RegExp(`^v${line}\\.\\d+\\.\\d+ 1 2\\n$`)), err: '' }

  test('the library keeps sessions, imported', async () => {
    expect(await run(nodeOf(line), applications.library, ['application.mjs'], IMPORTED)).toEqual(seen)
  })

  test('and required', async () => {
    expect(await run(nodeOf(line), applications.library, ['application.cjs'], REQUIRED)).toEqual(seen)
  })

  test('the server starts, is healthy, and stops', async () => {
    const command = join('node_modules', '@coatcheck', 'server', 'dist', 'coatcheck.js')
    const data = join(applications.server, `data-${line}`)
    const server = spawn(nodeOf(line), [command, 'serve'], {
      cwd: applications.server,
      env: { ...process.env, PORT: '0', HOST: '', COATCHECK_DATA: data, COATCHECK_DRAIN: '0s' },
    })
    onTestFinished(() => {
      server.kill('SIGKILL')
    })
    const answer = await fetch(`${await addressOf(server)}healthz`)
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    expect(await ended).toBe(process.platform === 'win32' ? null : 0)
  })
})

async function addressOf(server: ChildProcess): Promise<string> {
  let output = ''
  return await new Promise((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk) => {
        output += String(chunk)
        const found = /Open\s+(http:\S+)/.exec(output)?.[1]
        if (found !== undefined) resolve(found)
      })
    }
    server.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${output}`)))
  })
}

describe('the command coatcheck', () => {
  const shim = join('node_modules', '.bin', 'coatcheck')
  const stub = join('node_modules', 'coatcheck', 'bin', 'coatcheck.js')
  const version = { code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' }

  test('with the library alone says how to get it', async () => {
    const told = { code: 2, out: '', err: expect.stringMatching(/^coatcheck is .* npm install @coatcheck\/server\n$/) }
    expect(await run(process.execPath, applications.library, [shim, '--version'])).toEqual(told)
  })

  test.each(['server', 'both'] as const)(
    'with %s installed is the server’s, whichever of the two npm linked',
    async (name) => {
      for (const path of [shim, stub]) {
        expect(await run(process.execPath, applications[name], [path, '--version'])).toEqual(version)
      }
      const refused = await run(process.execPath, applications[name], [stub, 'no-such-command'])
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('no-such-command') })
    },
  )
})

test('the README says how large they are, and what they bring along', async () => {
  const said = sizesIn(textOf('README.md'))
  const sizes = [...(await measureSizes(packed, applications.server)).values()]
  const isLike = (place: number, size: number) => Math.abs((said[place] ?? Number.NaN) - size) <= size / 10
  expect(said).toHaveLength(sizes.length)
  expect(
    sizes.filter((size, place) => !isLike(place, size)),
    'write them anew: npm run sizes',
  ).toEqual([])
})
