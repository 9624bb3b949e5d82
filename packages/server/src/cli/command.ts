import type { Output } from './output.ts'

/** An option of a command: a switch, or one that takes a value. */
export interface Option {
  /** What stands for its value in a usage, such as `ROLE`; a switch has none. */
  readonly takes?: string
  readonly summary: string
}

/** One command of `coatcheck`, as its help, its document and its tests know it. */
export interface Command {
  /** As it is typed: one word, or a group and a word. */
  readonly name: string
  /** What it takes after its name, in order; all of it has to be given. */
  readonly takes: readonly string[]
  /** Beside `--help`, `--json` and, where it asks, `--yes`. */
  readonly options: Readonly<Record<string, Option>>
  /** One line. */
  readonly summary: string
  /** What one has to know before using it, in sentences; '' where the summary says it all. */
  readonly details: string
  /** Whole command lines. */
  readonly examples: readonly string[]
  /** Why it asks before it does anything; null where all that it does can be undone. */
  readonly asks: string | null
  /** Whether it can print for programs. */
  readonly json: boolean
  readonly run: (given: Given) => Promise<void>
}

/** What a command was given. */
export interface Given {
  /** One text for each of `takes`. */
  readonly names: readonly string[]
  /** The value of an option; null where it was not given. */
  readonly value: (option: string) => string | null
  readonly has: (option: string) => boolean
  readonly output: Output
  /** Asks, unless `--yes` was given. @throws CliError where the answer is no */
  readonly confirm: (question: string) => Promise<void>
}

type Described = Pick<Command, 'name' | 'summary' | 'examples' | 'run'> & Partial<Command>

/** A command with what most of them are: taking nothing, asking nothing, printing JSON where it is told to. */
export function command(described: Described): Command {
  return { takes: [], options: {}, details: '', asks: null, json: true, ...described }
}

/** All options that a command knows, by name. */
export function optionsOf({ options, asks, json }: Command): Readonly<Record<string, Option>> {
  return {
    ...options,
    ...(asks === null ? {} : { yes: { summary: 'do not ask' } }),
    ...(json ? { json: { summary: 'print one JSON object a line' } } : {}),
    help: { summary: 'print this' },
  }
}

/** The line that says how a command is typed. */
export function usageOf(of: Command): string {
  const options = Object.entries(optionsOf(of))
    .filter(([name]) => name !== 'help')
    .map(([name, { takes }]) => `[--${name}${takes === undefined ? '' : ` ${takes}`}]`)
  return ['coatcheck', of.name, ...of.takes, ...options].join(' ')
}
