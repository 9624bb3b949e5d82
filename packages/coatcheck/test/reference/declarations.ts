// What a module exports, as text: each declaration with its docstring, without bodies and private members. Read from the
// syntax tree, so that nothing has to be built.
import { dirname, join } from 'node:path/posix'
import { type Class, type ClassElement, type Comment, type Node, parseSync, type Span } from 'oxc-parser'
import { textOf } from '../package/workspace.ts'

export interface Declaration {
  readonly name: string
  readonly kind: 'function' | 'value' | 'class' | 'type'
  /** The docstring as one text. */
  readonly doc: string
  /** What a caller has to know, as TypeScript. */
  readonly code: string
  /** Of an interface or class: its members, with their docstrings. */
  readonly members: readonly Member[]
  /** The file that it stands in. */
  readonly path: string
}

export interface Member {
  readonly name: string
  readonly doc: string
  /** Its type, as written; null where it is no property. */
  readonly type: string | null
}

interface Module {
  readonly path: string
  readonly text: string
  readonly body: readonly Node[]
  readonly comments: readonly Comment[]
}

const modules = new Map<string, Module>()

function moduleAt(path: string): Module {
  const known = modules.get(path)
  if (known !== undefined) return known
  const text = textOf(path)
  const { program, comments, errors } = parseSync(path, text, { sourceType: 'module' })
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`)
  const module = { path, text, body: program.body as Node[], comments }
  modules.set(path, module)
  return module
}

/** A docstring as one text, without the signs of the comment: lines of a paragraph joined, examples left as they are. */
function proseOf(comment: string): string {
  const text = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trimEnd())
    .join('\n')
  return text
    .split(/^```(?:ts)?$/m)
    .map((part, i) =>
      // Examples are parts of programs, so no test compiles them: they are not called `ts`.
      i % 2 === 1 ? `\`\`\`typescript${part}\`\`\`` : part.replaceAll(/([^\n])\n(?=[^\n-])/g, '$1 ').trim(),
    )
    .join('\n\n')
    .trim()
}

/** The docstring right above a node, with its place. */
function commentAbove({ text, comments }: Module, { start }: Span): Comment | undefined {
  return comments.findLast(
    (one) =>
      one.type === 'Block' && one.value.startsWith('*') && one.end <= start && text.slice(one.end, start).trim() === '',
  )
}

const docOf = (module: Module, node: Span) => proseOf(commentAbove(module, node)?.value.slice(1) ?? '')

/** Up to the body, where there is one. */
function signatureOf({ text }: Module, node: Span, body: Span | null | undefined): string {
  return text.slice(node.start, body?.start ?? node.end).trimEnd()
}

/** Made by us, or for our own modules. */
function isForCallers(module: Module, member: ClassElement): boolean {
  if (member.type !== 'MethodDefinition' && member.type !== 'PropertyDefinition') return false
  if (member.static || member.key.type === 'PrivateIdentifier') return false
  return !(member.type === 'MethodDefinition' && member.kind === 'constructor') || !isMadeByUs(module, member)
}

const isMadeByUs = (module: Module, member: Span) => /^(?:Made by|Checks the options)/.test(docOf(module, member))

function classOf(module: Module, node: Class): Pick<Declaration, 'code' | 'members'> {
  const members = node.body.body.filter((member) => isForCallers(module, member))
  const parts = members.map((member) => {
    const above = commentAbove(module, member)
    const body = member.type === 'MethodDefinition' ? member.value.body : null
    const comment = above === undefined ? '' : `${module.text.slice(above.start, above.end)}\n  `
    return `  ${comment}${signatureOf(module, member, body).replace(/^async /, '')}`
  })
  const head = module.text.slice(node.start, node.body.start).trimEnd()
  return { code: parts.length === 0 ? head : `${head} {\n${parts.join('\n')}\n}`, members: [] }
}

function membersOf(module: Module, body: readonly Node[]): Member[] {
  return body.flatMap((member) => {
    if (member.type !== 'TSPropertySignature' || member.key.type !== 'Identifier') return []
    const type = member.typeAnnotation?.typeAnnotation
    return [
      {
        name: member.key.name,
        doc: docOf(module, member),
        type: type === undefined ? null : module.text.slice(type.start, type.end),
      },
    ]
  })
}

