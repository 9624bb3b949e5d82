// Who may import whom, as a table; and which powers stand where. Pure: files in, complaints out.
import { dirname, join, normalize } from 'node:path/posix'
import { factsOf, type Import, type ModuleFacts, type Power } from './module-facts.ts'

/** Path (`packages/coatcheck/src/core/record/record.ts`) → text, for every source file of both packages. */
export type Sources = ReadonlyMap<string, string>

/** A room of the library: modules that belong together, and what they may import besides one another. */
export interface Room {
  readonly name: string
  /** What the room is for, as ARCHITECTURE.md says it. */
  readonly holds: string
  /** The modules in it; the first room that fits a module counts. */
  readonly modules: RegExp
  /** The rooms that they may import. `runtime` is the port, and `#runtime`: which of the two is behind it, an import condition decides. */
  readonly may: readonly string[]
  /** Single modules of other rooms that they may import. */
  readonly mayModules?: readonly RegExp[]
  /** Rooms from which they may take types, and nothing that is left at run time. */
  readonly mayType?: readonly string[]
  /** Packages and Node modules, by their exact names. */
  readonly packages?: readonly string[]
}

const words = (text: string) => text.split(' ')
const CORE = words('core/base core/events core/record core/keys core/http core/store core/csrf core/sessions')
/** What a store has to know: the contract, the record, and the one rule of expiry. */
const OF_STORES = words('core/store core/record core/base errors runtime')

