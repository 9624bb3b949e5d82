import { resolve } from 'node:path'

/** A machine of Redis, or one of its Sentinels. */
export interface RedisHost {
  readonly host: string
  readonly port: number
}

/** Where the sessions are, when that is a Redis. Holds passwords. */
export interface RedisLocation {
  readonly topology: 'single' | 'cluster' | 'sentinel'
  readonly tls: boolean
  /** One of a single Redis; of a Cluster or of Sentinels those that are asked for the others. */
  readonly hosts: readonly RedisHost[]
  /** The name by which Sentinels know the master; null where there are none. */
  readonly master: string | null
  readonly username: string | null
  readonly password: string | null
  /** Of the Sentinels, which do not know that of the master; null where they ask for none. */
  readonly sentinelPassword: string | null
  readonly database: number
  /** What keeps the sessions apart from those of another application in the same Redis. */
  readonly namespace: string
}

/** The sessions in a SQLite file. */
export interface FileLocation {
  readonly topology: 'file'
  readonly path: string
}

/** Where sessions may be. */
export type StoreLocation = RedisLocation | FileLocation

const FORM =
  /^redis(?<tls>s?)(?:\+(?<kind>cluster|sentinel))?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^:@/?#]*))?@)?(?<hosts>[^@/?#]+)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/
const HOST = /^(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/
const PORTS = { single: 6_379, cluster: 6_379, sentinel: 26_379 } as const
/** What may stand behind the question mark. */
const NAMED = {
  single: ['namespace'],
  cluster: ['namespace'],
  sentinel: ['namespace', 'master', 'sentinel-password'],
} as const
const MASTER = /^[\w.-]{1,100}$/
const NAMESPACE = /^[\w.:-]{1,100}$/

/**
 * `redis://user:password@host:port/database?namespace=name`; `rediss` with TLS; `redis+cluster://host:port,host:port`;
 * `redis+sentinel://host:port,host:port/master/database?sentinel-password=word`. A name or password with other signs is
 * percent-encoded. Null for anything else.
 */
export function parseStoreUrl(text: string): RedisLocation | null {
  const { tls, kind, user, password, hosts = '', path = '', query = '' } = FORM.exec(text)?.groups ?? {}
  const topology = (kind ?? 'single') as RedisLocation['topology']
  const named = queryOf(query, NAMED[topology])
  const places = hosts.split(',').map((one) => hostOf(one, PORTS[topology]))
  const credentials = [decoded(user ?? ''), decoded(password ?? '')] as const
  if (named === null || places.includes(null) || credentials.includes(null)) return null
  if (topology === 'single' && places.length > 1) return null
  // Redis knows passwords without a name, and no names without a password.
  if (user !== undefined && (password ?? '') === '') return null
  const segments = path.replace(/^\/|\/$/g, '').split('/')
  const master = topology === 'sentinel' ? (named.get('master') ?? segments.shift() ?? '') : null
  const [database = '', ...more] = segments
  if (more.length > 0 || !/^\d{0,4}$/.test(database) || (topology === 'cluster' && Number(database) > 0)) return null
  const namespace = named.get('namespace') ?? 'default'
  const sentinelPassword = named.get('sentinel-password') ?? null
  if ((master !== null && !MASTER.test(master)) || !NAMESPACE.test(namespace) || sentinelPassword === '') return null
  return {
    topology,
    tls: tls === 's',
    hosts: places as readonly RedisHost[],
    master,
    username: credentials[0] || null,
    password: credentials[1] || null,
    sentinelPassword,
    database: Number(database),
    namespace,
  }
}

/** An address as `parseStoreUrl` takes it, or `sqlite:` and the path of a file; null for anything else. */
export function parseAnyStoreUrl(text: string): StoreLocation | null {
  const path = parseAccountsUrl(text)
  return path === null ? parseStoreUrl(text) : { topology: 'file', path: resolve(path) }
}

/** For people and logs: without a name or password. */
export function shownStore(location: StoreLocation): string {
  if (location.topology === 'file') return `sqlite:${location.path}`
  const { topology, tls, hosts, master, database } = location
  const scheme = `redis${tls ? 's' : ''}${topology === 'single' ? '' : `+${topology}`}`
  const places = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
  return [
    `${scheme}://${places.join(',')}`,
    ...(master === null ? [] : [master]),
    ...(database > 0 ? [database] : []),
  ].join('/')
}

/** `sqlite:` and the path of a file; null for anything else. */
export function parseAccountsUrl(text: string): string | null {
  const path = /^sqlite:(?:\/\/(?=\/))?([^?#]+)$/.exec(text)?.[1]
  return path === undefined || path.startsWith('//') || path === ':memory:' || path.endsWith('/') ? null : path
}

function hostOf(text: string, usual: number): RedisHost | null {
  const [, address, name, port] = HOST.exec(text) ?? []
  const host = address ?? name
  const number = port === undefined ? usual : Number(port)
  return host === undefined || number < 1 || number > 65_535 ? null : { host, port: number }
}

/** Each of `known` once at most, and no other. A plus is one, as in a password before the host. */
function queryOf(text: string, known: readonly string[]): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>()
  for (const pair of text === '' ? [] : text.split('&')) {
    const [name = '', ...rest] = pair.split('=')
    const value = decoded(rest.join('='))
    if (value === null || !known.includes(name) || found.has(name)) return null
    found.set(name, value)
  }
  return found
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
