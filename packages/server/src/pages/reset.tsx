import { OnceField, OwnerField, PasswordField } from './fields.tsx'
import { useTexts } from './frame.tsx'
import { Layout, Notice, type NoticeText } from './layout.tsx'
import { Form, Link } from './links.tsx'

interface ForgotProps {
  readonly notice: NoticeText | null
  readonly username: string
}

/** Asks for a link to choose another password. */
export function ForgotPage({ notice, username }: ForgotProps) {
  const { account, ownAccount } = useTexts()
  const { title, lead, button } = ownAccount.reset
  return (
    <Layout title={title}>
      <h1>{title}</h1>
      <Notice notice={notice} />
      <p class="lead">{lead}</p>
      <Form method="post" action="/forgot" class="card stack">
        <label>
          {account.nameOrEmail}
          <input
            name="username"
            value={username}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            maxlength={254}
            required
            autofocus
          />
        </label>
        <button type="submit">{button}</button>
      </Form>
      <p class="aside">
        <Link href="/login">{account.signIn.title}</Link>
      </p>
    </Layout>
  )
}

interface ResetProps {
  readonly notice: NoticeText | null
  readonly name: string
  readonly code: string
  readonly least: number
  readonly once: string
}

/** The link of the mail leads here. */
export function ResetPage({ notice, name, code, least, once }: ResetProps) {
  const { ownAccount } = useTexts()
  const { chooseTitle, chooseLead, chooseButton } = ownAccount.reset
  return (
    <Layout title={chooseTitle}>
      <h1>{chooseTitle}</h1>
      <Notice notice={notice} />
      <p class="lead">{chooseLead(name)}</p>
      <Form method="post" action="/reset" class="card stack">
        <OnceField once={once} />
        <input type="hidden" name="code" value={code} />
        <OwnerField name={name} />
        <PasswordField
          label={ownAccount.newPassword}
          name="password"
          autocomplete="new-password"
          notice={notice}
          least={least}
          autofocus
        />
        <button type="submit">{chooseButton}</button>
      </Form>
    </Layout>
  )
}

interface VoidLinkProps {
  readonly text: string
  /** Where one gets another link. */
  readonly again: string
}

/** For a link that was used, is too old, or has a newer one in its place. */
export function VoidLinkPage({ text, again }: VoidLinkProps) {
  const { ownAccount } = useTexts()
  return (
    <Layout title={ownAccount.reset.voidTitle}>
      <h1>{ownAccount.reset.voidTitle}</h1>
      <p class="lead">{text}</p>
      <p>
        <Link class="button" href={again}>
          {ownAccount.reset.again}
        </Link>
      </p>
    </Layout>
  )
}
