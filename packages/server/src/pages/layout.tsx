import type { Child } from 'hono/jsx'
import { ADMINISTRATOR } from '../roles.ts'
import { useFrame, useTexts } from './frame.tsx'
import { Form, Link } from './links.tsx'

interface LayoutProps {
  readonly title: string
  /** As narrow as a form, as wide as a list, or as broad as a table. */
  readonly width?: 'narrow' | 'wide' | 'broad'
  readonly children: Child
}

/** The frame of every page. It works without scripts. */
export function Layout({ title, width = 'narrow', children }: LayoutProps) {
  const { language, theme, name, base } = useFrame()
  const { session } = useTexts()
  return (
    <html lang={language} {...(theme === null ? {} : { 'data-theme': theme })}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme ?? 'light dark'} />
        <title>{`${title} · Coatcheck`}</title>
        <link rel="icon" href={`${base}/assets/icon.svg`} type="image/svg+xml" />
        <link rel="stylesheet" href={`${base}/assets/style.css`} />
        <script src={`${base}/assets/page.js`} type="module" />
        {name === null ? null : <script src={`${base}/assets/session.js`} type="module" />}
      </head>
      <body>
        <a class="skip" href="#content">
          {session.skip}
        </a>
        <header class="top">
          <Link class="brand" href="/">
            <Hanger />
            Coatcheck
          </Link>
          {name === null ? null : <Navigation />}
        </header>
        {name === null ? null : <Over />}
        <main id="content" class={width}>
          {children}
        </main>
      </body>
    </html>
  )
}

/** What an open page says when its session is over; a script puts the reason into it. */
function Over() {
  const { session } = useTexts()
  return (
    <div class="notice bad over" id="over" role="alert" hidden>
      <span>{session.over.text}</span> <Link href="/login">{session.over.link}</Link>
    </div>
  )
}

/** Whether a page is one, or below it. */
export const isWithin = (path: string, href: string): boolean => path === href || path.startsWith(`${href}/`)

function Navigation() {
  const { administration, session } = useTexts()
  const { role, path } = useFrame()
  const links = [
    ['/dashboard', session.dashboard],
    ['/account/sessions', session.devices],
    ['/account', session.navigation],
    ...(role === ADMINISTRATOR ? [['/admin', administration.title] as const] : []),
  ] as const
  // The page, or the nearest one above it.
  const [current] = links
    .map(([href]) => href)
    .filter((href) => isWithin(path, href))
    .toSorted((a, b) => b.length - a.length)
  return (
    <nav aria-label={session.navigation}>
      {links.map(([href, text]) => (
        <Link href={href} aria-current={href === current ? 'page' : undefined}>
          {text}
        </Link>
      ))}
      <Form method="post" action="/logout">
        <button type="submit" class="quiet">
          {session.signOut}
        </button>
      </Form>
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

/** What a field of a form holds, by the names of HTML where it has one. */
export type FieldKind = 'username' | 'current-password' | 'new-password' | 'email' | 'code'

export interface NoticeText {
  readonly kind: NoticeKind
  readonly text: string
  /** The fields that it is about. */
  readonly fields?: readonly FieldKind[]
}

/** How a field is marked that a notice is about. */
export const markOf = (notice: NoticeText | null, field: FieldKind): { 'aria-invalid'?: 'true' } =>
  notice?.fields?.includes(field) === true ? { 'aria-invalid': 'true' } : {}

/** A sentence that a screen reader announces; nothing where there is none. */
export function Notice({ notice }: { readonly notice: NoticeText | null }) {
  if (notice === null) return null
  return (
    <p class={`notice ${notice.kind}`} role={notice.kind === 'bad' ? 'alert' : 'status'}>
      {notice.text}
    </p>
  )
}
