import { Layout, Notice } from './layout.tsx'
import { Time } from './time.tsx'

export interface Device {
  readonly id: string
  readonly name: string
  readonly address: string | null
  readonly signedInAt: number
  readonly lastSeenAt: number
  readonly current: boolean
}

interface DevicesProps {
  readonly name: string
  readonly devices: readonly Device[]
  readonly notice: string | null
  readonly now: number
}

export function DevicesPage({ name, devices, notice, now }: DevicesProps) {
  const others = devices.length - 1
  return (
    <Layout title="Your devices" name={name}>
      <h1>Your devices</h1>
      {notice === null ? null : <Notice kind="good">{notice}</Notice>}
      <p class="lead">
        {others === 0
          ? 'You are signed in on this device only.'
          : `You are signed in on ${devices.length} devices. End those that you do not know: they are signed out at once.`}
      </p>
      <ul class="devices">
        {devices.map((device) => (
          <DeviceItem device={device} now={now} />
        ))}
      </ul>
      {others < 1 ? null : (
        <form method="post" action="/account/sessions/end-others" class="row">
          <button type="submit" class="danger">
            {others === 1 ? 'End the other one' : `End the ${others} others`}
          </button>
        </form>
      )}
    </Layout>
  )
}

function DeviceItem({ device, now }: { readonly device: Device; readonly now: number }) {
  return (
    <li class="card device">
      <div>
        <h2>
          {device.name}
          {device.current ? <span class="badge">this device</span> : null}
        </h2>
        <p class="hint">
          {device.address ?? 'unknown address'} · signed in <Time at={device.signedInAt} now={now} /> · last active{' '}
          <Time at={device.lastSeenAt} now={now} />
        </p>
      </div>
      <form method="post" action={`/account/sessions/${device.id}/end`}>
        <button
          type="submit"
          class="quiet"
          aria-label={device.current ? `Sign out of ${device.name}, this device` : `End ${device.name}`}
        >
          {device.current ? 'Sign out' : 'End'}
        </button>
      </form>
    </li>
  )
}
