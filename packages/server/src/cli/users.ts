import type { Account } from '../accounts/accounts.ts'
import { type Refused, wasRefused } from '../actions/refusals.ts'
import { COMMAND } from '../actions/telling.ts'
import { urlOf } from '../address.ts'
import type { Config } from '../config.ts'
import type { Services } from '../environment.ts'
import { ORDINARY } from '../roles.ts'
import { type Command, command, type Given } from './command.ts'
import { CliError } from './faults.ts'
import { accountNamed, shownTime } from './finding.ts'
import type { Row } from './output.ts'
import { readPassword } from './passwords.ts'
import { withServices } from './with-services.ts'

const PAGE = 500

const PASSWORD =
  'The password is asked for and not shown, or is the first line of what is piped in. It is no argument, since everybody on the machine can see those.'

const role = { takes: 'ROLE', summary: `${ORDINARY}, where it is not given; admin; or one of COATCHECK_ROLES` } as const

/** Loaded when a command runs. */
const administering = () => import('../actions/administering.ts')

/** `coatcheck users …`. */
export const users: readonly Command[] = [
  command({
    name: 'users list',
    summary: 'all accounts, with role and state',
    examples: ['coatcheck users list', 'COATCHECK_DATA=/srv/coatcheck coatcheck users list --json'],
    run: ({ output }) =>
      withServices(async ({ accounts }) => {
        let after = ''
        for (;;) {
          const page = await accounts.list(after, PAGE)
          output.rows(page.map(rowOf))
          after = page.at(-1)?.name ?? ''
          if (page.length < PAGE) return
        }
      }),
  }),
  command({
    name: 'users add',
    takes: ['NAME'],
    options: {
      role: { takes: 'ROLE', summary: `${ORDINARY}, where it is not given; admin; or one of COATCHECK_ROLES` },
    },
    summary: 'make an account',
    details: `${PASSWORD} It may be the first of a folder that no server has started on yet.`,
    examples: ['coatcheck users add alice --role admin', 'echo "$PASSWORD" | coatcheck users add bob'],
    async run({ names: [username = ''], value, output }) {
      const password = await readPassword(username, 'users add')
      await withServices(
        async (services) => {
          const { addAccount } = await administering()
          const account = await addAccount(services, { username, password, role: value('role') ?? ORDINARY })
          output.rows([rowOf(await done(services, account))])
        },
        { mayBeNew: true },
      )
    },
  }),
  command({
    name: 'users invite',
    options: { role },
    summary: 'print a link with which one account can be made, within seven days',
    examples: ['coatcheck users invite --role editor'],
    run: ({ value, output }) =>
      withServices(async (services) => {
        const { config } = services
        const given = value('role') ?? ORDINARY
        const { invite } = await import('../actions/signing-up.ts')
        const outcome = await invite(services, given, COMMAND)
        if (wasRefused(outcome)) throw await refusedAs(config, outcome)
        output.rows([{ link: `${urlOf(config, config.port)}signup?invitation=${outcome.code}`, role: given }])
      }),
  }),
  command({
    name: 'users role',
    takes: ['NAME', 'ROLE'],
    summary: "give another role, in force at the next request of each of the account's sessions",
    examples: ['coatcheck users role bob editor'],
    run: (given) =>
      changed(given, async (services, [name = '', role = '']) => (await administering()).setRole(services, name, role)),
  }),
  command({
    name: 'users disable',
    takes: ['NAME'],
    summary: 'end all sessions of the account, and let nobody sign in with it',
    examples: ['coatcheck users disable bob'],
    run: (given) =>
      changed(given, async (services, [name = '']) => (await administering()).setDisabled(services, name, true)),
  }),
  command({
    name: 'users enable',
    takes: ['NAME'],
    summary: 'let it be used again',
    examples: ['coatcheck users enable bob'],
    run: (given) =>
      changed(given, async (services, [name = '']) => (await administering()).setDisabled(services, name, false)),
  }),
  command({
    name: 'users reset-password',
    takes: ['NAME'],
    summary: 'give a new password, and end all sessions of the account',
    details: PASSWORD,
    examples: ['coatcheck users reset-password alice', 'echo "$PASSWORD" | coatcheck users reset-password bob'],
    async run(given) {
      const password = await readPassword(given.names[0] ?? '', 'users reset-password')
      await changed(given, async (services, [name = '']) =>
        (await administering()).resetPassword(services, name, password),
      )
    },
  }),
  command({
    name: 'users delete',
    takes: ['NAME'],
    summary: 'remove the account, and end all its sessions',
    asks: 'an account that is deleted cannot be brought back',
    examples: ['coatcheck users delete bob', 'coatcheck users delete bob --yes'],
    run: (given) =>
      changed(given, async (services, [name = '']) => {
        const account = await accountNamed(services, name)
        await given.confirm(`Delete the account ${account.name} and end its sessions?`)
        return await (await administering()).removeAccount(services, name)
      }),
  }),
]

/** Changes one account and prints it. */
async function changed(
  { names, output }: Given,
  change: (services: Services, names: readonly string[]) => Promise<Account | Refused>,
): Promise<void> {
  await withServices(async (services) => output.rows([rowOf(await done(services, await change(services, names)))]))
}

/** @throws CliError where it was refused */
async function done({ config }: Services, outcome: Account | Refused): Promise<Account> {
  if (!wasRefused(outcome)) return outcome
  throw await refusedAs(config, outcome)
}

async function refusedAs(config: Config, { refused }: Refused): Promise<CliError> {
  const { LONGEST_PASSWORD } = await import('../accounts/passwords.ts')
  const { textsIn } = await import('../texts/index.ts')
  const facts = {
    ...{ least: config.passwordLength, most: LONGEST_PASSWORD, minutes: 1 },
    ...{ isAdministrator: true, faults: [] },
  }
  return new CliError(textsIn('en').refusals[refused](facts))
}

function rowOf({ name, role, disabledAt, createdAt }: Account): Row {
  return {
    name,
    role,
    state: disabledAt === null ? 'enabled' : 'disabled',
    createdAt: shownTime(createdAt),
  }
}
