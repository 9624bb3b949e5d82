import type { Child } from 'hono/jsx'

interface LayoutProps {
  readonly title: string
  /** The name of who is signed in; null on pages for everybody. */
  readonly name?: string | null
  readonly children: Child
}

/** The frame of every page. It works without scripts, and there are none. */
export function Layout({ title, name = null, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Coatcheck`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <header class="top">
          <a class="brand" href="/">
            <Hanger />
            Coatcheck
          </a>
          {name === null ? null : <Navigation />}
        </header>
        <main id="content" class={name === null ? 'narrow' : 'wide'}>
          {children}
        </main>
      </body>
    </html>
  )
}

function Navigation() {
  return (
    <nav aria-label="Account">
      <a href="/dashboard">Dashboard</a>
      <a href="/account/sessions">Devices</a>
      <form method="post" action="/logout">
        <button type="submit" class="quiet">
          Sign out
        </button>
      </form>
    </nav>
  )
}

/** A coat hanger. */
function Hanger() {
  return (
    <svg
      viewBox="0 0 24 24"
      width="26"
      height="26"
      fill="none"
      stroke="currentColor"
      stroke-width="1.9"
      aria-hidden="true"
    >
      <path
        stroke-linecap="round"
        stroke-linejoin="round"
        d="M9.5 6.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.7v.6L2.8 16.6c-1.2.8-.7 2.4.7 2.4h17c1.4 0 1.9-1.6.7-2.4L12 11"
      />
    </svg>
  )
}

type NoticeKind = 'good' | 'bad' | 'plain'

/** A sentence that a screen reader announces. */
export function Notice({ kind, children }: { readonly kind: NoticeKind; readonly children: Child }) {
  return (
    <p class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      {children}
    </p>
  )
}
