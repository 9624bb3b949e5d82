import type { Account } from '../accounts/accounts.ts'
import { isRefusal } from '../accounts/attempts.ts'
import type { Language } from '../accounts/preferences.ts'
import { siteKey } from '../audit/networks.ts'
import { PASSWORD_CHANGED } from '../ending-text.ts'
import type { Services } from '../environment.ts'
import { compose } from '../mail/composing.tsx'
import { forgetCodes, knownOf, tellPasswordChanged } from './changing-password.ts'
import { countedFrom, limitsOf } from './limits.ts'
import { passwordFault } from './password-faults.ts'
import { type Refused, refused } from './refusals.ts'
import { tell } from './telling.ts'

export interface Forgotten {
  /** A name or a verified address. */
  readonly username: string
  /** The client's address, for the limit. */
  readonly address: string
  /** The browser's own word that it has signed in before; empty where there is none. */
  readonly knownBrowser: string
  /** What the link begins with; null where that is not known. */
  readonly origin: string | null
  readonly language: Language
}

/** Why nobody can be sent a link; null where that can be done. */
export function mailUnset({ mail }: Services, origin: string | null): Refused | null {
  if (mail === null) return refused('mail-unset')
  return origin === null ? refused('origin-unset') : null
}

/**
 * Sends a link to the owner of the account, if there is one. Answers before it looks whether there is: so the answer and
 * the work until then are the same. The limit of an account is not told, and by the name nothing is counted.
 */
export async function requestReset(services: Services, forgotten: Forgotten): Promise<Refused | null> {
  const { attempts, background, config } = services
  const unset = mailUnset(services, forgotten.origin)
  if (unset !== null) return unset
  const counted = await attempts.take(countedFrom('forgot-from', forgotten.address, limitsOf(config).resetRequests))
  if (isRefusal(counted)) return refused('too-many-attempts', counted.retryAfter)
  background.run('reset', () => sendReset(services, forgotten))
  return null
}

async function sendReset(services: Services, forgotten: Forgotten): Promise<void> {
  const { accounts, attempts, codes, config, knownBrowsers, mail } = services
  const { username, knownBrowser, origin, language } = forgotten
  const account = await accounts.find(username)
  const to = account?.email?.isVerified === true ? account.email.address : null
  if (account === null || to === null || account.disabledAt !== null) return
  const isKnown = knownBrowsers.counterOf(knownBrowser, account) !== null
  const counter = `${isKnown ? 'forgot-known' : 'forgot-of'}:${account.id}`
  const counted = await attempts.take([[counter, limitsOf(config).resetMails]])
  if (isRefusal(counted)) return
  const code = await codes.issue('reset', { accountId: account.id, subject: to })
  const href = `${origin}/reset?code=${code}`
  await mail?.send(compose(to, account.language ?? language, ({ reset }) => reset(account.name), href))
}

/** Whose password a code resets, without using it up. */
export async function accountOf({ accounts, codes }: Services, code: string): Promise<Account | Refused> {
  const { accountId = null, subject = null } = (await codes.peek('reset', code)) ?? {}
  const account = accountId === null ? null : await accounts.read(accountId)
  // The mail went to an address that has to be the account's still.
  if (account === null || subject === null || account.email?.address !== subject) return refused('code-void')
  return account.disabledAt === null ? account : refused('account-disabled')
}

export interface NewPasswordByCode {
  readonly code: string
  readonly password: string
  /** The client's address: those whose passwords wait take turns by it. */
  readonly address: string
  readonly language: Language
}

/**
 * Uses the code up, sets the password and ends all sessions. A password that cannot be leaves the code as it is.
 * @throws BusyError
 */
export async function resetPassword(
  services: Services,
  { code, password, address, language }: NewPasswordByCode,
): Promise<Account | Refused> {
  const { accounts, codes, config, passwords, sessions } = services
  const account = await accountOf(services, code)
  if ('refused' in account) return account
  const fault = passwordFault(password, config.passwordLength, knownOf(account))
  if (fault !== null) return refused(fault)
  const passwordHash = await passwords.hash(password, siteKey(address))
  if ((await codes.consume('reset', code)) === null) return refused('code-void')
  // The hash first: a sign-in with the one before, begun already, is ended with the sessions.
  if (!(await accounts.change(account.id, { passwordHash }))) return refused('code-void')
  await forgetCodes(services, account.id)
  await sessions.revokeUser(account.id, { note: PASSWORD_CHANGED })
  tell(services, account.id, { type: 'password-reset' })
  tellPasswordChanged(services, account, language)
  return (await accounts.read(account.id)) ?? account
}
