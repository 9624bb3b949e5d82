import { getConnInfo } from '@hono/node-server/conninfo'
import { createSessions, defaults, presets, type Store } from 'coatcheck'
import { requestSession } from 'coatcheck/adapters/fetch'
import type { Context, MiddlewareHandler } from 'hono'
import { addressOf } from './base-path.ts'
import type { BesideName } from './config/cookie-names.ts'
import { millisecondsOf } from './config/settings.ts'
import type { Config } from './config.ts'
import { deviceName } from './devices.ts'
import type { Environment } from './environment.ts'
import type { ServerSessions, SessionData } from './session-data.ts'

/** More than anybody uses, and a list that a person can still read. */
export const PER_USER = 100

/** The server's sessions, in the same file as its accounts; `warn` is told what the library warns of. @throws OptionError where settings are at odds with another */
export function makeSessions(
  store: Store,
  keys: string,
  {
    origin,
    trustedOrigins,
    trustProxy,
    timeouts,
    cookieName,
  }: Pick<Config, 'origin' | 'trustedOrigins' | 'trustProxy' | 'timeouts' | 'cookieName'>,
  warn: (text: string) => void,
): ServerSessions {
  return createSessions<SessionData>({
    store,
    keys,
    origin: origin ?? undefined,
    trustProxy: trustProxy ?? undefined,
    cookie: { name: cookieName, anonymousName: besideName(cookieName, 'vid') },
    policy: {
      preset: timeouts.preset ?? undefined,
      idle: timeouts.idle ?? undefined,
      absolute: timeouts.absolute ?? undefined,
    },
    csrf: { refererFallback: true, trustedOrigins },
    sessionsPerUser: { max: PER_USER, atLimit: 'end-idlest' },
    runtime: { warn },
  })
}

/** The name of another cookie of ours: of its own where that of the session is, so that two servers of one host do not meet. */
export const besideName = (cookieName: string, usual: BesideName): string =>
  cookieName === defaults.cookie.name ? usual : `${cookieName}-${usual}`

/** How long a session lives whatever happens, in milliseconds. */
export function absoluteOf({ timeouts: { absolute, preset } }: Pick<Config, 'timeouts'>): number {
  const { absolute: usual } = preset === null ? defaults.policy : presets[preset]
  return millisecondsOf(absolute ?? usual)
}

/** After how long without activity a session is over, in milliseconds; null: never. As the library works it out. */
export function idleOf({ timeouts }: Pick<Config, 'timeouts'>): number | null {
  const usual = timeouts.preset === null ? defaults.policy.idle : presets[timeouts.preset].idle
  const idle = timeouts.idle ?? usual
  if (idle === 'none') return null
  return timeouts.idle === null ? Math.min(millisecondsOf(idle), absoluteOf({ timeouts })) : millisecondsOf(idle)
}

/** Gives the routes their session, and refuses what other sites' pages send (CSRF): before anything is answered. */
export function withSessions(sessions: ServerSessions): MiddlewareHandler<Environment> {
  return async function openAndCheck(c, next) {
    const { open, answered, finish } = requestSession(sessions, c.req.raw, {
      client: () => clientOf(c),
      whenStoreIsOut: () => (isSignOut(c) ? 'anonymous' : 'throw'),
    })
    const openSession = async () => {
      const session = await open()
      c.set('session', session)
      return session
    }
    c.set('openSession', openSession)
    c.set('finishSession', finish)
    try {
      const fault = await sessions.csrfFault(c.req.raw, { client: () => clientOf(c), open, readsForms: false })
      if (fault !== null) throw fault
      await next()
    } finally {
      // A refusal and a kept answer never come to `finish`, and their requests must hold neither memory nor the session.
      answered()
    }
  }
}

/** Commits the session when the routes have answered. What keeps answers stands before it, so that they hold its cookie. */
export const commitSessions: MiddlewareHandler<Environment> = async (c, next) => {
  await next()
  const answer = await c.get('finishSession')(c.res)
  // Hono gives a response that replaces another one the cookies of the other, and those alone; the session's would be lost.
  c.res = undefined
  c.res = answer
}

/** Who signs out while sessions cannot be reached leaves no cookie behind all the same. */
function isSignOut({ req: { method, path } }: Context): boolean {
  return method === 'POST' && (path === '/logout' || path === '/api/sign-out')
}

function clientOf(c: Context) {
  return {
    address: getConnInfo(c).remote.address ?? null,
    /** Worked out when it is asked for: only a new session does, and each request makes one of these. */
    get label() {
      return deviceName(c.req.header('user-agent') ?? null)
    },
  }
}

/**
 * What links in mails begin with: the configured origin, or this machine's own by the port on which the request came, and the
 * base path. Null elsewhere, because a visitor could name any host and port, and the code in the link would go there: also to
 * another program on the machine of the reader.
 */
export function linkOriginOf(c: Context<Environment>): string | null {
  const { origin } = arrivalOf(c)
  const { config } = c.get('services')
  if (config.origin !== null) return addressOf(origin, config)
  if (!/^https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/.test(origin)) return null
  return portOf(origin) === c.env.incoming.socket.localPort ? addressOf(origin, config) : null
}

/** The port of a URL, also where that is the usual one. */
function portOf(url: string): number {
  const { protocol, port } = new URL(url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

/** Where a request was meant to go and whose it is, as far as the settings let proxies say so. */
export function arrivalOf(c: Context<Environment>): { readonly origin: string; readonly address: string } {
  const { sessions } = c.get('services')
  const { origin, address } = sessions.arrival(c.req.raw, { address: getConnInfo(c).remote.address ?? null })
  return { origin: origin ?? new URL(c.req.url).origin, address: address ?? 'unknown' }
}
