import { LONGEST_PASSWORD } from '../accounts/passwords.ts'
import { CredentialsForm, focusOf } from './credentials.tsx'
import { useTexts } from './frame.tsx'
import { Layout, markOf, Notice, type NoticeText } from './layout.tsx'

interface SetUpProps {
  readonly notice?: NoticeText | null
  readonly code: string
  readonly username?: string
  /** The least length of a password. */
  readonly least: number
  readonly once: string
}

/** Makes the first administrator. */
export function SetUpPage({ notice = null, code, username = '', least, once }: SetUpProps) {
  const { account } = useTexts()
  const autocomplete = 'new-password'
  return (
    <Layout title={account.setUp.title}>
      <h1>{account.setUp.title}</h1>
      <Notice notice={notice} />
      <p class="lead">{account.setUp.lead}</p>
      <CredentialsForm
        action="/setup"
        nameLabel={account.name}
        button={account.setUp.button}
        username={username}
        autocomplete={autocomplete}
        hint={account.passwordHint(least, LONGEST_PASSWORD)}
        notice={notice}
        once={once}
      >
        <label>
          {account.setUp.code}
          <input
            name="code"
            value={code}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            autofocus={focusOf({ notice, username, autocomplete }) === 'code'}
            {...markOf(notice, 'code')}
          />
        </label>
      </CredentialsForm>
    </Layout>
  )
}
