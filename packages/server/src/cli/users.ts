import { parseArgs } from 'node:util'
import type { Account } from '../accounts/accounts.ts'
import { LONGEST_PASSWORD } from '../accounts/passwords.ts'
import { addAccount, setDisabled, setRole } from '../actions/administering.ts'
import { type Refused, wasRefused } from '../actions/refusals.ts'
import { invite } from '../actions/signing-up.ts'
import { type Config, readConfig } from '../config.ts'
import type { Services } from '../environment.ts'
import { ORDINARY } from '../roles.ts'
import { urlOf } from '../server.ts'
import { openServices } from '../services.ts'
import { textsIn } from '../texts/index.ts'
import { CliError } from './faults.ts'
import { readPassword } from './passwords.ts'

const PAGE = 500

interface Given {
  readonly names: readonly string[]
  readonly role: string
  readonly json: boolean
}

interface Command {
  /** How many names it takes. */
  readonly names: number
  readonly run: (services: Services, given: Given) => Promise<void>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  list: { names: 0, run: list },
  add: {
    names: 1,
    async run(services, { names: [username = ''], role, json }) {
      const password = await readPassword(username)
      show(done(services, await addAccount(services, { username, password, role })), json)
    },
  },
  invite: {
    names: 0,
    async run({ codes, config }, { role, json }) {
      const outcome = await invite({ codes, config }, role)
      if (wasRefused(outcome)) throw refusedAs(config, outcome)
      const link = `${urlOf(config, config.port)}signup?invitation=${outcome.code}`
      process.stdout.write(`${json ? JSON.stringify({ link, role }) : link}\n`)
    },
  },
  role: {
    names: 2,
    run: async (services, { names: [name = '', role = ''], json }) =>
      show(done(services, await setRole(services, name, role)), json),
  },
  disable: {
    names: 1,
    run: async (services, { names: [name = ''], json }) =>
      show(done(services, await setDisabled(services, name, true)), json),
  },
  enable: {
    names: 1,
    run: async (services, { names: [name = ''], json }) =>
      show(done(services, await setDisabled(services, name, false)), json),
  },
}

/** `coatcheck users …`. @throws CliError, ConfigError */
export async function users([name = '', ...args]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw new CliError(`There is no command users ${name}.`, 2)
  const given = parsed(args)
  if (given.names.length !== command.names) throw new CliError(`users ${name} takes ${command.names} names.`, 2)
  process.umask(0o077)
  const { services, close } = await openServices(readConfig())
  try {
    await command.run(services, given)
  } finally {
    await close()
  }
}

function parsed(args: readonly string[]): Given {
  try {
    const options = { role: { type: 'string', default: ORDINARY }, json: { type: 'boolean', default: false } } as const
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { names: positionals, role: values.role, json: values.json }
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error), 2)
  }
}

/** @throws CliError where it was refused */
function done({ config }: Services, outcome: Account | Refused): Account {
  if (!wasRefused(outcome)) return outcome
  throw refusedAs(config, outcome)
}

function refusedAs(config: Config, { refused }: Refused): CliError {
  const facts = { least: config.passwordLength, most: LONGEST_PASSWORD, minutes: 1 }
  return new CliError(textsIn('en').refusals[refused](facts))
}

async function list({ accounts }: Services, { json }: Given): Promise<void> {
  let after = ''
  for (;;) {
    const page = await accounts.list(after, PAGE)
    for (const account of page) show(account, json)
    after = page.at(-1)?.name ?? ''
    if (page.length < PAGE) return
  }
}

/** One line for each account. */
function show({ name, role, disabledAt, createdAt }: Account, json: boolean): void {
  const state = disabledAt === null ? 'enabled' : 'disabled'
  const created = new Date(createdAt).toISOString()
  const text = json ? JSON.stringify({ name, role, state, created }) : [name, role, state, created].join('\t')
  process.stdout.write(`${text}\n`)
}
