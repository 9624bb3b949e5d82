import { runtime as platform } from '#runtime'
import { OptionError } from '../../errors.ts'
import type { Runtime } from '../../runtime/index.ts'
import { withLongTimers } from '../base/long-timers.ts'
import { type KnownOf, refuseUnknown } from '../base/unknown-options.ts'
import { type CsrfOptions, type CsrfSettings, makeCsrf } from '../csrf/options.ts'
import { type ForwardedReader, makeForwardedReader, type ProxyOptions } from '../http/proxies.ts'
import { PRE_SESSION_NAME } from '../http/slots.ts'
import { type CookieOptions, type CookieSettings, makeTransport, type Transport } from '../http/transport.ts'
import { parseKeys } from '../keys/keys.ts'
import type { KindFactory } from '../kind.ts'
import type { DataLimits } from '../record/data.ts'
import { type Duration, milliseconds } from '../record/duration.ts'
import {
  type AnonymousOptions,
  makePolicy,
  type Policy,
  type PolicyOptions,
  type Preset,
  policyDefaults,
  type Timeouts,
} from '../record/policy.ts'
import { absentStore } from '../store/absent-store.ts'
import type { LimitStrategy, Store } from '../store/store.ts'

/** A validator that follows the Standard Schema, version 1 (zod, valibot, arktype and others do). */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>
  }
}
type StandardResult = { readonly issues?: readonly StandardIssue[] | undefined }
interface StandardIssue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export interface DataOptions<Data extends object> {
  /** Values of keys that a session lacks. Called for each session whose data is asked for; costs no store call. */
  readonly initial?: (() => Data) | undefined
  /** Version of the data's shape: a whole number, default 0. Raise it together with `migrate`. */
  readonly version?: number | undefined
  /** Brings data of an earlier version to the present one; called when an old record is opened, and the result written. */
  readonly migrate?:
    | ((data: Record<string, unknown>, from: number) => Record<string, unknown> | Promise<Record<string, unknown>>)
    | undefined
  /** Checked before changed data is written and after a migration; a failure is a `DataError` with fault `schema`. */
  readonly schema?: StandardSchema | undefined
  /** Bytes of all keys and values as JSON in UTF-8. Default 65536, at least 1. */
  readonly maxBytes?: number | undefined
  /** Top-level keys. Default 256, at least 1. */
  readonly maxKeys?: number | undefined
  /** Levels of nesting. Default 32, at least 1. */
  readonly maxDepth?: number | undefined
}

export interface SessionsOptions<Data extends object> {
  /** Where sessions live: `memoryStore()`, `sqliteStore('sessions.db')`, … */
  readonly store: Store
  /**
   * Signing keys, newest first: one string (several separated by commas or white space) or a list; each at least 32
   * characters of randomness. The newest writes, each listed one reads; take a key away only when it is out of use.
   */
  readonly keys: string | readonly string[] | undefined
  /** Timeouts and renewal, or the name of a preset. */
  readonly policy?: PolicyOptions | Preset | undefined
  /** What sessions hold: first values, versions, limits. */
  readonly data?: DataOptions<Data> | undefined
  /** Names and attributes of the two cookies. */
  readonly cookie?: CookieOptions | undefined
  /** The application's own origin, as `https://example.org`. Needed behind a proxy that ends TLS. Default: from the request. */
  readonly origin?: string | undefined
  /**
   * Which proxies stand before the application. What they forward (the client's address, scheme and host) is then believed.
   * Default: none, and nothing forwarded is. Where the application has one `origin`, set that instead of believing schemes.
   */
  readonly trustProxy?: ProxyOptions | undefined
  /**
   * Also takes our tokens from `Authorization: Bearer`, for clients that keep no cookies; anything else there is none of our
   * business. Such a token is never renewed silently, and together with our cookie it is refused. Default false.
   */
  readonly bearer?: boolean | undefined
  /**
   * The defence against requests that other sites' pages make (CSRF); in force in every adapter. `'unprotected'` switches it
   * off: only for an application that has a defence of its own.
   */
  readonly csrf?: CsrfOptions | 'unprotected' | undefined
  /** Lets cookies travel over plain http on a network. Default false: then only https and this machine itself get cookies. */
  readonly insecure?: boolean | undefined
  /**
   * How many sessions a user may have at once (`max`, at least 1), and what a further sign-in does (`atLimit`, default
   * `end-oldest`). Default: no limit.
   */
  readonly sessionsPerUser?: { readonly max: number; readonly atLimit?: LimitStrategy | undefined } | undefined
  /**
   * Takes a store that is not `shared` in an application of several processes: each then knows its own sessions alone, and a
   * visitor whom another one answers is signed out. Default false: there such a store is refused.
   */
  readonly unshared?: boolean | undefined
  /** What the client holds of a session. Default: an opaque token (`coatcheck/tokens/opaque`). */
  readonly kind?: KindFactory | undefined
  /** Kinds whose sessions are opened as well, in this order, while an application changes from one to another. Default: none. */
  readonly also?: readonly KindFactory[] | undefined
  /** How long one call of the store may take, for stores that do not bound their calls themselves. Default `1s`, at least `10ms`. */
  readonly storeTimeout?: Duration | undefined
  /** Clock, randomness and so on, for tests. Default: the platform's. */
  readonly runtime?: Partial<Runtime> | undefined
}

