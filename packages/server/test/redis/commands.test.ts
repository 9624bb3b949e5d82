import { expect, it } from 'vitest'
import { coatcheck, type Ran, recorded, startedFolder } from '../e2e/command.ts'
import { endedStart } from '../e2e/process.ts'
import { Client, dataFolder, runningServer } from '../running.ts'
import { cutConnection } from './cut-connection.ts'
import { locationOf, SECRET, startedRedis } from './locations.ts'

it('a start that a Redis is in the way of ends with 1 and one sentence, which holds no secret', async () => {
  const { url, redis } = await startedRedis()
  const environment = {
    COATCHECK_DATA: dataFolder(),
    COATCHECK_STORE_URL: url.replace(SECRET, `${SECRET}.`),
    COATCHECK_ONE_MACHINE: 'yes',
    COATCHECK_LOG: 'debug',
    PORT: '0',
  }
  const { code, output } = await endedStart(environment)
  const sentence = `The Redis redis://127.0.0.1:${redis.port}/1 refuses the name or the password (WRONGPASS): put the name and the password that it knows into COATCHECK_STORE_URL.`
  expect([code, output]).toEqual([1, `\nCoatcheck did not start. ${sentence}\n`])
})

it('commands work on the sessions in Redis beside a server, and say what is not beside the accounts', async () => {
  const { url, redis } = await startedRedis()
  const data = dataFolder()
  const server = await runningServer(data, { store: locationOf(url) })
  const client = new Client(server.url)
  await client.signUp('alice')
  await client.signIn('alice')
  const ran: Ran[] = []
  const settings = { COATCHECK_STORE_URL: url, COATCHECK_ONE_MACHINE: 'yes' }
  const run = async (...args: readonly string[]) => {
    const one = await coatcheck(data, args, '', settings)
    ran.push(one)
    return one
  }
  const rowsOf = ({ out }: Ran) => out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Row]))
  interface Row {
    readonly [name: string]: unknown
  }

  const doctor = await run('doctor', '--json')
  const place = `redis://127.0.0.1:${redis.port}/1`
  expect([
    doctor.code,
    rowsOf(doctor).filter(({ check }) => /store|accord|records|schema/.test(String(check))),
  ]).toEqual([
    0,
    [
      { check: 'store', state: 'well', found: `${place} answers`, remedy: null },
      { check: 'accord', state: 'well', found: 'all servers of the sessions have the same keys', remedy: null },
      { check: 'records', state: 'well', found: 'none is damaged of all 1 records', remedy: null },
      expect.objectContaining({ check: 'schema', state: 'well' }),
    ],
  ])
  expect(rowsOf(await run('sessions', 'revoke-user', 'alice', '--json'))).toEqual([{ name: 'alice', ended: 1 }])
  expect(await client.seen(client.get('/dashboard'))).toMatch(/^303 → \/login/)
  expect(rowsOf(await run('sessions', 'stats', '--json'))).toEqual([{ signedIn: 0, anonymous: 0, ended: 1 }])
  const backup = await run('backup', `${data}.copy`)
  expect([backup.code, backup.err]).toEqual([0, expect.stringContaining(`The sessions are in ${place}, of which`)])
  expect(JSON.stringify(ran)).not.toContain(SECRET)
}, 60_000)

it('a Redis that is gone in the middle of a command is told in a sentence, and what was done all the same', async () => {
  const { url, redis } = await startedRedis()
  const data = await startedFolder()
  const run = async (args: readonly string[], port = redis.port) => {
    const settings = { COATCHECK_STORE_URL: url.replace(/:\d+\//, `:${port}/`), COATCHECK_ONE_MACHINE: 'yes' }
    const ran = await coatcheck(data, args, '', settings)
    expect(JSON.stringify(ran)).not.toContain(SECRET)
    expect(ran.err).not.toMatch(/\n +at /)
    return ran
  }
  const cut = async (args: readonly string[], last: RegExp) => await run(args, await cutConnection(redis.port, last))
  const { out: before } = await run(['keys', 'list'])

  const shown = await cut(['sessions', 'show', '3q2-7wAAAAAAAAAAAAAAAA'], /3q2-7wAAAAAAAAAAAAAAAA/)
  expect([shown.code, shown.err]).toEqual([
    1,
    expect.stringMatching(/The store of the sessions failed: .+\. Run the command again when that is mended\.\n$/),
  ])

  const doctor = await cut(['doctor', '--json'], /coatcheck\.keys/)
  expect(doctor.code).toBe(1)
  expect(doctor.out).toMatch(/"check":"store","state":"wrong","found":"The store of the sessions failed: /)
  expect(doctor.out).toContain('"check":"schema","state":"well"')

  const added = await cut(['keys', 'add'], /evalsha.*coatcheck\.keys/is)
  const [id = ''] = added.out.split('\t')
  expect([added.code, added.err]).toEqual([
    1,
    expect.stringMatching(/Key \S+ is added; other servers were not told yet, since the store of the sessions failed/),
  ])
  expect(recorded(data).at(-1)).toEqual(['key-added', 'command', { keyId: id }])
  expect((await run(['keys', 'list'])).out.split('\n')).toHaveLength(before.split('\n').length + 1)

  const copied = await cut(['store', 'copy', '--to', `sqlite:${data}.copy`], /scan/i)
  expect([copied.code, copied.err]).toEqual([
    1,
    expect.stringMatching(/^A store failed: .+\. What was copied stays: the same command goes on\.\n$/),
  ])
}, 60_000)

it('a damaged record is found by doctor, keeps nobody from signing in, and is removed by a command', async () => {
  const { url, redis } = await startedRedis()
  const data = dataFolder()
  const server = await runningServer(data, { store: locationOf(url) })
  const [one, other] = [new Client(server.url), new Client(server.url)]
  await one.signUp('alice')
  await one.signIn('alice')
  const settings = { COATCHECK_STORE_URL: url, COATCHECK_ONE_MACHINE: 'yes' }
  const run = async (...args: readonly string[]) => await coatcheck(data, [...args, '--json'], '', settings)
  const listed = JSON.parse((await run('sessions', 'list', 'alice')).out) as { id: string }
  const key = await redis.command('-n', '1', 'KEYS', `*s${listed.id}`)
  await redis.command('-n', '1', 'SET', key, 'junk')

  expect(await one.seen(one.get('/dashboard'))).toMatch(/^303 → \/login/)
  expect(await other.signIn('alice')).toBe('303 → /dashboard')
  expect(await other.seen(other.get('/account/sessions'))).toMatch(/^200/)
  const doctor = await run('doctor')
  expect(doctor.code).toBe(1)
  expect(doctor.out).toContain(`"found":"1 cannot be read of all 1 records: ${listed.id}."`)
  const removed = await run('sessions', 'revoke', listed.id)
  expect([removed.code, JSON.parse(removed.out)]).toEqual([0, { id: listed.id, outcome: 'removed' }])
  expect((await run('sessions', 'revoke', listed.id)).code).toBe(1)
  expect((await run('doctor')).out).toContain('none is damaged of all 1 records')
  expect(JSON.parse((await run('sessions', 'revoke-user', 'alice')).out)).toEqual({ name: 'alice', ended: 1 })
}, 60_000)
