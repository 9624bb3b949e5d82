import { readFileSync } from 'node:fs'
import { parseSync, Visitor } from 'oxc-parser'

/** One small change of one file. */
export interface Mutant {
  readonly path: string
  readonly operator: Operator
  readonly line: number
  readonly start: number
  readonly end: number
  readonly before: string
  readonly after: string
}

/** What a mutant does to the source, each a kind of mistake that a test should see. */
export const operators = ['border', 'condition', 'call', 'field', 'guard', 'constant', 'return', 'fallback'] as const
export type Operator = (typeof operators)[number]

const BORDERS: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
}

interface Node {
  readonly start: number
  readonly end: number
}

/** Every mutant of a file, in the order of the source. */
export function mutantsOf(path: string): readonly Mutant[] {
  const text = readFileSync(path, 'utf8')
  const found: Mutant[] = []
  const textOf = ({ start, end }: Node) => text.slice(start, end)
  const add = (operator: Operator, node: Node, after: string) => {
    const before = textOf(node)
    if (before === after) return
    const line = text.slice(0, node.start).split('\n').length
    found.push({ path, operator, line, start: node.start, end: node.end, before, after })
  }
  const negated = (test: Node) => add('condition', test, `!(${textOf(test)})`)

  const visitor = new Visitor({
    BinaryExpression(node) {
      const other = BORDERS[node.operator]
      if (other !== undefined) add('border', node, `${textOf(node.left)} ${other} ${textOf(node.right)}`)
    },
    IfStatement(node) {
      negated(node.test)
      const body = node.consequent.type === 'BlockStatement' ? node.consequent.body : [node.consequent]
      const [only] = body
      const leaves =
        only?.type === 'ReturnStatement' || only?.type === 'ThrowStatement' || only?.type === 'ContinueStatement'
      if (node.alternate === null && body.length === 1 && leaves) add('guard', node, ';')
    },
    ConditionalExpression: ({ test }) => negated(test),
    ExpressionStatement(node) {
      const { expression } = node
      const called = expression.type === 'AwaitExpression' ? expression.argument : expression
      if (called.type === 'CallExpression') add('call', node, ';')
    },
    ObjectExpression({ properties }) {
      for (const one of properties) if (one.type === 'Property' && !one.method) add('field', withComma(text, one), '')
    },
    Literal(node) {
      if (typeof node.value === 'number') add('constant', node, String(node.value + 1))
      if (typeof node.value === 'boolean') add('constant', node, String(!node.value))
    },
    ReturnStatement({ argument }) {
      if (argument === null) return
      if (argument.type === 'Literal' && typeof argument.value === 'boolean') return
      if (argument.type === 'Identifier' && argument.name === 'undefined') return
      add('return', argument, argument.type === 'Literal' && argument.value === null ? 'undefined' : 'null')
    },
    LogicalExpression(node) {
      add('fallback', node, textOf(node.left))
    },
  })
  visitor.visit(parseSync(path, text).program)
  return found.toSorted((a, b) => a.start - b.start)
}

/** A property with the comma behind it, so that what is left is an object all the same. */
function withComma(text: string, { start, end }: Node): Node {
  const [comma = ''] = /^\s*,/.exec(text.slice(end)) ?? []
  return { start, end: end + comma.length }
}

/** The file's text with the mutant in it. */
export function mutated(text: string, { start, end, after }: Mutant): string {
  return text.slice(0, start) + after + text.slice(end)
}

/** Brings mutants into the order in which they are drawn: by turns of the operators, always the same for a seed. */
export function drawn(all: readonly Mutant[], seed: number): readonly Mutant[] {
  const random = randomOf(seed)
  const shuffled = all.map((one) => ({ one, at: random() })).toSorted((a, b) => a.at - b.at)
  const byOperator = operators.map((name) => shuffled.filter(({ one }) => one.operator === name))
  const rounds = Math.max(...byOperator.map(({ length }) => length))
  return Array.from({ length: rounds }, (_, round) => byOperator.flatMap((list) => list[round]?.one ?? [])).flat()
}

/** Mulberry32: numbers from 0 to 1, the same for a seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
