import { useTexts } from './frame.tsx'
import { Layout, Notice, type NoticeText } from './layout.tsx'
import { Form } from './links.tsx'
import { Time } from './time.tsx'

export interface Device {
  readonly id: string
  readonly name: string | null
  readonly address: string | null
  readonly signedInAt: number
  readonly lastSeenAt: number
  readonly current: boolean
}

interface DevicesProps {
  readonly devices: readonly Device[]
  readonly notice: NoticeText | null
}

export function DevicesPage({ devices, notice }: DevicesProps) {
  const { session } = useTexts()
  const others = devices.length - 1
  return (
    <Layout title={session.yourDevices} width="wide">
      <h1>{session.yourDevices}</h1>
      <Notice notice={notice} />
      <p class="lead">{others === 0 ? session.onlyThisDevice : session.manyDevices(devices.length)}</p>
      <ul class="devices">
        {devices.map((device) => (
          <DeviceItem device={device} />
        ))}
      </ul>
      {others < 1 ? null : (
        <div class="row">
          <Form method="post" action="/account/sessions/end-others">
            <button type="submit" class="danger">
              {session.endOthers(others)}
            </button>
          </Form>
          <Form method="post" action="/account/sessions/end-all">
            <button type="submit" class="quiet">
              {session.endAll}
            </button>
          </Form>
        </div>
      )}
    </Layout>
  )
}

function DeviceItem({ device }: { readonly device: Device }) {
  const { session } = useTexts()
  const name = device.name ?? session.unknownDevice
  return (
    <li class="card device">
      <div>
        <h2>
          {name}
          {device.current ? <span class="badge">{session.thisDevice}</span> : null}
        </h2>
        <p class="hint">
          {device.address ?? session.unknownAddress} · {session.signedIn.toLowerCase()} <Time at={device.signedInAt} />{' '}
          · {session.lastActive.toLowerCase()} <Time at={device.lastSeenAt} />
        </p>
      </div>
      <Form method="post" action={`/account/sessions/${device.id}/end`}>
        <button
          type="submit"
          class="quiet"
          aria-label={device.current ? session.signOutOf(name) : session.endOne(name)}
        >
          {device.current ? session.signOut : session.end}
        </button>
      </Form>
    </li>
  )
}