/** All defaults in one place; those of the timeouts stand in `policy`. */
export const defaults = {
  policy: policyDefaults,
  data: { version: 0, maxBytes: 65_536, maxKeys: 256, maxDepth: 32 },
  cookie: { name: 'sid', anonymousName: 'vid', sameSite: 'lax', domain: null, partitioned: false },
  csrf: {
    trustedOrigins: [],
    reportOnly: false,
    exempt: [],
    requireToken: false,
    requireOrigin: false,
    refererFallback: false,
  },
  origin: null,
  trustProxy: null,
  bearer: false,
  insecure: false,
  sessionsPerUser: null,
  atLimit: 'end-oldest',
  unshared: false,
  storeTimeout: '1s',
} as const

const TIMEOUTS = { idle: null, absolute: null } as const satisfies KnownOf<Timeouts>

/** Every option, for those who write one that is not there. */
const KNOWN = {
  store: null,
  keys: null,
  policy: {
    ...TIMEOUTS,
    preset: null,
    renewal: null,
    touch: null,
    longestRequest: null,
    grace: null,
    keepEnded: null,
    reuse: null,
    rememberMe: TIMEOUTS,
    anonymous: { ...TIMEOUTS, persistent: null } satisfies KnownOf<AnonymousOptions>,
    existing: null,
  } satisfies KnownOf<PolicyOptions>,
  data: {
    initial: null,
    version: null,
    migrate: null,
    schema: null,
    maxBytes: null,
    maxKeys: null,
    maxDepth: null,
  } satisfies KnownOf<DataOptions<object>>,
  cookie: {
    name: null,
    anonymousName: null,
    sameSite: null,
    domain: null,
    partitioned: null,
  } satisfies KnownOf<CookieOptions>,
  origin: null,
  trustProxy: { hops: null, networks: null, header: null } satisfies KnownOf<ProxyOptions>,
  bearer: null,
  csrf: {
    trustedOrigins: null,
    reportOnly: null,
    exempt: null,
    requireToken: null,
    requireOrigin: null,
    refererFallback: null,
  } satisfies KnownOf<CsrfOptions>,
  insecure: null,
  sessionsPerUser: { max: null, atLimit: null },
  unshared: null,
  kind: null,
  also: null,
  storeTimeout: null,
  runtime: null,
} as const satisfies KnownOf<SessionsOptions<object>>

/** The options in effect. */
export interface Settings {
  readonly store: Store
  readonly keys: readonly string[]
  readonly policy: Policy
  readonly limits: DataLimits
  readonly initial: (() => object) | null
  readonly schemaVersion: number
  readonly migrate: DataOptions<object>['migrate']
  readonly schema: StandardSchema | null
  readonly transport: Transport
  readonly csrf: CsrfSettings
  readonly forwarded: ForwardedReader | null
  readonly bearer: boolean
  readonly sessionsPerUser: { readonly max: number; readonly atLimit: LimitStrategy } | null
  readonly storeTimeout: number
  readonly runtime: Runtime
}

const STRATEGIES: readonly string[] = ['refuse', 'end-oldest', 'end-idlest'] satisfies LimitStrategy[]

function whole(value: number, option: string, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) throw new OptionError(option, `a whole number, at least ${least}.`)
  return value
}

function perUser(given: SessionsOptions<object>['sessionsPerUser']): Settings['sessionsPerUser'] {
  if (given === undefined) return defaults.sessionsPerUser
  const atLimit = given.atLimit ?? defaults.atLimit
  if (!STRATEGIES.includes(atLimit))
    throw new OptionError('sessionsPerUser.atLimit', `one of ${STRATEGIES.join(', ')}.`)
  return { max: whole(given.max, 'sessionsPerUser.max', 1), atLimit }
}

