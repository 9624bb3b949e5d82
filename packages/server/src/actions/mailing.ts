import type { Account } from '../accounts/accounts.ts'
import type { Language } from '../accounts/preferences.ts'
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
