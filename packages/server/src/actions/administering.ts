import type { Account } from '../accounts/accounts.ts'
import { isReserved, normalizeName } from '../accounts/names.ts'
import { networkOf, siteKey } from '../audit/networks.ts'
import { DISABLED } from '../ending-text.ts'
import type { Services } from '../environment.ts'
import { ADMINISTRATOR, ORDINARY, rolesWith } from '../roles.ts'
import { forgetCodes, tellPasswordChanged } from './changing-password.ts'
import { passwordFault } from './password-faults.ts'
import { type Refused, refused, wasRefused } from './refusals.ts'
import { COMMAND, tell, tellAct } from './telling.ts'

/** What administration needs of the services. */
type Administration = Pick<Services, 'accounts' | 'audit' | 'codes' | 'config' | 'passwords' | 'sessions'>

/** Who administers: a user's id, or `command`. */
type Actor = string

export interface AddAccount {
  readonly username: string
  readonly password: string
  readonly role: string
  /** The address of a client that asks for it; left out where the command does. */
  readonly address?: string
}

/** Makes an account with a role, whoever may sign up. @throws BusyError */
export async function addAccount(
  services: Administration,
  given: AddAccount,
  actor: Actor = COMMAND,
): Promise<Account | Refused> {
  const account = await createAccount(services, given)
  if (wasRefused(account)) return account
  await tellAct(services, account.id, { type: 'account-created', role: given.role }, actor)
  if (given.role === ADMINISTRATOR) await services.codes.void('setup')
  return account
}

/** Makes the account, and leaves it to the caller to tell of it. @throws BusyError */
async function createAccount(
  { accounts, config, passwords }: Administration,
  given: AddAccount,
): Promise<Account | Refused> {
  const name = normalizeName(given.username)
  if (name === null) return refused('name-unfit')
  if (isReserved(name)) return refused('name-reserved')
  if (!rolesWith(config.roles).has(given.role)) return refused('role-unknown')
  const fault = passwordFault(given.password, config.passwordLength, [name])
  if (fault !== null) return refused(fault)
  if ((await accounts.find(name)) !== null) return refused('name-taken')
  const passwordHash = await passwords.hash(given.password, siteKey(given.address ?? COMMAND))
  const account = await accounts.create({ name, passwordHash, role: given.role })
  return account ?? refused('name-taken')
}

/** Gives somebody another role: in force at the next request of each of their sessions. @throws StoreTimeoutError and others of the store */
export async function setRole(
  services: Administration,
  username: string,
  role: string,
  actor: Actor = COMMAND,
): Promise<Account | Refused> {
  const { accounts, codes, config, sessions } = services
  if (!rolesWith(config.roles).has(role)) return refused('role-unknown')
  const account = await accounts.find(username)
  if (account === null) return refused('nobody-there')
  if (account.role !== role) {
    await accounts.change(account.id, { role })
    // Before the sessions, which may be out of reach: then this fails, and who does it again finds the account done and mends them.
    await tellAct(services, account.id, { type: 'role-changed', from: account.role, to: role }, actor)
  }
  await sessions.updateUser(account.id, { set: { role } })
  if (role === ADMINISTRATOR) await codes.void('setup')
  return { ...account, role }
}

/** Disabled: nobody signs in with it any more, and all of its sessions end. */
export async function setDisabled(
  services: Administration,
  username: string,
  isDisabled: boolean,
  actor: Actor = COMMAND,
): Promise<Account | Refused> {
  const { accounts, sessions } = services
  const account = await accounts.find(username)
  if (account === null) return refused('nobody-there')
  if ((account.disabledAt !== null) !== isDisabled) {
    await accounts.change(account.id, { isDisabled })
    await tellAct(services, account.id, { type: isDisabled ? 'account-disabled' : 'account-enabled' }, actor)
  }
  if (isDisabled) await sessions.revokeUser(account.id, { note: DISABLED })
  return (await accounts.read(account.id)) ?? refused('nobody-there')
}

/** Gives a password that somebody else has chosen, and ends all sessions: whoever had the old one is out. @throws BusyError */
export async function resetPassword(
  services: Administration & Pick<Services, 'background' | 'mail'>,
  username: string,
  password: string,
  actor: Actor = COMMAND,
): Promise<Account | Refused> {
  const { accounts, config, passwords, sessions } = services
  const account = await accounts.find(username)
  if (account === null) return refused('nobody-there')
  const fault = passwordFault(password, config.passwordLength, [account.name])
  if (fault !== null) return refused(fault)
  await accounts.change(account.id, { passwordHash: await passwords.hash(password, COMMAND) })
  await tellAct(services, account.id, { type: 'password-reset' }, actor)
  await forgetCodes(services, account.id)
  await sessions.revokeUser(account.id, { note: 'password reset' })
  tellPasswordChanged(services, account, 'en')
  return account
}

/** Removes an account for good, with all its sessions. */
export async function removeAccount(
  services: Administration,
  username: string,
  actor: Actor = COMMAND,
): Promise<Account | Refused> {
  const { accounts, sessions } = services
  const account = await accounts.find(username)
  if (account === null) return refused('nobody-there')
  await sessions.revokeUser(account.id, { note: 'account deleted' })
  await accounts.remove(account.id)
  await tellAct(services, account.id, { type: 'account-deleted' }, actor)
  // Whoever signed in between the two.
  await sessions.revokeUser(account.id, { note: 'account deleted' })
  return account
}

export interface SetUp {
  /** As it was printed at the start. */
  readonly code: string
  readonly username: string
  readonly password: string
  /** The client's address. */
  readonly address: string
}

/** Makes the first administrator, once: by a code that whoever started the server can see. @throws BusyError */
export async function setUpAdministrator(services: Administration, given: SetUp): Promise<Account | Refused> {
  const { accounts, codes } = services
  // Asked first, so that a slip in the name does not use up the code.
  if ((await codes.peek('setup', given.code)) === null) {
    const reason = (await codes.isAny('setup')) ? 'setup-code-wrong' : 'setup-code-void'
    tell(services, null, { type: 'set-up-failed', reason, network: networkOf(given.address) })
    return refused(reason)
  }
  const account = await createAccount(services, { ...given, role: ORDINARY })
  if (wasRefused(account)) return account
  const counts = (await codes.consume('setup', given.code)) !== null
  if (!counts || !(await accounts.makeFirstAdministrator(account.id))) {
    await accounts.remove(account.id)
    return refused('setup-code-void')
  }
  await tellAct(services, account.id, { type: 'account-created', role: ADMINISTRATOR }, null)
  await codes.void('setup')
  return { ...account, role: ADMINISTRATOR }
}
