import { useFrame, useTexts } from './frame.tsx'
import { Layout, markOf, Notice, type NoticeText } from './layout.tsx'
import { Form } from './links.tsx'

interface ReauthenticateProps {
  readonly notice?: NoticeText | null
  /** The path to which one returns. */
  readonly next: string
}

/** Asks for the password again, before what cannot be undone. */
export function ReauthenticatePage({ notice = null, next }: ReauthenticateProps) {
  const { account, session } = useTexts()
  const { name } = useFrame()
  return (
    <Layout title={account.reauthenticate.title}>
      <h1>{account.reauthenticate.title}</h1>
      <Notice notice={notice} />
      <p class="lead">{account.reauthenticate.why(name ?? '')}</p>
      <Form method="post" action="/reauth" class="card stack">
        {/* For password managers, which look for whose password it is. */}
        <input type="text" name="username" value={name ?? ''} autocomplete="username" readonly hidden />
        <label>
          {account.password}
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            autofocus
            {...markOf(notice, 'current-password')}
          />
        </label>
        <input type="hidden" name="next" value={next} />
        <button type="submit">{account.reauthenticate.button}</button>
      </Form>
      <p class="aside">
        <a href={next}>{session.back}</a>
      </p>
    </Layout>
  )
}
