import type { Account } from '../accounts/accounts.ts'
import type { Language } from '../accounts/preferences.ts'
import { type AccountEvent, accountHappening } from '../audit/happenings.ts'
import type { Services } from '../environment.ts'
import { compose } from '../mail/composing.tsx'
import type { MailText, MailTexts } from '../texts/own-account-shapes.ts'

/** Mails the owner of an account, where the address is verified; nobody waits for it. `language` is that of an owner who chose none. */
export function mailOwner(
  { background, mail }: Pick<Services, 'background' | 'mail'>,
  { email, language: own }: Pick<Account, 'email' | 'language'>,
  task: string,
  choose: (mails: MailTexts) => MailText,
  language: Language = 'en',
): void {
  if (mail === null || email === null || !email.isVerified) return
  const message = compose(email.address, own ?? language, choose)
  background.run(task, () => mail.send(message))
}

/** The actor of what the command does. */
export const COMMAND = 'command'

/** What somebody did themselves: it is in the audit log a moment later. */
export function tell({ audit }: Pick<Services, 'audit'>, userId: string | null, event: AccountEvent): void {
  audit.record(accountHappening(Date.now(), userId, event, null))
}

/**
 * What `actor` did to somebody else: it is in the audit log before the act is answered, so that no crash takes it away.
 * Never throws, since the act has happened: where the log cannot be written, this ends after some seconds and the entry
 * goes on waiting.
 */
export async function tellAct(
  { audit }: Pick<Services, 'audit'>,
  userId: string | null,
  event: AccountEvent,
  actor: string | null,
): Promise<void> {
  audit.record(accountHappening(Date.now(), userId, event, actor))
  await audit.flush()
}
