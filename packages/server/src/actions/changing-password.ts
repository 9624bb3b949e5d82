import { SessionEndedError } from 'coatcheck'
import type { Account } from '../accounts/accounts.ts'
import type { Language } from '../accounts/preferences.ts'
import { siteKey } from '../audit/networks.ts'
import { PASSWORD_CHANGED } from '../ending-text.ts'
import type { Services } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'
import { mailOwner } from './mailing.ts'
import { passwordFault } from './password-faults.ts'
import { type Proof, provePassword } from './proving-password.ts'
import { type Refused, refused, wasRefused } from './refusals.ts'
import { tell } from './telling.ts'

export interface NewPassword extends Proof {
  readonly newPassword: string
  readonly language: Language
}

/** Changes the password, ends all other sessions, and gives this one a new token. @throws BusyError */
export async function changePassword(
  services: Services,
  session: ServerSession,
  given: NewPassword,
): Promise<Account | Refused> {
  const { accounts, config, passwords, sessions } = services
  const { newPassword, language, address } = given
  const account = await provePassword(services, session, given, 'password')
  if (wasRefused(account)) return account
  const fault = passwordFault(newPassword, config.passwordLength, knownOf(account))
  if (fault !== null) return refused(fault)
  const hash = await passwords.hash(newPassword, siteKey(address))
  // Only in the place of the one that was proven: who resets the password meanwhile wins.
  if (!(await accounts.replaceHash(account.id, account.passwordHash, hash, 'changed'))) {
    return refused('changed-meanwhile')
  }
  await forgetCodes(services, account.id)
  await sessions.revokeUser(account.id, { except: session.id, note: PASSWORD_CHANGED })
  try {
    await session.rotate()
  } catch (error) {
    // It ended meanwhile. The password is changed all the same.
    if (!(error instanceof SessionEndedError)) throw error
  }
  tell(services, account.id, { type: 'password-changed' })
  tellPasswordChanged(services, account, language)
  return (await accounts.read(account.id)) ?? account
}

/** What everybody knows of somebody, and no password of theirs may be. */
export const knownOf = ({ name, email }: Account): string[] => [name, ...(email === null ? [] : [email.address])]

/** Links that were sent before the password changed: whoever asked for them need not know the new one. */
export async function forgetCodes({ codes }: Pick<Services, 'codes'>, accountId: string): Promise<void> {
  await codes.void('reset', accountId)
  await codes.void('verify', accountId)
}

/** Tells the owner, who may not be the one that did it. */
export function tellPasswordChanged(
  services: Pick<Services, 'background' | 'mail'>,
  account: Account,
  language: Language,
): void {
  if (!account.alerts) return
  mailOwner(services, account, 'password-changed', (mails) => mails.passwordChanged(account.name), language)
}