/** From the ground up: a room imports none that stands below it in this list, so that no arrow runs upwards. */
export const rooms: readonly Room[] = [
  { name: 'errors', holds: 'every fault: its code and answer, and its class', modules: /^errors(\/|$)/, may: [] },
  {
    name: 'runtime',
    holds: 'the port to the platform: time, randomness, timers, hash, MAC',
    modules: /^runtime(?!\/node$)(\/|$)/,
    may: ['errors'],
  },
  {
    name: 'runtime/node',
    holds: 'the platform Node',
    modules: /^runtime\/node$/,
    may: ['errors', 'runtime'],
    packages: ['node:crypto'],
  },
  {
    name: 'core/base',
    holds: 'mutex, throttle, truncation, misspelt options: what knows no session',
    modules: /^core\/base\//,
    may: words('errors runtime'),
  },
  {
    name: 'core/record',
    holds: 'the record, when it ends, policy and durations, its data',
    modules: /^core\/record\//,
    may: words('errors runtime'),
  },
  {
    name: 'core/events',
    holds: 'what is told of, with the words for reasons; warnings; what an outage is',
    modules: /^core\/events\//,
    may: words('core/record errors runtime'),
  },
  {
    name: 'core/keys',
    holds: 'signing keys, and which are in use',
    modules: /^core\/keys\//,
    may: words('core/events errors runtime'),
  },
  {
    name: 'core/store',
    holds: 'the contract of stores, and what stands around one: time limit, circuit breaker, lease, feed',
    modules: /^core\/store\//,
    may: words('core/record core/events core/base errors runtime'),
  },
  {
    name: 'core/http',
    holds: 'request, cookies and slots, proxies, caching, answers to faults',
    modules: /^core\/http\//,
    may: words('core/record core/events core/base errors'),
  },
  {
    name: 'core/csrf',
    holds: 'whether the visitor made a request',
    modules: /^core\/csrf\//,
    may: words('core/http core/keys core/events core/base errors runtime'),
  },
  {
    name: 'core/kind',
    holds: 'the port of kinds',
    modules: /^core\/kind$/,
    may: words('core/record core/store core/keys core/events core/http runtime'),
  },
  {
    name: 'core/sessions',
    holds: 'sessions: open, create, sign in, save, rotate, end, list, sweep; the port of adapters',
    modules: /^core\/sessions\//,
    may: [...CORE.filter((name) => name !== 'core/sessions'), 'core/kind', 'errors', 'runtime'],
  },
  {
    name: 'tokens',
    holds: 'the kinds of sessions, by what the client holds',
    modules: /^tokens\//,
    may: words('core/kind core/record core/store core/keys core/base errors runtime'),
    packages: ['jose'],
  },
  {
    name: 'verify',
    holds: 'tokens that are checked without a store',
    modules: /^(binding|verify)\//,
    may: words('core/record core/http core/kind errors runtime'),
    packages: ['jose'],
  },
  {
    name: 'stores',
    holds: 'what several stores share: transitions of a record, paging, following a log',
    modules: /^stores\/(feeding|intercept|paging|pausing|rules)$/,
    may: OF_STORES,
  },
  {
    name: 'stores/sqlite',
    holds: 'sessions in a SQLite file',
    modules: /^stores\/sqlite(\/|$)/,
    may: [...OF_STORES, 'stores'],
    packages: ['node:sqlite', 'node:module'],
  },
  ...['memory', 'redis', 'postgres', 'mysql', 'encrypted', 'moving'].map((engine) => ({
    name: `stores/${engine}`,
    holds: `the store \`${engine}\``,
    modules: new RegExp(`^stores/${engine}(/|$)`),
    may: [...OF_STORES, 'stores'],
  })),
  {
    name: 'cache',
    holds: 'records that are kept in the process',
    modules: /^cache\//,
    may: OF_STORES,
  },
  {
    name: 'web',
    holds: 'guards, return paths, security headers',
    modules: /^web\//,
    may: words('core/base core/http core/record core/sessions errors runtime'),
  },
  ...(
    [
      ['fetch', []],
      ['node', []],
      ['hono', [/^adapters\/fetch(\/|$)/]],
      ['express', [/^adapters\/(node|node\/attached-session)$/]],
    ] as const
  ).map(([name, mayModules]) => ({
    name: `adapters/${name}`,
    holds: `the adapter \`${name}\``,
    modules: new RegExp(`^adapters/${name}(/|$)`),
    may: [...CORE, 'web', 'errors'],
    mayModules,
  })),
  {
    name: 'index',
    holds: '`createSessions` with its defaults, and the public types',
    modules: /^index$/,
    may: [...CORE, 'core/kind', 'tokens', 'web', 'errors', 'runtime'],
    mayModules: [/^stores\/memory$/],
  },
  {
    name: 'testing',
    holds: 'the contract of stores as a suite, with its doubles and broken stores',
    modules: /^testing\/(?!(promises|adapter-contract)(\/|$))/,
    may: words('core/store core/record errors runtime'),
    mayType: CORE,
  },
  // The promises are kept by the whole library, so their cases make sessions as an application does.
  {
    name: 'testing/promises',
    holds: 'suites that make sessions as an application does: promises, adapters',
    modules: /^testing\/(promises|adapter-contract)(\/|$)/,
    may: [...CORE, 'index', 'testing', 'errors', 'runtime'],
    mayModules: [/^tokens\/opaque\/token$/],
  },
  {
    name: 'testing/index',
    holds: 'what is published as coatcheck/testing',
    modules: /^testing$/,
    may: words('testing testing/promises core/store core/record errors'),
    mayType: CORE,
  },
]

const library = 'packages/coatcheck/src/'
const server = 'packages/server/src/'

/** `packages/coatcheck/src/core/record/record.ts` → `core/record`. */
export const moduleName = (path: string) =>
  path
    .slice(library.length)
    .replace(/\.tsx?$/, '')
    .replace(/(.)\/index$/, '$1')

/** What a relative import or `#runtime` of a library file means, as a module's name; undefined for a package. */
function targetOf(path: string, specifier: string): string | undefined {
  if (specifier === '#runtime') return 'runtime'
  if (!specifier.startsWith('.')) return undefined
  const target = normalize(join(dirname(path), specifier))
  return nameOf(target)
}

/** The name of a module of the library; the path of a file of the server, without its ending. */
const nameOf = (path: string) => (path.startsWith(library) ? moduleName(path) : path.replace(/\.tsx?$/, ''))

