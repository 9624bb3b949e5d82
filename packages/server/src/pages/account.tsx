import { OwnerField, PasswordField } from './fields.tsx'
import { useFrame, useTexts } from './frame.tsx'
import { Layout, Notice, type NoticeText } from './layout.tsx'
import { Form, Link } from './links.tsx'

interface NoticeProps {
  readonly notice: NoticeText | null
}

/** What one can see and change of one's account. */
/** `hasMail`: whether an address can be set here, or is set. */
export function AccountPage({ notice, hasMail }: NoticeProps & { readonly hasMail: boolean }) {
  const { activity, ownAccount, preferences } = useTexts()
  const { devices, email, password, deletion } = ownAccount
  const parts = [
    { href: '/account/sessions', ...devices },
    { href: '/account/activity', title: activity.title, hint: activity.hint },
    { href: '/account/preferences', title: preferences.title, hint: preferences.lead },
    ...(hasMail ? [{ href: '/account/email', title: email.title, hint: email.hint }] : []),
    { href: '/account/password', title: password.title, hint: password.hint },
    { href: '/account/delete', title: deletion.title, hint: deletion.hint },
  ]
  return (
    <Layout title={ownAccount.title} width="wide">
      <h1>{ownAccount.title}</h1>
      <Notice notice={notice} />
      <p class="lead">{ownAccount.lead}</p>
      <ul class="devices">
        {parts.map(({ href, title, hint }) => (
          <li class="card">
            <h2>
              <Link href={href}>{title}</Link>
            </h2>
            <p class="hint">{hint}</p>
          </li>
        ))}
      </ul>
    </Layout>
  )
}

export function PasswordPage({ notice, least }: NoticeProps & { readonly least: number }) {
  const { ownAccount } = useTexts()
  const { name } = useFrame()
  const { title, hint, button } = ownAccount.password
  return (
    <Layout title={title}>
      <h1>{title}</h1>
      <Notice notice={notice} />
      <p class="lead">{hint}</p>
      <Form method="post" action="/account/password" class="card stack">
        <OwnerField name={name ?? ''} />
        <PasswordField
          label={ownAccount.currentPassword}
          name="password"
          autocomplete="current-password"
          notice={notice}
          autofocus
        />
        <PasswordField
          label={ownAccount.newPassword}
          name="new-password"
          autocomplete="new-password"
          notice={notice}
          least={least}
        />
        <button type="submit">{button}</button>
      </Form>
    </Layout>
  )
}

export function DeletionPage({ notice }: NoticeProps) {
  const { ownAccount, session } = useTexts()
  const { name } = useFrame()
  const { title, warning, button } = ownAccount.deletion
  return (
    <Layout title={title}>
      <h1>{title}</h1>
      <Notice notice={notice} />
      <p class="lead">{warning(name ?? '')}</p>
      <Form method="post" action="/account/delete" class="card stack">
        <OwnerField name={name ?? ''} />
        <PasswordField
          label={ownAccount.currentPassword}
          name="password"
          autocomplete="current-password"
          notice={notice}
        />
        <button type="submit" class="danger">
          {button}
        </button>
      </Form>
      <p class="aside">
        <Link href="/account">{session.stay}</Link>
      </p>
    </Layout>
  )
}