function cookieSettings(given: CookieOptions | undefined): CookieSettings {
  const { cookie } = defaults
  if (given?.name === PRE_SESSION_NAME || given?.anonymousName === PRE_SESSION_NAME) {
    throw new OptionError('cookie.name', `'${PRE_SESSION_NAME}' is the cookie of visitors' forms.`)
  }
  return {
    name: given?.name ?? cookie.name,
    anonymousName: given?.anonymousName ?? cookie.anonymousName,
    sameSite: given?.sameSite ?? cookie.sameSite,
    domain: given?.domain ?? cookie.domain,
    partitioned: given?.partitioned ?? cookie.partitioned,
  }
}

function csrfOptions(given: SessionsOptions<object>['csrf']): Required<CsrfOptions> | 'unprotected' {
  if (given === 'unprotected') return given
  const { csrf } = defaults
  return {
    trustedOrigins: given?.trustedOrigins ?? csrf.trustedOrigins,
    reportOnly: given?.reportOnly ?? csrf.reportOnly,
    exempt: given?.exempt ?? csrf.exempt,
    requireToken: given?.requireToken ?? csrf.requireToken,
    requireOrigin: given?.requireOrigin ?? csrf.requireOrigin,
    refererFallback: given?.refererFallback ?? csrf.refererFallback,
  }
}

/** @throws OptionError for one that this process would have to share with others and cannot */
function checkSharing({ guarantees }: Store, unshared: boolean, { isOneOfSeveral }: Runtime): void {
  if (guarantees.shared || unshared || !isOneOfSeveral()) return
  throw new OptionError(
    'store',
    'this process is one of several of the application (a worker of node:cluster), and this store is known to it alone. Use one that they share, such as sqliteStore(path) or redisStore(client); or one process; or say `unshared: true`, where each visitor is always led to the same process.',
  )
}

/** @throws OptionError for what is no store, also where it is one of another library or the function that makes one */
function checkStore(store: unknown): void {
  if (typeof store === 'function') {
    throw new OptionError('store', `call the function that makes the store, such as ${store.name || 'memoryStore'}().`)
  }
  const given: object = typeof store === 'object' && store !== null ? store : {}
  if ('read' in given && typeof given.read === 'function') return
  const isForeign = 'get' in given && 'set' in given && 'destroy' in given
  throw new OptionError(
    'store',
    isForeign
      ? 'this is a store of express-session. Use one of coatcheck/stores, such as sqliteStore(path) or redisStore(client).'
      : 'say where sessions live, such as memoryStore() or sqliteStore(path).',
  )
}

/** Checks the options and fills in the defaults. Does no I/O. @throws OptionError, KeyError */
export function makeSettings<Data extends object>(options: SessionsOptions<Data>, needsStore = true): Settings {
  refuseUnknown(options ?? {}, KNOWN)
  if (needsStore || options?.store !== undefined) checkStore(options?.store)
  if (options.runtime !== undefined)
    refuseUnknown(options.runtime, Object.fromEntries(Object.keys(platform).map((name) => [name, null])), 'runtime')
  const runtime = withLongTimers({ ...platform, ...options.runtime })
  const store: Store = options.store ?? absentStore
  checkSharing(store, options.unshared ?? defaults.unshared, runtime)
  const data = options.data ?? {}
  if (data.initial !== undefined && typeof data.initial !== 'function') {
    throw new OptionError('data.initial', 'a function that answers the values, such as `() => ({ cart: [] })`.')
  }
  const storeTimeout = milliseconds(options.storeTimeout ?? defaults.storeTimeout, 'storeTimeout')
  if (storeTimeout < 10) throw new OptionError('storeTimeout', 'at least 10ms.')
  return {
    store,
    keys: parseKeys(options.keys),
    policy: makePolicy(options.policy),
    limits: {
      bytes: whole(data.maxBytes ?? defaults.data.maxBytes, 'data.maxBytes', 1),
      keys: whole(data.maxKeys ?? defaults.data.maxKeys, 'data.maxKeys', 1),
      depth: whole(data.maxDepth ?? defaults.data.maxDepth, 'data.maxDepth', 1),
    },
    initial: data.initial ?? null,
    schemaVersion: whole(data.version ?? defaults.data.version, 'data.version', 0),
    migrate: data.migrate,
    schema: data.schema ?? null,
    transport: makeTransport(
      cookieSettings(options.cookie),
      options.origin ?? defaults.origin,
      options.insecure ?? defaults.insecure,
    ),
    csrf: makeCsrf(csrfOptions(options.csrf), options.origin ?? defaults.origin),
    forwarded: options.trustProxy === undefined ? defaults.trustProxy : makeForwardedReader(options.trustProxy),
    bearer: options.bearer ?? defaults.bearer,
    sessionsPerUser: perUser(options.sessionsPerUser),
    storeTimeout,
    runtime,
  }
}
