import type { Account } from '../accounts/accounts.ts'
import { isRefusal } from '../accounts/attempts.ts'
import { isReserved, normalizeName } from '../accounts/names.ts'
import { siteKey } from '../audit/networks.ts'
import type { Services } from '../environment.ts'
import { ADMINISTRATOR, ORDINARY, rolesWith } from '../roles.ts'
import { countedFrom, limitsOf } from './limits.ts'
import { passwordFault } from './password-faults.ts'
import { type Refused, refused } from './refusals.ts'
import { tell, tellAct } from './telling.ts'

export interface SignUp {
  readonly username: string
  readonly password: string
  /** The client's address, for the limit. */
  readonly address: string
  /** The code of an invitation; empty: none. */
  readonly invitation: string
}

/** Makes an account, unless settings, the limit, the name or the password speak against it. @throws BusyError */
export async function signUp(services: Services, given: SignUp): Promise<Account | Refused> {
  const { accounts, attempts, config, passwords } = services
  const name = normalizeName(given.username)
  if (!(await maySignUp(services, given.invitation))) {
    if (config.signup === 'closed') return refused('sign-up-closed')
    return refused(given.invitation === '' ? 'invitation-needed' : 'invitation-void')
  }
  if (name === null) return refused('name-unfit')
  if (isReserved(name)) return refused('name-reserved')
  const fault = passwordFault(given.password, config.passwordLength, [name])
  if (fault !== null) return refused(fault)
  const { signups, takenNames } = limitsOf(config)
  const attempt = await attempts.take(countedFrom('sign-up', given.address, signups))
  if (isRefusal(attempt)) return refused('too-many-attempts', attempt.retryAfter)
  if ((await accounts.find(name)) !== null) {
    await attempt.giveBack()
    // Counted apart: who looks for a free name is no flood, and who looks for people's names is.
    const probe = await attempts.take(countedFrom('sign-up-taken', given.address, takenNames))
    return isRefusal(probe) ? refused('too-many-attempts', probe.retryAfter) : refused('name-taken')
  }
  const passwordHash = await passwords.hash(given.password, siteKey(given.address))
  const role = await invitedRole(services, given.invitation)
  if (role === null) return refused('invitation-void')
  // Null where somebody else took the name while the password was hashed.
  const account = await accounts.create({ name, passwordHash, role })
  if (account === null) {
    // What nobody was let in by counts again.
    if (given.invitation !== '') await services.codes.restore('invite', given.invitation, role)
    return refused('name-taken')
  }
  if (role === ADMINISTRATOR) await services.codes.void('setup')
  tell(services, account.id, { type: 'account-created', role })
  return account
}

/** Whether an account may be made: by anybody, or by who has an invitation that counts. */
export async function maySignUp({ config, codes }: Services, invitation: string): Promise<boolean> {
  if (invitation !== '' && config.signup !== 'closed') return (await codes.peek('invite', invitation)) !== null
  return config.signup === 'open'
}

/** Uses the invitation up, and answers the role that it gives; null where somebody else was faster. */
async function invitedRole({ codes, config }: Services, invitation: string): Promise<string | null> {
  if (invitation === '') return ORDINARY
  const facts = await codes.consume('invite', invitation)
  if (facts === null) return null
  const role = facts.subject ?? ORDINARY
  // The settings may have changed since it was written.
  return rolesWith(config.roles).has(role) ? role : ORDINARY
}

/** The code of a new invitation, which counts once, for seven days. */
export async function invite(
  services: Pick<Services, 'audit' | 'codes' | 'config'>,
  role: string,
  actor: string,
): Promise<{ readonly code: string } | Refused> {
  const { codes, config } = services
  if (config.signup === 'closed') return refused('sign-up-closed')
  if (!rolesWith(config.roles).has(role)) return refused('role-unknown')
  const code = await codes.issue('invite', { accountId: null, subject: role })
  await tellAct(services, null, { type: 'invited', role }, actor)
  return { code }
}
