import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Client, dataFolder, PASSWORD } from '../running.ts'
import { coatcheck, startedFolder } from './command.ts'
import { startProcess } from './process.ts'

it('users are added, listed, given roles and disabled, and a server that runs acts on it at once', async () => {
  const data = dataFolder()
  const { url } = await startProcess({ PORT: '0', COATCHECK_DATA: data })
  expect(await coatcheck(data, ['users', 'add', 'alice', '--role', 'admin'], `${PASSWORD}\n`)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^alice\tadmin\tenabled\t/),
    err: '',
  })
  const client = new Client(url)
  await client.signIn('alice')
  expect(await client.seen(client.get('/dashboard'))).toContain('<dd>admin</dd>')
  expect((await coatcheck(data, ['users', 'role', 'alice', 'user'])).code).toBe(0)
  expect(await client.seen(client.get('/dashboard'))).toContain('<dd>user</dd>')
  expect(JSON.parse((await coatcheck(data, ['users', 'disable', 'alice', '--json'])).out)).toMatchObject({
    name: 'alice',
    state: 'disabled',
  })
  expect(await client.seen(client.get('/dashboard'))).toBe('303 → /login')
  expect((await coatcheck(data, ['users', 'enable', 'ALICE'])).out).toContain('enabled')
  expect((await coatcheck(data, ['users', 'list', '--json'])).out.trim().split('\n')).toHaveLength(1)
})

it('what cannot be done is said in a sentence, with an exit code that is not 0', async () => {
  const data = await startedFolder()
  expect(await coatcheck(data, ['users', 'role', 'nobody-there', 'admin'])).toMatchObject({
    code: 1,
    out: '',
    err: 'There is no such account.\n',
  })
  expect(await coatcheck(data, ['users', 'add', 'bob'], 'short\n')).toMatchObject({
    code: 1,
    err: 'The password needs at least 15 characters.\n',
  })
  for (const args of [
    ['users', 'add'],
    ['users', 'paint', 'bob'],
    ['paint'],
    ['users', 'add', 'a', '--colour'],
    ['serve', '--fast'],
  ]) {
    const { code, err } = await coatcheck(data, args)
    expect([args, code, err]).toEqual([
      args,
      2,
      expect.stringMatching(/\ncoatcheck .*--help (?:lists the commands|shows how)\.\n$/),
    ])
    expect(err).not.toContain('    at ')
  }
  expect(await coatcheck(data, ['--help'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('users disable NAME'),
  })
})

/** Loaded before the command: fails whatever comes from a package. */
const withoutPackages = `--import=data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({
    resolve: (name, context, next) => {
      if (/^(?:[.]|node:|file:)/.test(name)) return next(name, context)
      throw new Error('loaded ' + name)
    },
  })
`)}`

it.each([
  [0, ['--help']],
  [0, ['--version']],
  [0, ['keys', '--help']],
  [0, ['serve', '--help']],
  [2, ['users', 'paint']],
  [2, ['restore']],
])('answers %i to %j before it has loaded a package, which is most of a start', async (code, args) => {
  const answer = await coatcheck(dataFolder(), args, '', { NODE_OPTIONS: withoutPackages })
  expect([answer.code, `${answer.out}${answer.err}`]).toEqual([code, expect.not.stringContaining('loaded')])
})

it('and loads them for its work', async () => {
  const answer = await coatcheck(dataFolder(), ['keys', 'list'], '', { NODE_OPTIONS: withoutPackages })
  expect([answer.code, answer.err]).toEqual([1, expect.stringContaining('loaded')])
})

it.each([[['users', 'list']], [['users', 'invite']], [['sessions', 'stats']], [['keys', 'add']], [['migrate']]])(
  '%j makes no folder that was mistyped',
  async (args) => {
    const data = dataFolder()
    expect(await coatcheck(data, args)).toEqual({
      code: 1,
      out: '',
      err: `There is no data in ${data}. COATCHECK_DATA has to name the folder of the server, which makes it with all that is in it at its first start.\n`,
    })
    expect(existsSync(data)).toBe(false)
  },
)

it('the demonstration has two accounts, devices, and a thief who is out when the session is ended', async () => {
  const { url, output, end } = await startProcess({ PORT: '0' }, ['serve', '--demo'])
  await expect.poll(output).toContain('Sign in as')
  const [, password = ''] = /Sign in as +alice +with +(\S+)/.exec(output()) ?? []
  const client = new Client(url)
  expect(await client.signIn('alice', password)).toBe('303 → /dashboard')
  const devices = await client.seen(client.get('/account/sessions'))
  expect(devices).toMatch(/Firefox on Windows/)
  expect(devices.match(/class="card device"/g)).toHaveLength(4)
  await client.post('/account/sessions/end-others')
  await expect.poll(output, { timeout: 10_000 }).toContain('The thief is out')
  expect(await end('SIGTERM')).toBe(0)
})