/** One declaration; the docstring stands above `outer`, which may be its `export`. */
function declarationOf(module: Module, node: Node, outer: Span): Declaration[] {
  const doc = docOf(module, outer)
  const { path, text } = module
  switch (node.type) {
    case 'TSDeclareFunction':
    case 'FunctionDeclaration': {
      const code = signatureOf(module, node, node.body).replace(/^async /, '')
      return [{ name: node.id?.name ?? '', kind: 'function', doc, code, members: [], path }]
    }
    case 'ClassDeclaration':
      return [{ name: node.id?.name ?? '', kind: 'class', doc, path, ...classOf(module, node) }]
    case 'TSInterfaceDeclaration': {
      const members = membersOf(module, node.body.body)
      return [{ name: node.id.name, kind: 'type', doc, code: text.slice(node.start, node.end), members, path }]
    }
    case 'TSTypeAliasDeclaration':
      return [{ name: node.id.name, kind: 'type', doc, code: text.slice(node.start, node.end), members: [], path }]
    case 'VariableDeclaration':
      return node.declarations.flatMap((one) => {
        if (one.id.type !== 'Identifier') return []
        // What has a type says what it is by that; else its value does, or the head of the function that it is.
        const body = one.init?.type === 'ArrowFunctionExpression' ? one.init.body : null
        const { typeAnnotation } = one.id
        const code = typeAnnotation
          ? text.slice(node.start, typeAnnotation.end)
          : signatureOf(module, node, body).replace(/\s*=>$/, '')
        return [{ name: one.id.name, kind: 'value' as const, doc, code, members: [], path }]
      })
    default:
      return []
  }
}

const targetOf = (path: string, specifier: string) => join(dirname(path), specifier)

/** What stands in a module itself, exported or not; of a function with overloads those, without what carries them out. */
function ownOf(path: string): Declaration[] {
  const module = moduleAt(path)
  const all = module.body.flatMap((node) =>
    node.type === 'ExportNamedDeclaration' && node.declaration !== null
      ? declarationOf(module, node.declaration as Node, node)
      : declarationOf(module, node, node),
  )
  const overloads = Map.groupBy(all, ({ name }) => name)
  return [...overloads.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const shown = same.length > 1 ? same.slice(0, -1) : same
    return [{ ...first, code: shown.map(({ code }) => code).join('\n') }]
  })
}

/** The names under which a module imports from others of the repository. */
function* importsOf(path: string): Generator<{ readonly local: string; readonly name: string; readonly from: string }> {
  for (const node of moduleAt(path).body) {
    if (node.type !== 'ImportDeclaration' || !node.source.value.startsWith('.')) continue
    for (const one of node.specifiers) {
      if (one.type !== 'ImportSpecifier' || one.imported.type !== 'Identifier') continue
      yield { local: one.local.name, name: one.imported.name, from: targetOf(path, node.source.value) }
    }
  }
}

/** What a name means in a module: declared there, or imported from another file of the repository. */
export function lookUp(path: string, name: string): Declaration | undefined {
  const own = ownOf(path).find((one) => one.name === name)
  if (own !== undefined) return own
  for (const one of importsOf(path))
    if (one.local === name) return exportsOf(one.from).find((it) => it.name === one.name)
  return undefined
}

/** What is no type at all, so that `export type` gives nothing that a caller could use. */
const isInstance = ({ kind }: Declaration) => kind === 'function' || kind === 'value'

/** A class of which only the type is exported: nobody can make one, so it is shown as what it looks like. */
function asType(one: Declaration): Declaration {
  return { ...one, kind: 'type', code: one.kind === 'class' ? one.code.replace(/^class /, 'interface ') : one.code }
}

/** All that a module exports, in its order, from wherever it comes. */
export function exportsOf(path: string): Declaration[] {
  return moduleAt(path).body.flatMap((node): Declaration[] => {
    if (node.type === 'ExportAllDeclaration') {
      const all = exportsOf(targetOf(path, node.source.value))
      return node.exportKind === 'type' ? all.flatMap((one) => (isInstance(one) ? [] : [asType(one)])) : all
    }
    if (node.type !== 'ExportNamedDeclaration') return []
    if (node.declaration !== null) {
      const names = new Set(declarationOf(moduleAt(path), node.declaration as Node, node).map(({ name }) => name))
      return ownOf(path).filter(({ name }) => names.has(name))
    }
    const isType = node.exportKind === 'type'
    return node.specifiers.flatMap(({ local, exported, exportKind }) => {
      if (local.type !== 'Identifier' || exported.type !== 'Identifier') return []
      const source = node.source?.value
      const found = lookUp(source === undefined ? path : targetOf(path, source), local.name)
      if (found === undefined) return []
      const one = { ...found, name: exported.name }
      return [isType || exportKind === 'type' ? asType(one) : one]
    })
  })
}
