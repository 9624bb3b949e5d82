// Who may import whom, as a table; and which powers stand where. Pure: files in, complaints out.
import { dirname, join, normalize } from 'node:path/posix'
import { factsOf, type Import, type ModuleFacts, type Power } from './module-facts.ts'

/** Path (`packages/coatcheck/src/core/record.ts`) → text, for every source file of both packages. */
export type Sources = ReadonlyMap<string, string>

export interface Rule {
  /** The modules that it is for; the first rule that fits a module counts. */
  readonly from: RegExp
  /** The modules that they may import, besides those of their own folder when `own` is set. */
  readonly may: readonly RegExp[]
  readonly own?: true
  /** Modules from which they may take types, and nothing that is left at run time. */
  readonly mayType?: readonly RegExp[]
  /** Packages and Node modules, by their exact names. */
  readonly packages?: readonly string[]
}

const errors = /^errors$/
const core = /^core\//
/** The port, and `#runtime`; which of the two runtimes is behind it, the import condition decides. */
const runtime = /^runtime$/
/** What a third party's store has to know: the contract, the record, and the one rule of expiry. */
const contracts = /^core\/(store|change|capabilities|intercept|transfer|record|lifecycle)$/

/** The library's modules, without `src/` and ending; `folder/index` is named by its folder. */
export const rules: readonly Rule[] = [
  { from: errors, may: [/^core\/problem$/] },
  { from: /^runtime\/node$/, may: [errors], own: true, packages: ['node:crypto'] },
  { from: /^runtime(\/|$)/, may: [errors], own: true },
  { from: core, may: [errors, runtime], own: true },
  { from: /^stores\/sqlite(\/|$)/, may: [core, errors, runtime], own: true, packages: ['node:sqlite', 'node:module'] },
  { from: /^(tokens|binding|verify)\//, may: [core, errors, runtime], own: true, packages: ['jose'] },
  { from: /^(stores|cache)\//, may: [core, errors, runtime], own: true },
  { from: /^adapters\/fetch(\/|$)/, may: [core, errors, /^adapters\/fetch\//] },
  { from: /^adapters\/node(\/|$)/, may: [core, errors, /^adapters\/node\//] },
  {
    from: /^adapters\//,
    may: [core, errors, /^adapters\/(fetch|fetch\/request-session|node|node\/attached-session)$/],
  },
  // The promises are kept by the whole library, so their cases make sessions as an application does.
  {
    from: /^testing\/(promises|adapter-contract)\//,
    may: [core, errors, runtime, /^index$/, /^tokens\/opaque\/token$/],
    own: true,
  },
  { from: /^testing(\/|$)/, may: [contracts, errors, runtime], mayType: [core], own: true },
  { from: /^client\//, may: [errors], own: true },
  // The composition root puts the defaults together; what an application chooses has an entry of its own.
  { from: /^index$/, may: [core, errors, runtime, /^(tokens|cache|binding)\//, /^stores\/memory$/] },
]

const library = 'packages/coatcheck/src/'
const server = 'packages/server/src/'

/** `packages/coatcheck/src/core/record.ts` → `core/record`. */
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
  return target.startsWith(library) ? moduleName(target) : target
}

const folderOf = (name: string) => name.split('/')[0]

/** Each is a file, and a folder for its parts; what stands beside them in stores/ is for all of them. */
const engines = new Set(['memory', 'sqlite', 'redis', 'postgres', 'mysql', 'encrypted', 'moving'])

/** The engine that a module belongs to, if it is part of one. */
function engineOf(name: string): string | undefined {
  const [folder, engine = ''] = name.split('/')
  return folder === 'stores' && engines.has(engine) ? engine : undefined
}

function isAllowed(rule: Rule, from: string, target: string, typesOnly: boolean): boolean {
  const engine = engineOf(target)
  const foreign = folderOf(from) === 'stores' && engine !== undefined && engine !== engineOf(from)
  if (rule.own && folderOf(from) === folderOf(target) && !foreign) return true
  return rule.may.some((may) => may.test(target)) || (typesOnly && (rule.mayType ?? []).some((may) => may.test(target)))
}

function* libraryComplaints(path: string, facts: ModuleFacts): Generator<string> {
  const from = moduleName(path)
  const rule = rules.find((one) => one.from.test(from))
  if (!rule) yield `${path} is a module of a kind that no rule names`
  for (const { specifier, typesOnly, line } of rule ? facts.imports : []) {
    const target = targetOf(path, specifier)
    const allowed =
      target === undefined ? rule?.packages?.includes(specifier) : rule && isAllowed(rule, from, target, typesOnly)
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
      arrows.set(moduleName(path), arrowsOf(path, facts.imports))
    }
  }
  // Types count as well: two files that need each other's words are one file, or three.
  return [...complaints, ...circlesAmong(arrows).map((circle) => `a circle of imports: ${circle}`)]
}
