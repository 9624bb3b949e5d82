// `npm run bench -- million`: how long each page of the console and each reading command takes when the database has a
// million sessions of a hundred thousand accounts. `--sessions 10000 --users 1000` makes less, `--runs 9` asks more often,
// `--json` prints the rows, `--keep FOLDER` leaves the data there. Needs 2 GB of disk for a while: data, and a copy.
import { mkdirSync, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fillDatabase } from './million/filling.ts'
import { coatcheck, makeAdministrator, startServer } from './million/serving.ts'
import { timeCommands, timePages } from './million/timing.ts'

/** What a page may take, in milliseconds. */
const LONGEST = 300
/** For a session with its share of accounts and events, and the copy that is made of it, in bytes. */
const PER_SESSION = 2_000

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    users: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '5' },
    keep: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const [sessions, users, runs] = [Number(values.sessions), Number(values.users), Number(values.runs)]
if (![sessions, users, runs].every((number) => Number.isSafeInteger(number) && number > 0) || sessions < 10 * users) {
  throw new Error('Say whole numbers, with ten sessions or more for each user, such as --sessions 10000 --users 1000.')
}

const folder = values.keep === undefined ? mkdtempSync(join(tmpdir(), 'coatcheck-million-')) : resolve(values.keep)
mkdirSync(folder, { recursive: true })
const say = (text: string) => process.stderr.write(`${text}\n`)
try {
  const { bavail, bsize } = statfsSync(folder)
  const [free, needed] = [bavail * bsize, sessions * PER_SESSION]
  if (free < needed)
    throw new Error(`${folder} has ${megabytes(free)} free, and this takes up to ${megabytes(needed)}.`)
  const data = join(folder, 'data')
  await makeAdministrator(data)
  const began = performance.now()
  const filled = fillDatabase(join(data, 'coatcheck.db'), { sessions, users }, say)
  const seconds = (performance.now() - began) / 1000
  const size = statSync(join(data, 'coatcheck.db')).size
  say(`${sessions} sessions and ${users} accounts in ${seconds.toFixed(0)} s, ${megabytes(size)}`)

  const server = await startServer(data)
  const pages = await timePages(server.url, filled, runs).finally(server.stop)
  const commands = await timeCommands((args) => coatcheck(data, args), filled, join(folder, 'copy.db'), runs)
  const slow = pages.filter(({ max }) => max > LONGEST)
  if (values.json) {
    console.log(JSON.stringify({ sessions, users, runs, seconds, bytes: size, pages, commands }, null, 2))
  } else {
    print('page', pages)
    print('command', commands)
    console.log(
      `\n${slow.length === 0 ? 'No page' : slow.map(({ name }) => name).join(', ')} took more than ${LONGEST} ms`,
    )
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
}

function print(what: string, rows: readonly { readonly name: string; readonly p50: number; readonly max: number }[]) {
  const width = Math.max(...rows.map(({ name }) => name.length))
  console.log(`\n${what.padEnd(width)}  ${'p50, ms'.padStart(9)}  ${'max, ms'.padStart(9)}`)
  for (const { name, p50, max } of rows) {
    console.log(`${name.padEnd(width)}  ${p50.toFixed(0).padStart(9)}  ${max.toFixed(0).padStart(9)}`)
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
