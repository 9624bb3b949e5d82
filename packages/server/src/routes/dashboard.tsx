import type { Context } from 'hono'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { DashboardPage } from '../pages/dashboard.tsx'
import { renderPage } from '../pages/render.tsx'
import { ORDINARY, permissionsOf, rolesWith } from '../roles.ts'
import { signedIn } from './guard.ts'

export async function showDashboard(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { createdAt, authenticatedAt, lastSeenAt, endsAt, expiresAt, client } = session
  const now = Date.now()
  const role = session.data.role ?? ORDINARY
  const page = (
    <DashboardPage
      name={session.data.name ?? ''}
      role={role}
      permissions={permissionsOf(role, rolesWith(c.get('services').config.roles))}
      device={client?.label ?? null}
      address={client?.address ?? null}
      signedInAt={authenticatedAt ?? createdAt ?? now}
      lastSeenAt={lastSeenAt ?? now}
      endsAt={endsAt ?? now}
      expiresAt={expiresAt ?? now}
    />
  )
  return await renderPage(c, page)
}

/** The start leads to where one belongs. */
export async function showStart(c: Context<Environment>) {
  const session = await c.get('openSession')()
  return leadTo(c, session.signedIn ? '/dashboard' : '/login')
}
