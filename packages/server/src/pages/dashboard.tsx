import { Layout } from './layout.tsx'
import { Time } from './time.tsx'

interface DashboardProps {
  readonly name: string
  readonly device: string
  readonly address: string | null
  readonly signedInAt: number
  readonly lastSeenAt: number
  readonly endsAt: number
  readonly expiresAt: number
  readonly now: number
}

export function DashboardPage(props: DashboardProps) {
  const { name, device, address, signedInAt, lastSeenAt, endsAt, expiresAt, now } = props
  return (
    <Layout title="Dashboard" name={name}>
      <h1>{`Welcome, ${name}!`}</h1>
      <section class="card" aria-labelledby="session">
        <h2 id="session">This session</h2>
        <dl>
          <div>
            <dt>Device</dt>
            <dd>{device}</dd>
          </div>
          <div>
            <dt>Address</dt>
            <dd>{address ?? 'unknown'}</dd>
          </div>
          <div>
            <dt>Signed in</dt>
            <dd>
              <Time at={signedInAt} now={now} />
            </dd>
          </div>
          <div>
            <dt>Last active</dt>
            <dd>
              <Time at={lastSeenAt} now={now} />
            </dd>
          </div>
          <div>
            <dt>Ends if you do nothing</dt>
            <dd>
              <Time at={endsAt} now={now} />
            </dd>
          </div>
          <div>
            <dt>Ends in any case</dt>
            <dd>
              <Time at={expiresAt} now={now} />
            </dd>
          </div>
        </dl>
        <p class="row">
          <a class="button" href="/account/sessions">
            All your devices
          </a>
        </p>
      </section>
    </Layout>
  )
}