/** The room of a module of the library; undefined for one that no room names. */
export const roomOf = (module: string) => rooms.find(({ modules }) => modules.test(module))

function isAllowed(from: Room, target: string, typesOnly: boolean): boolean {
  const room = roomOf(target)
  if (room === undefined) return false
  if (room === from || from.may.includes(room.name))
    return room.name !== 'runtime' || target === 'runtime' || isOfRuntime(from)
  return (
    (from.mayModules ?? []).some((may) => may.test(target)) || (typesOnly && (from.mayType ?? []).includes(room.name))
  )
}

/** All others know the port alone. */
const isOfRuntime = ({ name }: Room) => name === 'runtime' || name === 'runtime/node'

function* libraryComplaints(path: string, facts: ModuleFacts): Generator<string> {
  const from = moduleName(path)
  const room = roomOf(from)
  if (!room) yield `${path} is in no room`
  for (const { specifier, typesOnly, line } of room ? facts.imports : []) {
    const target = targetOf(path, specifier)
    const allowed =
      target === undefined ? room?.packages?.includes(specifier) : room && isAllowed(room, target, typesOnly)
    if (!allowed) yield `${path}:${line} may not import ${specifier}`
  }
  const inRuntime = /^runtime\//.test(from)
  for (const { power, text, line } of facts.uses) {
    if (power === 'top-level await') yield `${path}:${line} awaits at the top level, so that nobody can require() it`
    else if (!inRuntime) yield `${path}:${line} touches ${text} (${power}), which only runtime may`
  }
}

/** The powers that a server has like any program, but for those that its configuration and its users forbid. */
const forbiddenToServer: ReadonlySet<Power> = new Set(['process.env', 'top-level await'])

function* serverComplaints(path: string, facts: ModuleFacts, publicNames: ReadonlySet<string>): Generator<string> {
  for (const { specifier, line } of facts.imports) {
    const relative = specifier.startsWith('.')
    const outside = relative && !normalize(join(dirname(path), specifier)).startsWith(server)
    const environment = /^(node:)?process$/.test(specifier) && path !== `${server}config.ts`
    if (environment) yield `${path}:${line} may not import ${specifier}, which holds the environment`
    const privately = /^coatcheck(\/|$)/.test(specifier) && !publicNames.has(specifier)
    if (outside || privately) yield `${path}:${line} may not import ${specifier}, which is no public name`
  }
  for (const { power, text, line } of facts.uses) {
    const isConfig = power === 'process.env' && path === `${server}config.ts`
    if (forbiddenToServer.has(power) && !isConfig) yield `${path}:${line} may not use ${text} (${power})`
  }
}

/** Follows arrows depth first and answers each circle once, as `a → b → a`. */
function circlesAmong(arrows: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (name: string, trail: readonly string[]) => {
    const at = trail.indexOf(name)
    if (at >= 0) circles.push([...trail.slice(at), name].join(' → '))
    if (at >= 0 || done.has(name)) return
    for (const next of arrows.get(name) ?? []) visit(next, [...trail, name])
    done.add(name)
  }
  for (const name of arrows.keys()) visit(name, [])
  return circles
}

function arrowsOf(path: string, imports: readonly Import[]): string[] {
  return imports.flatMap(({ specifier }) => targetOf(path, specifier) ?? [])
}

/** Everything in the sources that a rule forbids, one sentence each; empty when all is well. */
export function complaintsAbout(sources: Sources, publicNames: ReadonlySet<string>): string[] {
  const complaints: string[] = []
  const arrows = new Map<string, readonly string[]>()
  for (const [path, text] of sources) {
    const facts = factsOf(path, text)
    if (path.startsWith(server)) {
      complaints.push(...serverComplaints(path, facts, publicNames))
    } else {
      complaints.push(...libraryComplaints(path, facts))
    }
    arrows.set(nameOf(path), arrowsOf(path, facts.imports))
  }
  // Types count as well: two files that need each other's words are one file, or three.
  return [...complaints, ...circlesAmong(arrows).map((circle) => `a circle of imports: ${circle}`)]
}
