import type { Language } from '../accounts/preferences.ts'
import { textsIn } from '../texts/index.ts'
import type { MailText, MailTexts } from '../texts/own-account-shapes.ts'
import type { Message } from './mail.ts'

/** The mail in a language, as text and as HTML. `href` is where its link leads. */
export function compose(
  to: string,
  language: Language,
  choose: (mails: MailTexts) => MailText,
  href: string | null = null,
): Message {
  const { mails } = textsIn(language)
  const mail = choose(mails)
  const paragraphs = [mails.greeting, ...mail.paragraphs]
  const text = [...paragraphs, ...(href === null ? [] : [href]), mail.closing].join('\n\n')
  const html = (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <title>{mail.subject}</title>
      </head>
      <body>
        {paragraphs.map((paragraph) => (
          <p>{paragraph}</p>
        ))}
        {href === null ? null : (
          <p>
            <a href={href}>{mail.link ?? href}</a>
          </p>
        )}
        <p>{mail.closing}</p>
      </body>
    </html>
  )
  return { to, subject: mail.subject, text: `${text}\n`, html: `<!doctype html>${String(html)}` }
}
