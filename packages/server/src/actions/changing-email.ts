import type { Account } from '../accounts/accounts.ts'
import { isRefusal } from '../accounts/attempts.ts'
import { emailKey, normalizeEmail } from '../accounts/emails.ts'
import type { Language } from '../accounts/preferences.ts'
import type { Services } from '../environment.ts'
import { compose } from '../mail/composing.tsx'
import type { ServerSession } from '../session-data.ts'
import { limitsOf } from './limits.ts'
import { mailOwner } from './mailing.ts'
import { type Proof, provePassword } from './proving-password.ts'
import { type Refused, refused, wasRefused } from './refusals.ts'
import { tell } from './telling.ts'

export interface NewEmail extends Proof {
  readonly email: string
  /** What the link begins with; null where that is not known. */
  readonly origin: string | null
  readonly language: Language
}

/**
 * Sends a link to the address, which becomes the account's when the link is opened; until then the present one counts.
 * Answers the address as it is kept. Whether it is somebody else's, only its owner finds out, by the link. @throws BusyError
 */
export async function requestEmail(
  services: Services,
  session: ServerSession,
  given: NewEmail,
): Promise<{ readonly address: string } | Refused> {
  const { accounts, attempts, background, codes, config, mail } = services
  const { email, origin, language } = given
  if (mail === null) return refused('mail-unset')
  if (origin === null) return refused('origin-unset')
  const address = normalizeEmail(email)
  if (address === null) return refused('email-unfit')
  const account = await provePassword(services, session, given, 'email')
  if (wasRefused(account)) return account
  const limit = limitsOf(config).verificationMails
  const counted = await attempts.take([
    [`verify:${account.id}`, limit],
    [`verify-to:${emailKey(address)}`, limit],
  ])
  if (isRefusal(counted)) return refused('too-many-attempts', counted.retryAfter)
  const code = await codes.issue('verify', { accountId: account.id, subject: address })
  // A change of the password makes such codes void, and may have done so just before this one was there.
  if ((await accounts.read(account.id))?.passwordHash !== account.passwordHash) {
    await codes.void('verify', account.id)
    return refused('changed-meanwhile')
  }
  const message = compose(
    address,
    account.language ?? language,
    ({ verify }) => verify,
    `${origin}/verify?code=${code}`,
  )
  background.run('verify', () => mail.send(message))
  return { address }
}

/**
 * The address that a code verifies and the name of the account that it will belong to, without using it up; null where the
 * code does not count. The name is told here and not in the mail, or anybody could have mails sent with a text of theirs.
 */
export async function verificationOf(
  { accounts, codes }: Services,
  code: string,
): Promise<{ readonly address: string; readonly name: string } | null> {
  const { accountId = null, subject: address = null } = (await codes.peek('verify', code)) ?? {}
  const account = accountId === null ? null : await accounts.read(accountId)
  return account === null || address === null ? null : { address, name: account.name }
}

/** Makes the address of the code the account's. Whoever has the code has its mail, and need not be signed in. */
export async function verifyEmail(
  services: Services,
  code: string,
  language: Language,
): Promise<{ readonly address: string } | Refused> {
  const { accounts, codes } = services
  const { accountId = null, subject: address = null } = (await codes.consume('verify', code)) ?? {}
  const account = accountId === null ? null : await accounts.read(accountId)
  if (account === null || address === null) return refused('code-void')
  if (!(await accounts.change(account.id, { email: { address, isVerified: true } }))) return refused('email-taken')
  await leaveEmail(services, account, address, language)
  tell(services, account.id, { type: 'email-changed', removed: false })
  return { address }
}

/** Takes the address away. @throws BusyError */
export async function removeEmail(
  services: Services,
  session: ServerSession,
  given: Proof & Pick<NewEmail, 'language'>,
): Promise<Account | Refused> {
  const account = await provePassword(services, session, given, 'email')
  if (wasRefused(account)) return account
  await services.codes.void('verify', account.id)
  if (account.email === null) return account
  await services.accounts.change(account.id, { email: null })
  await leaveEmail(services, account, null, given.language)
  tell(services, account.id, { type: 'email-changed', removed: true })
  return account
}

/** What was sent to the address before no longer counts, and its owner is told. */
async function leaveEmail(services: Services, account: Account, now: string | null, language: Language) {
  await services.codes.void('reset', account.id)
  if (account.email?.address === now) return
  mailOwner(services, account, 'email-changed', (mails) => mails.emailChanged(account.name), language)
}
