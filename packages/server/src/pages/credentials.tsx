import type { Child } from 'hono/jsx'
import { LONGEST_NAME } from '../accounts/names.ts'
import { LONGEST_PASSWORD } from '../accounts/passwords.ts'
import { FAILURES } from '../actions/windows.ts'
import { OnceField } from './fields.tsx'
import { useTexts } from './frame.tsx'
import { type FieldKind, Layout, markOf, Notice, type NoticeText } from './layout.tsx'
import { Form, Link } from './links.tsx'

interface FormProps {
  readonly action: string
  readonly nameLabel: string
  readonly button: string
  readonly username: string
  readonly autocomplete: 'new-password' | 'current-password'
  readonly hint?: string
  readonly notice: NoticeText | null
  /** The form's one-time value. */
  readonly once: string
  readonly children?: Child
}

/** Which field has the focus: the one that a notice is about, else the first that is empty. Of two, nobody knows which is wrong. */
export function focusOf({
  notice,
  username,
  autocomplete,
}: Pick<FormProps, 'notice' | 'username' | 'autocomplete'>): FieldKind {
  const [fault, ...others] = notice?.fields ?? []
  if (fault !== undefined && others.length === 0) return fault
  return username === '' ? 'username' : autocomplete
}

/** A name and a password, with what else a form needs below them. */
export function CredentialsForm({
  action,
  nameLabel,
  button,
  username,
  autocomplete,
  hint,
  notice,
  once,
  children,
}: FormProps) {
  const { account } = useTexts()
  const focus = focusOf({ notice, username, autocomplete })
  const hinted = hint === undefined ? {} : { 'aria-describedby': 'password-hint' }
  return (
    <Form method="post" action={action} class="card stack">
      <OnceField once={once} />
      <label>
        {nameLabel}
        <input
          name="username"
          value={username}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          maxlength={autocomplete === 'new-password' ? LONGEST_NAME : 254}
          required
          autofocus={focus === 'username'}
          {...markOf(notice, 'username')}
        />
      </label>
      <label>
        {account.password}
        <input
          name="password"
          type="password"
          autocomplete={autocomplete}
          required
          autofocus={focus === autocomplete}
          {...hinted}
          {...markOf(notice, autocomplete)}
        />
      </label>
      {hint === undefined ? null : (
        <p class="hint" id="password-hint">
          {hint}
        </p>
      )}
      {children}
      <button type="submit">{button}</button>
    </Form>
  )
}

interface SignUpProps {
  readonly notice?: NoticeText | null
  readonly username?: string
  /** The least length of a password. */
  readonly least: number
  /** The code of an invitation; empty: none. */
  readonly invitation?: string
  readonly once: string
}

export function SignUpPage({ notice = null, username = '', least, invitation = '', once }: SignUpProps) {
  const { account } = useTexts()
  return (
    <Layout title={account.signUp.title}>
      <h1>{account.signUp.title}</h1>
      <Notice notice={notice} />
      <CredentialsForm
        action="/signup"
        nameLabel={account.name}
        button={account.signUp.button}
        username={username}
        autocomplete="new-password"
        hint={account.passwordHint(least, LONGEST_PASSWORD)}
        notice={notice}
        once={once}
      >
        {invitation === '' ? null : <input type="hidden" name="invitation" value={invitation} />}
      </CredentialsForm>
      <p class="aside">
        {account.signUp.already} <Link href="/login">{account.signIn.title}</Link>
      </p>
    </Layout>
  )
}

interface SignInProps {
  readonly notice?: NoticeText | null
  readonly username?: string
  /** The path to which one returns. */
  readonly next: string
  /** Whether anybody may make an account. */
  readonly isOpen: boolean
  readonly once: string
  /** Whether a forgotten password can be replaced by mail; without it no account has an address either. */
  readonly hasMail: boolean
  /** Whether name and password did not fit, or were refused as if. */
  readonly isInvalid?: boolean
}

export function SignInPage({
  notice = null,
  username = '',
  next,
  isOpen,
  once,
  hasMail,
  isInvalid = false,
}: SignInProps) {
  const { account, ownAccount } = useTexts()
  return (
    <Layout title={account.signIn.title}>
      <h1>{account.signIn.title}</h1>
      <Notice notice={notice} />
      <CredentialsForm
        action="/login"
        nameLabel={hasMail ? account.nameOrEmail : account.name}
        button={account.signIn.button}
        username={username}
        autocomplete="current-password"
        notice={notice}
        once={once}
      >
        <input type="hidden" name="next" value={next} />
      </CredentialsForm>
      {isInvalid ? <p class="aside">{account.signIn.lockedHint(FAILURES / 60_000)}</p> : null}
      {hasMail ? (
        <p class="aside">
          <Link href="/forgot">{ownAccount.reset.link}</Link>
        </p>
      ) : null}
      {isOpen ? (
        <p class="aside">
          {account.signIn.newHere} <Link href="/signup">{account.signUp.title}</Link>
        </p>
      ) : null}
    </Layout>
  )
}
