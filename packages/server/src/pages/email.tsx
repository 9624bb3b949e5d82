import { OwnerField, PasswordField } from './fields.tsx'
import { useFrame, useTexts } from './frame.tsx'
import { Layout, markOf, Notice, type NoticeText } from './layout.tsx'
import { Form } from './links.tsx'

interface EmailProps {
  readonly notice: NoticeText | null
  /** The present address; null where there is none. */
  readonly address: string | null
  /** What was typed. */
  readonly email: string
  /** Why no address can be set here; null where one can. */
  readonly unset: string | null
}

/** Sets the account's address, or takes it away. */
export function EmailPage({ notice, address, email, unset }: EmailProps) {
  const { ownAccount } = useTexts()
  const texts = ownAccount.email
  return (
    <Layout title={texts.title}>
      <h1>{texts.title}</h1>
      <Notice notice={notice} />
      <p class="lead">{address === null ? texts.none : texts.present(address)}</p>
      {unset === null ? <SetForm email={email} notice={notice} /> : <p class="notice">{unset}</p>}
      {address === null ? null : <RemoveForm />}
    </Layout>
  )
}

function SetForm({ email, notice }: Pick<EmailProps, 'email' | 'notice'>) {
  const { ownAccount } = useTexts()
  const { name } = useFrame()
  const { label, set, setButton } = ownAccount.email
  return (
    <Form method="post" action="/account/email" class="card stack">
      <OwnerField name={name ?? ''} />
      <label>
        {label}
        <input
          name="email"
          type="email"
          value={email}
          autocomplete="email"
          maxlength={254}
          required
          autofocus
          aria-describedby="email-hint"
          {...markOf(notice, 'email')}
        />
      </label>
      <p class="hint" id="email-hint">
        {set}
      </p>
      <PasswordField
        label={ownAccount.currentPassword}
        name="password"
        autocomplete="current-password"
        notice={notice}
      />
      <button type="submit">{setButton}</button>
    </Form>
  )
}

function RemoveForm() {
  const { ownAccount } = useTexts()
  const { name } = useFrame()
  const { remove, removeButton } = ownAccount.email
  return (
    <Form method="post" action="/account/email/remove" class="card stack row">
      <OwnerField name={name ?? ''} />
      <PasswordField label={ownAccount.currentPassword} name="password" autocomplete="current-password" notice={null} />
      <p class="hint">{remove}</p>
      <button type="submit" class="danger">
        {removeButton}
      </button>
    </Form>
  )
}

interface VerifyProps {
  readonly address: string
  /** The account that the address will belong to. */
  readonly name: string
  readonly code: string
}

/** A mail's link leads here: a button, because programs that look at mails open links. */
export function VerifyPage({ address, name, code }: VerifyProps) {
  const { ownAccount } = useTexts()
  const { verifyTitle, verifyQuestion, verifyButton } = ownAccount.email
  return (
    <Layout title={verifyTitle}>
      <h1>{verifyTitle}</h1>
      <p class="lead">{verifyQuestion(address, name)}</p>
      <Form method="post" action="/verify" class="row">
        <input type="hidden" name="code" value={code} />
        <button type="submit">{verifyButton}</button>
      </Form>
    </Layout>
  )
}
