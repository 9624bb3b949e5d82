import { type KnownOf, refuseUnknown } from '../core/base/unknown-options.ts'
import { type Wanted, wantsPage } from '../core/http/fault-answer.ts'
import { milliseconds } from '../core/record/duration.ts'
import { type Freshness, refuseUnknownFreshness } from '../core/sessions/required-freshness.ts'
import type { Session } from '../core/sessions/session.ts'
import { OptionError, StoreUnavailableError } from '../errors.ts'

/**
 * What a session has to be for a handler to be called. Whatever is asked, it has to be signed in. Roles and permissions
 * are read from the session's data: `role` (a text) or `roles` (a list), and `permissions` (a list); so they change with
 * `sessions.updateUser`, in force at the next request.
 */
export interface Requirement<Data extends object> {
  /** One of these roles. */
  readonly role?: string | readonly string[] | undefined
  /** All of these permissions. */
  readonly permission?: string | readonly string[] | undefined
  /** Authenticated this recently and this strongly (ASVS 7.5.1). */
  readonly fresh?: Freshness | undefined
  /** Anything else. False refuses as `forbidden`. */
  readonly where?: ((session: Session<Data>) => boolean | Promise<boolean>) | undefined
}

/** Why a guard refuses. `stale`: the last authentication is not recent or strong enough. */
export type GuardRefusal = 'signed-out' | 'stale' | 'forbidden'

const KNOWN: KnownOf<Requirement<never>> = { role: null, permission: null, fresh: null, where: null }

const PAGES: KnownOf<GuardPages> = { signIn: null, reauthenticate: null }

/**
 * Refuses a requirement that nobody knows, or that has a name and no value, such as that of a misspelt constant: a guard that
 * passes over it lets everybody through. @throws OptionError
 */
export function refuseUnknownRequirement(requirement: Omit<Requirement<never>, 'where'>, pages: GuardPages = {}): void {
  if (typeof requirement !== 'object' || requirement === null) {
    throw new OptionError('requirement', 'an object: `{}` asks for somebody who is signed in, `{ role: … }` for more.')
  }
  refuseUnknown(requirement, KNOWN, 'requirement')
  for (const [name, value] of Object.entries(requirement)) {
    if (value !== undefined && value !== null) continue
    throw new OptionError(`requirement.${name}`, 'it has no value. Leave it out where nothing is asked for.')
  }
  refuseUnknown(pages, PAGES, 'pages')
  if (requirement.fresh !== undefined) refuseUnknownFreshness(requirement.fresh)
}

/**
 * Null where the session is what is required. Freshness is asked last, so that nobody signs in anew for nothing. Where the
 * store is out nobody is sent to sign in. @throws OptionError, StoreUnavailableError
 */
export async function guardRefusal<Data extends object>(
  session: Session<Data>,
  requirement: Requirement<Data>,
): Promise<GuardRefusal | null> {
  refuseUnknownRequirement(requirement)
  const { role, permission, fresh, where } = requirement
  if (session.storeIsOut) throw new StoreUnavailableError('read', 'The store is out, so nobody knows who is asking.')
  if (!session.signedIn) return 'signed-out'
  if (role !== undefined && !listOf(role).some((one) => rolesOf(session.data).includes(one))) return 'forbidden'
  const permissions = textsIn(session.data, 'permissions')
  if (permission !== undefined && !listOf(permission).every((one) => permissions.includes(one))) return 'forbidden'
  if (where !== undefined && !(await where(session))) return 'forbidden'
  return fresh === undefined || session.isFresh(fresh) ? null : 'stale'
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

function rolesOf(data: object): readonly string[] {
  const role: unknown = Object.hasOwn(data, 'role') ? Reflect.get(data, 'role') : undefined
  return typeof role === 'string' ? [role, ...textsIn(data, 'roles')] : textsIn(data, 'roles')
}

function textsIn(data: object, key: string): readonly string[] {
  const value: unknown = Object.hasOwn(data, key) ? Reflect.get(data, key) : undefined
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** Where pages lead on a refusal. */
export interface GuardPages {
  /** Default `/login`. The path that was asked for is added as `next`. */
  readonly signIn?: string | undefined
  /** Where one authenticates again; default: the sign-in page. */
  readonly reauthenticate?: string | undefined
}

/** What of a request decides how it is refused. */
export interface GuardedRequest extends Wanted {
  readonly method: string
  /** Path and query. */
  readonly path: string
}

/** The answer to a refused request. */
export interface GuardAnswer {
  readonly status: 303 | 401 | 403
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const TITLES = {
  'signed-out': ['Unauthorized', 'Sign in first.'],
  stale: ['Unauthorized', 'Sign in again: this needs a more recent or a stronger authentication.'],
  forbidden: ['Forbidden', 'You may not do this.'],
} as const satisfies Record<GuardRefusal, readonly [title: string, detail: string]>

/** Pages are led to the sign-in, and return to where one was; everything else gets problem details (RFC 9457). */
export function guardAnswer(
  refusal: GuardRefusal,
  request: GuardedRequest,
  { role, permission, fresh }: Omit<Requirement<never>, 'where'>,
  pages: GuardPages = {},
): GuardAnswer {
  const isPage = wantsPage(request)
  if (isPage && refusal !== 'forbidden') return redirect(refusal, request, pages)
  const [title, detail] = TITLES[refusal]
  const status = refusal === 'forbidden' ? 403 : 401
  if (isPage) return answer(status, 'text/plain; charset=utf-8', `${title}. ${detail}\n`)
  const asked = refusal === 'stale' ? { maxAge: secondsOf(fresh), level: fresh?.level } : {}
  const problem = {
    type: 'about:blank',
    title,
    status,
    detail,
    reason: refusal,
    ...asked,
    ...missing(refusal, role, permission),
  }
  return answer(status, 'application/problem+json; charset=utf-8', JSON.stringify(problem))
}

/** What the client can say to a person: which role or permission it is that is missing. */
function missing(
  refusal: GuardRefusal,
  role: Requirement<never>['role'],
  permission: Requirement<never>['permission'],
) {
  return refusal === 'forbidden' ? { role, permission } : {}
}

function secondsOf(fresh: Freshness | undefined): number | undefined {
  return fresh?.maxAge === undefined ? undefined : Math.floor(milliseconds(fresh.maxAge, 'fresh.maxAge') / 1000)
}

function answer(status: 401 | 403, type: string, body: string): GuardAnswer {
  // RFC 9110 11.6.1 asks for a challenge; no registered scheme means a session's cookie.
  const challenge = status === 401 ? { 'www-authenticate': 'Session' } : {}
  return { status, headers: { 'content-type': type, 'cache-control': 'no-store', ...challenge }, body }
}

function redirect(refusal: GuardRefusal, { method, path }: GuardedRequest, pages: GuardPages): GuardAnswer {
  const signIn = pages.signIn ?? '/login'
  const page = refusal === 'stale' ? (pages.reauthenticate ?? signIn) : signIn
  // What a form has sent cannot be sent again by a redirect.
  const next =
    method === 'GET' || method === 'HEAD' ? `${page.includes('?') ? '&' : '?'}next=${encodeURIComponent(path)}` : ''
  return { status: 303, headers: { location: page + next, 'cache-control': 'no-store' }, body: '' }
}
