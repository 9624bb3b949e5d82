import type { Context } from 'hono'
import { leadTo, outerPath } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { type OriginalRequest, originalRequest } from '../gate/original.ts'
import { type GateRule, plainPath, ruleFor } from '../gate/rules.ts'
import { ORDINARY, permissionsOf, rolesWith } from '../roles.ts'
import type { ServerSession } from '../session-data.ts'
import { problem } from './messages.tsx'

const UNKNOWN =
  'The proxy did not say what was asked for: let it send X-Original-Method and X-Original-URI, or X-Forwarded-Method and X-Forwarded-Uri.'

/**
 * Answers a proxy that asks whether a request may pass: 200 and whose it is, 401 with the address of the sign-in (or of
 * where the password is entered again), 403, or 503 where nobody can tell. `X-Coatcheck-*` are always there, empty where
 * there is nobody, so that a proxy that copies them overwrites what a client made up.
 */
export async function answerGate(c: Context<Environment>): Promise<Response> {
  const asked = originalRequest(c.req.raw.headers)
  if (asked === null) return problem(c, 400, 'Bad Request', UNKNOWN, 'unknown-request')
  const path = plainPath(asked.uri.split('?', 1)[0] ?? '')
  const rule = path === null ? null : ruleFor(path, c.get('services').config.gateRules)
  if (rule === null) return problem(c, 403, 'Forbidden', 'This path can be read in two ways.', 'ambiguous-path')
  const foreign = rule.anySite ? null : await foreignOrigin(c, asked)
  if (foreign !== null) return foreign
  const session = await c.get('openSession')()
  const refused = refusal(c, session, rule, asked)
  if (refused !== null) return refused
  const { name = '', role = ORDINARY } = session.signedIn ? session.data : { role: '' }
  c.header('X-Coatcheck-User', encodeURIComponent(name))
  c.header('X-Coatcheck-User-Id', session.userId ?? '')
  c.header('X-Coatcheck-Role', role)
  c.header('X-Coatcheck-Session', session.signedIn ? (session.id ?? '') : '')
  c.header('Cache-Control', 'no-store')
  return c.body(null, 200)
}

/** The defence of applications that have none of their own: an unsafe request of another site's page does not pass (CSRF). */
async function foreignOrigin(c: Context<Environment>, { method }: OriginalRequest): Promise<Response | null> {
  const { sessions } = c.get('services')
  const { headers, url } = c.req.raw
  // nginx keeps `Upgrade` to itself, so the handshake of a WebSocket looks like any GET but for what the browser says of it.
  const isHandshake = headers.has('sec-websocket-key') || headers.get('sec-fetch-mode') === 'websocket'
  const asked = isHandshake ? { method: 'GET', headers: upgrading(headers), url } : { method, headers, url }
  const fault = await sessions.csrfFault(asked, { open: c.get('openSession'), readsForms: false })
  if (fault === null) return null
  return problem(c, 403, 'Forbidden', 'This request came from another site.', fault.reason)
}

function upgrading(headers: Headers): { get(name: string): string | null } {
  return { get: (name) => (name === 'upgrade' ? 'websocket' : headers.get(name)) }
}

function refusal(
  c: Context<Environment>,
  session: ServerSession,
  { anyone, roles, permissions, fresh }: GateRule,
  asked: OriginalRequest,
): Response | null {
  if (anyone) return null
  if (!session.signedIn) return lead(c, '/login', asked, 'not-signed-in')
  const role = session.data.role ?? ORDINARY
  const own = permissionsOf(role, rolesWith(c.get('services').config.roles))
  const mayAll = own.includes('*')
  const isAllowed =
    (roles.length === 0 || roles.includes(role)) && permissions.every((one) => mayAll || own.includes(one))
  if (!isAllowed) return problem(c, 403, 'Forbidden', 'This is not for your role.', 'forbidden')
  return fresh === null || session.isFresh(fresh) ? null : lead(c, '/reauth', asked, 'not-fresh')
}

/** The address of ours that lets one in; after it one returns to what was asked for, where that can be asked again. */
function lead(c: Context<Environment>, page: string, { method, uri }: OriginalRequest, reason: string): Response {
  const next = method === 'GET' ? `?next=${encodeURIComponent(uri)}` : ''
  // For proxies that pass a refusal on as it is: `?redirect` leads pages there at once.
  const isPage = /text\/html/i.test(c.req.header('accept') ?? '')
  if (isPage && c.req.query('redirect') !== undefined) return leadTo(c, `${page}${next}`)
  c.header('Location', outerPath(c, `${page}${next}`))
  c.header('WWW-Authenticate', 'Session')
  return problem(c, 401, 'Unauthorized', 'Sign in first.', reason)
}
