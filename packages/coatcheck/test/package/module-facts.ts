// What one source file imports and which powers of the platform it uses, read from its syntax tree.
import { type Node, parseSync, visitorKeys } from 'oxc-parser'

export interface Import {
  readonly specifier: string
  /** Whether only types come over this arrow, so that nothing of it is left at run time. */
  readonly typesOnly: boolean
  readonly line: number
}

/** What `runtime` alone may touch, what `config` alone may read, and what nobody may do. */
export type Power =
  | 'clock'
  | 'timer'
  | 'randomness'
  | 'crypto'
  | 'process'
  | 'process.env'
  | 'global'
  | 'top-level await'

export interface Use {
  readonly power: Power
  /** As it stands in the source, such as `Date.now`. */
  readonly text: string
  readonly line: number
}

export interface ModuleFacts {
  readonly imports: readonly Import[]
  readonly uses: readonly Use[]
}

/** Globals that give a power away by their name alone. */
const globals = new Map<string, Power>([
  ['performance', 'clock'],
  ['Temporal', 'clock'],
  ['setTimeout', 'timer'],
  ['setInterval', 'timer'],
  ['setImmediate', 'timer'],
  ['scheduler', 'timer'],
  ['requestAnimationFrame', 'timer'],
  ['requestIdleCallback', 'timer'],
  ['crypto', 'crypto'],
  ['process', 'process'],
  // Exists in Node alone, and every one of the above is a property of globalThis.
  ['Buffer', 'global'],
  ['globalThis', 'global'],
  ['require', 'global'],
  ['eval', 'global'],
  ['Function', 'global'],
])

/** Members of otherwise harmless globals. */
const members = new Map<string, Power>([
  ['Date.now', 'clock'],
  ['Math.random', 'randomness'],
  ['AbortSignal.timeout', 'timer'],
  ['process.env', 'process.env'],
])

/** Globals with a powerful member: only a plain `Name.member` shows which one is meant. */
const guarded = new Set(['Date', 'Math', 'AbortSignal'])

const functions = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'PropertyDefinition',
])

/** A node with its surroundings, which decide what an identifier means. */
interface Place {
  readonly node: Node
  readonly key: string
  readonly parent: Place | undefined
}

function* placesBelow(place: Place): Generator<Place> {
  yield place
  for (const key of visitorKeys[place.node.type] ?? []) {
    const child = (place.node as unknown as Record<string, Node | readonly (Node | null)[] | null | undefined>)[key]
    for (const node of Array.isArray(child) ? child : [child]) {
      if (node) yield* placesBelow({ node: node as Node, key, parent: place })
    }
  }
}

/** The member that an identifier is asked for by a plain dot, if it is. */
function memberOf({ key, parent }: Place): string | undefined {
  const node = parent?.node
  if (node?.type !== 'MemberExpression' || key !== 'object' || node.computed) return undefined
  return node.property.type === 'Identifier' ? node.property.name : undefined
}

/** Whether an identifier only names a property or a type, and refers to no value. */
function isOnlyAName({ key, parent }: Place): boolean {
  const node = parent?.node
  if (node === undefined || node.type.startsWith('TS')) return true
  if (node.type === 'MemberExpression') return key === 'property' && !node.computed
  if (node.type === 'Property') return key === 'key' && !node.computed && !node.shorthand
  return (node.type === 'MethodDefinition' || node.type === 'PropertyDefinition') && key === 'key' && !node.computed
}

function useOfGuarded(name: string, place: Place): Omit<Use, 'line'> | undefined {
  const member = memberOf(place)
  if (member !== undefined) {
    const text = `${name}.${member}`
    const power = members.get(text)
    return power && { power, text }
  }
  const node = place.parent?.node
  if (name === 'Date' && node?.type === 'NewExpression' && node.arguments.length > 0) return undefined
  if (node?.type === 'BinaryExpression' && node.operator === 'instanceof') return undefined
  return name === 'Date' ? { power: 'clock', text: 'Date' } : { power: 'global', text: name }
}

function useOf(place: Place): Omit<Use, 'line'> | undefined {
  const { node } = place
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) {
    for (let above = place.parent; above; above = above.parent) if (functions.has(above.node.type)) return undefined
    return { power: 'top-level await', text: 'await' }
  }
  if (node.type !== 'Identifier' || isOnlyAName(place)) return undefined
  if (guarded.has(node.name)) return useOfGuarded(node.name, place)
  const text = `${node.name}.${memberOf(place) ?? ''}`
  const power = members.get(text)
  if (power) return { power, text }
  const named = globals.get(node.name)
  // Handed on whole, `process` is its environment too.
  if (named === 'process' && memberOf(place) === undefined) return { power: 'process.env', text: 'process' }
  return named && { power: named, text: node.name }
}

function importOf({ node }: Place): Omit<Import, 'line'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration': {
      const named = node.specifiers.filter((one) => one.type === 'ImportSpecifier')
      const allTypes = named.length > 0 && named.length === node.specifiers.length
      const typesOnly = node.importKind === 'type' || (allTypes && named.every((one) => one.importKind === 'type'))
      return { specifier: node.source.value, typesOnly }
    }
    case 'ExportAllDeclaration':
      return { specifier: node.source.value, typesOnly: node.exportKind === 'type' }
    case 'ExportNamedDeclaration':
      return node.source ? { specifier: node.source.value, typesOnly: node.exportKind === 'type' } : undefined
    case 'TSImportType':
      return { specifier: node.source.value, typesOnly: true }
    case 'ImportExpression':
      // What is computed cannot be checked, and shows as a specifier that no rule allows.
      return {
        specifier: node.source.type === 'Literal' ? String(node.source.value) : 'a computed specifier',
        typesOnly: false,
      }
    default:
      return undefined
  }
}

/** @param path decides by its ending whether JSX is read */
export function factsOf(path: string, source: string): ModuleFacts {
  const { program, errors } = parseSync(path, source, { sourceType: 'module' })
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`)
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length
  const imports: Import[] = []
  const uses: Use[] = []
  for (const place of placesBelow({ node: program, key: '', parent: undefined })) {
    const line = () => lineOf(place.node.start)
    const found = importOf(place)
    if (found) imports.push({ ...found, line: line() })
    const use = useOf(place)
    if (use) uses.push({ ...use, line: line() })
  }
  return { imports, uses }
}
