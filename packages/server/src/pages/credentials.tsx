import type { Child } from 'hono/jsx'
import { LONGEST_NAME } from '../accounts/names.ts'
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from '../accounts/passwords.ts'
import { Layout, Notice } from './layout.tsx'

interface FormProps {
  readonly action: string
  readonly button: string
  readonly username: string
  readonly autocomplete: 'new-password' | 'current-password'
  readonly hint?: string
  readonly invalid: boolean
  readonly children?: Child
}

function CredentialsForm({ action, button, username, autocomplete, hint, invalid, children }: FormProps) {
  const hinted = hint === undefined ? {} : { 'aria-describedby': 'password-hint' }
  const marked = invalid ? { 'aria-invalid': 'true' as const } : {}
  return (
    <form method="post" action={action} class="card stack">
      <label>
        Name
        <input
          name="username"
          value={username}
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          maxlength={LONGEST_NAME}
          required
          autofocus={username === ''}
          {...marked}
        />
      </label>
      <label>
        Password
        <input
          name="password"
          type="password"
          autocomplete={autocomplete}
          required
          autofocus={username !== ''}
          {...hinted}
          {...marked}
        />
      </label>
      {hint === undefined ? null : (
        <p class="hint" id="password-hint">
          {hint}
        </p>
      )}
      {children}
      <button type="submit">{button}</button>
    </form>
  )
}

interface SignUpProps {
  readonly error?: string
  readonly username?: string
}

export function SignUpPage({ error, username = '' }: SignUpProps) {
  return (
    <Layout title="Create an account">
      <h1>Create an account</h1>
      {error === undefined ? null : <Notice kind="bad">{error}</Notice>}
      <CredentialsForm
        action="/signup"
        button="Create account"
        username={username}
        autocomplete="new-password"
        hint={`${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters of any kind. A few words in a row are easy to remember.`}
        invalid={error !== undefined}
      />
      <p class="aside">
        Already have an account? <a href="/login">Sign in</a>
      </p>
    </Layout>
  )
}

interface SignInProps {
  readonly error?: string
  readonly notice?: { readonly kind: 'good' | 'plain'; readonly text: string } | null
  readonly username?: string
  /** The path to which one returns. */
  readonly next: string
}

export function SignInPage({ error, notice = null, username = '', next }: SignInProps) {
  return (
    <Layout title="Sign in">
      <h1>Sign in</h1>
      {notice === null ? null : <Notice kind={notice.kind}>{notice.text}</Notice>}
      {error === undefined ? null : <Notice kind="bad">{error}</Notice>}
      <CredentialsForm
        action="/login"
        button="Sign in"
        username={username}
        autocomplete="current-password"
        invalid={error !== undefined}
      >
        <input type="hidden" name="next" value={next} />
      </CredentialsForm>
      <p class="aside">
        New here? <a href="/signup">Create an account</a>
      </p>
    </Layout>
  )
}
