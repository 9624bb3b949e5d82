import type { Child } from 'hono/jsx'
import { useFrame, useTexts } from './frame.tsx'
import { Layout } from './layout.tsx'
import { Link } from './links.tsx'
import { Time } from './time.tsx'

interface DashboardProps {
  readonly name: string
  readonly role: string
  readonly permissions: readonly string[]
  readonly device: string | null
  readonly address: string | null
  readonly signedInAt: number
  readonly lastSeenAt: number
  readonly endsAt: number
  readonly expiresAt: number
}

export function DashboardPage(props: DashboardProps) {
  const { name, role, permissions, device, address, signedInAt, lastSeenAt, endsAt, expiresAt } = props
  const { preferences, session } = useTexts()
  const { language, theme } = useFrame()
  return (
    <Layout title={session.dashboard} width="wide">
      <h1>{session.welcome(name)}</h1>
      <section class="card" aria-labelledby="session">
        <h2 id="session">{session.thisSession}</h2>
        <dl>
          <Fact term={session.role}>{role}</Fact>
          <Fact term={session.permissions}>{permissions.length === 0 ? session.none : permissions.join(', ')}</Fact>
          <Fact term={session.device}>{device ?? session.unknownDevice}</Fact>
          <Fact term={session.address}>{address ?? session.unknownAddress}</Fact>
          <Fact term={session.signedIn}>
            <Time at={signedInAt} />
          </Fact>
          <Fact term={session.lastActive}>
            <Time at={lastSeenAt} />
          </Fact>
          <Fact term={session.endsIfIdle}>
            <Time at={endsAt} />
          </Fact>
          <Fact term={session.endsAnyway}>
            <Time at={expiresAt} />
          </Fact>
        </dl>
        <p class="row">
          <Link class="button" href="/account/sessions">
            {session.allDevices}
          </Link>
        </p>
      </section>
      <section class="card" aria-labelledby="preferences">
        <h2 id="preferences">{preferences.inEffect}</h2>
        <dl>
          <Fact term={preferences.theme}>{theme === null ? preferences.asBrowser : preferences.themes[theme]}</Fact>
          <Fact term={preferences.language}>{preferences.languages[language]}</Fact>
        </dl>
        <p class="row">
          <Link class="button quiet" href="/account/preferences">
            {preferences.title}
          </Link>
        </p>
      </section>
    </Layout>
  )
}

/** One line of a list of facts. */
function Fact({ term, children }: { readonly term: string; readonly children: Child }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}
