import { Layout } from './layout.tsx'

interface MessageProps {
  readonly title: string
  readonly text: string
}

/** A page that says one thing and leads back. */
export function MessagePage({ title, text }: MessageProps) {
  return (
    <Layout title={title}>
      <h1>{title}</h1>
      <p class="lead">{text}</p>
      <p>
        <a class="button" href="/">
          Go to the start
        </a>
      </p>
    </Layout>
  )
}

/** Asks before signing out, because a link alone must not do it. */
export function SignOutPage({ name }: { readonly name: string }) {
  return (
    <Layout title="Sign out" name={name}>
      <h1>Sign out?</h1>
      <p class="lead">{`You are signed in as ${name} on this device.`}</p>
      <form method="post" action="/logout" class="row">
        <button type="submit">Sign out</button>
        <a class="button quiet" href="/dashboard">
          Stay
        </a>
      </form>
    </Layout>
  )
}

/** For somebody who signs up while signed in, perhaps as somebody else than they think. */
export function SignedInPage({ name }: { readonly name: string }) {
  return (
    <Layout title="Signed in already" name={name}>
      <h1>No account was made</h1>
      <p class="lead">{`You are signed in as ${name}. Sign out first, then create another account.`}</p>
      <form method="post" action="/logout" class="row">
        <button type="submit">Sign out</button>
        <a class="button quiet" href="/dashboard">
          Go to the dashboard
        </a>
      </form>
    </Layout>
  )
}
