import { useTexts } from './frame.tsx'
import { Layout } from './layout.tsx'
import { Form, Link } from './links.tsx'

interface MessageProps {
  readonly title: string
  readonly text: string
}

/** A page that says one thing and leads back. */
export function MessagePage({ title, text }: MessageProps) {
  const { session } = useTexts()
  return (
    <Layout title={title}>
      <h1>{title}</h1>
      <p class="lead">{text}</p>
      <p>
        <Link class="button" href="/">
          {session.start}
        </Link>
      </p>
    </Layout>
  )
}

/** Asks before signing out, because a link alone must not do it. */
export function SignOutPage({ name }: { readonly name: string }) {
  const { session } = useTexts()
  return <AskSignOutPage title={session.signOutTitle} text={session.signOutQuestion(name)} stay={session.stay} />
}

/** For somebody who signs up while signed in, perhaps as somebody else than they think. */
export function SignedInPage({ name }: { readonly name: string }) {
  const { account, session } = useTexts()
  const { signedInTitle, signedIn } = account.signUp
  return <AskSignOutPage title={signedInTitle} text={signedIn(name)} stay={session.dashboard} />
}

function AskSignOutPage({ title, text, stay }: MessageProps & { readonly stay: string }) {
  const { session } = useTexts()
  return (
    <Layout title={title}>
      <h1>{title}</h1>
      <p class="lead">{text}</p>
      <Form method="post" action="/logout" class="row">
        <button type="submit">{session.signOut}</button>
        <Link class="button quiet" href="/dashboard">
          {stay}
        </Link>
      </Form>
    </Layout>
  )
}
