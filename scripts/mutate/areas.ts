import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Files and folders of tests that are run together, after a build of the package where they start the built program. */
export interface Stage {
  readonly files: readonly string[]
  readonly builds?: string
}

/** What is run for a mutant of a folder of sources, one stage after the other, until one fails. */
export interface Area {
  readonly src: string
  readonly types: string
  /** The likeliest to fail first. Takes the path below `src`, and the tree that has the tests. */
  readonly stages: (path: string, tree: string) => readonly Stage[]
}

const LIBRARY = 'packages/coatcheck/test'
const SERVER = 'packages/server/test'

/** What is about the server as a program, and the tests that start it: those of the command, and those of running servers. */
const OF_PROGRAMS =
  /^(?:backup|cli|keys|session-store|workers)\/|^(?:coatcheck|config|data-folder|server|services)\.ts$/
const COMMANDS = ['backup', 'doctor', 'keys', 'migrate', 'sessions', 'store'].map((name) => `${name}-command`)
const SERVING = ['administering', 'command', 'starting', 'workers', 'workers-ending']

const testFile = (name: string) => `${name}.test.ts`
const mirrored = (tests: string, path: string) => `${tests}/unit/${path.replace(/\.tsx?$/, '.test.ts')}`
const stage = (...files: readonly string[]): Stage => ({ files })
const below = (folder: string, names: readonly string[]) => names.map((name) => `${folder}/${name}`)

/** What a folder has beside the files and folders that an earlier stage runs. */
function rest(tree: string, folder: string, earlier: readonly Stage[]): readonly string[] {
  const done = new Set(earlier.flatMap(({ files }) => files))
  return readdirSync(join(tree, folder))
    .map((name) => `${folder}/${name}`)
    .filter((path) => !done.has(path) && (path.endsWith('.test.ts') || !path.endsWith('.ts')))
}

function stagesOfLibrary(path: string, tree: string): readonly Stage[] {
  const first = stage(mirrored(LIBRARY, path))
  if (path.startsWith('stores/redis')) return [first, ...stagesOfRedis(tree)]
  const isStore = path.startsWith('stores')
  const unit = `${LIBRARY}/unit`
  const contract = `${LIBRARY}/contract`
  const requests = ['requirements', ...['promises', 'guards', 'adapters'].map(testFile)]
  const stages = [
    first,
    stage(`${unit}/${path.split('/')[0]}`, `${LIBRARY}/types`),
    isStore
      ? stage(...below(contract, ['stores', 'model'].map(testFile)))
      : stage(...below(contract, requests), `${unit}/adapters`, `${LIBRARY}/reference`),
  ]
  stages.push(stage(...rest(tree, unit, stages), ...rest(tree, contract, stages)))
  const races = `${LIBRARY}/races`
  if (path.startsWith('core')) stages.push(stage(...below(races, ['core', 'cluster'].map(testFile))))
  if (path.startsWith('stores/sqlite')) stages.push(stage(races))
  return stages
}

/** The quick ones first: the contract on one server and on a cluster takes a minute, and so do feeds of several processes. */
function stagesOfRedis(tree: string): readonly Stage[] {
  const tests = `${LIBRARY}/redis`
  const quick = ['commands', 'damaged', 'log', 'user-sets', 'sweeping', 'sign-in-races', 'permissions']
  const stages = [
    stage(`${LIBRARY}/unit/stores/redis`),
    stage(...below(tests, quick.map(testFile))),
    stage(...below(tests, ['contract', 'promises', 'removals'].map(testFile))),
  ]
  return [...stages, stage(...rest(tree, tests, stages))]
}

/** `hostile` says least about a single place; what starts programs takes longest. */
function stagesOfServer(path: string): readonly Stage[] {
  const of = (...names: readonly string[]) => stage(...below(SERVER, names))
  const stages = [stage(mirrored(SERVER, path)), of('unit', 'reference'), of('http', 'requirements'), of('hostile')]
  if (!OF_PROGRAMS.test(path)) return stages
  const started = (names: readonly string[]) => names.map((name) => `e2e/${testFile(name)}`)
  const builds = 'packages/server'
  return [...stages, { ...of('redis', ...started(SERVING)), builds }, { ...of(...started(COMMANDS)), builds }]
}

const AREAS: readonly Area[] = [
  { src: 'packages/coatcheck/src', types: 'packages/coatcheck', stages: stagesOfLibrary },
  { src: 'packages/server/src', types: 'packages/server', stages: stagesOfServer },
]

export function areaOf(path: string): Area {
  const area = AREAS.find(({ src }) => relative(src, path).split('/')[0] !== '..')
  if (area === undefined) throw new Error(`${path} is not below ${AREAS.map(({ src }) => src).join(' or ')}.`)
  return area
}

/** The stages of a source in a tree, without what is not there. */
export function stagesOf(path: string, tree: string): readonly Stage[] {
  const area = areaOf(path)
  return area
    .stages(relative(area.src, path), tree)
    .map((one) => ({ ...one, files: one.files.filter((file) => existsSync(join(tree, file))) }))
    .filter(({ files }) => files.length > 0)
}
