import type { Services } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'
import { countAct } from './limits.ts'
import type { Refused } from './refusals.ts'

/** A device of the user who is signed in. */
export interface DeviceInfo {
  /** The session's public id. */
  readonly id: string
  /** Such as "Firefox on Windows"; null where nothing is known of it. */
  readonly name: string | null
  readonly address: string | null
  /** Epoch milliseconds, as the one below. */
  readonly signedInAt: number
  readonly lastSeenAt: number
  /** Whether it is the one that asks. */
  readonly current: boolean
}

/** The devices of the session's user, the one that asks first, then the newest. */
export async function listDevices({ sessions }: Services, { id, userId }: ServerSession): Promise<DeviceInfo[]> {
  if (userId === null) return []
  const list = await sessions.list(userId)
  const devices = list.map((info) => ({
    id: info.id,
    name: info.client.label ?? null,
    address: info.client.address ?? null,
    signedInAt: info.authenticatedAt ?? info.createdAt,
    lastSeenAt: info.id === id ? Date.now() : info.lastSeenAt,
    current: info.id === id,
  }))
  return devices.toSorted((a, b) => Number(b.current) - Number(a.current))
}

/** Ends one device of the session's user. `self`: it was the one that asks. `gone`: there was none, or it had ended. */
export async function endDevice(
  { sessions }: Services,
  session: ServerSession,
  id: string,
): Promise<'ended' | 'self' | 'gone'> {
  if (session.userId === null) return 'gone'
  if (id === session.id) {
    await session.signOut()
    return 'self'
  }
  const outcome = await sessions.revoke(id, null, { userId: session.userId })
  return outcome === 'ended' ? 'ended' : 'gone'
}

/** Ends all devices of the session's user, the one that asks included. */
export async function endAllDevices({ sessions }: Services, session: ServerSession): Promise<void> {
  const { userId } = session
  if (userId === null) return
  await session.signOut()
  await sessions.revokeUser(userId)
}

/** Ends all devices of the session's user but the one that asks; answers how many. */
export async function endOtherDevices(
  services: Services,
  { id, userId }: ServerSession,
): Promise<{ readonly ended: number } | Refused> {
  if (userId === null) return { ended: 0 }
  const over = await countAct(services, 'devices', userId)
  return over ?? { ended: await services.sessions.revokeUser(userId, { except: id }) }
}
