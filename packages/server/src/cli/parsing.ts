import { parseArgs } from 'node:util'
import { nearest } from '../nearest.ts'
import { type Command, optionsOf, usageOf } from './command.ts'
import { CliError } from './faults.ts'

/** What was typed, before anything was made of it. */
export interface Parsed {
  readonly names: readonly string[]
  readonly value: (option: string) => string | null
  readonly has: (option: string) => boolean
}

/** Which command the arguments are for, or which group or whole they ask about. */
export type Found =
  | { readonly of: 'command'; readonly command: Command; readonly rest: readonly string[] }
  | { readonly of: 'group'; readonly group: string; readonly isHelp: boolean }
  | { readonly of: 'all' }

/** @throws CliError where there is no such command */
export function findCommand(commands: readonly Command[], args: readonly string[]): Found {
  const isHelp = args.includes('--help') || args[0] === 'help'
  const [first = '', second = '', ...more] = args.filter((arg) => !(isHelp && (arg === '--help' || arg === 'help')))
  if (first === '' || (isHelp && first.startsWith('-'))) return { of: 'all' }
  const single = commands.find(({ name }) => name === first)
  if (single !== undefined) {
    return {
      of: 'command',
      command: single,
      rest: rest(
        [second, ...more].filter((arg) => arg !== ''),
        isHelp,
      ),
    }
  }
  const group = commands.filter(({ name }) => name.startsWith(`${first} `))
  if (group.length === 0) throw unknown(first, [...new Set(commands.map(({ name }) => name.split(' ', 1).join('')))])
  if (second === '') return { of: 'group', group: first, isHelp }
  const found = group.find(({ name }) => name === `${first} ${second}`)
  if (found !== undefined) return { of: 'command', command: found, rest: rest(more, isHelp) }
  throw unknown(
    `${first} ${second}`,
    group.map(({ name }) => name),
  )
}

const rest = (args: readonly string[], isHelp: boolean) => (isHelp ? [...args, '--help'] : args)

function unknown(typed: string, names: readonly string[]): CliError {
  return new CliError(`There is no command ${typed}.${meant(nearest(typed, names))}`, 2)
}

const meant = (word: string | null) => (word === null ? '' : ` Did you mean ${word}?`)

/** @throws CliError for an option that there is not, a value that is missing, or too few or too many names */
export function parse(command: Command, args: readonly string[]): Parsed {
  const known = optionsOf(command)
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { takes }]) => [
      name,
      { type: takes === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  const ids = command.takes.includes('ID') ? args.filter((arg) => isId(arg) && !Object.hasOwn(known, arg.slice(2))) : []
  const { positionals, values, tokens } = parseArgs({
    args: [...args.filter((arg) => !ids.includes(arg)), ...(ids.length === 0 ? [] : ['--', ...ids])],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined
    if (option === undefined) {
      const word = nearest(token.name, Object.keys(known))
      throw wrong(
        command,
        `${token.rawName} is no option of ${command.name}.${meant(word === null ? null : `--${word}`)}`,
      )
    }
    // What looks like an option is none's value: --role --json lacks a role.
    if (
      option.takes !== undefined &&
      (token.value === undefined || (!token.inlineValue && token.value.startsWith('-')))
    ) {
      throw wrong(command, `${token.rawName} takes a value: ${token.rawName} ${option.takes}.`)
    }
    if (option.takes === undefined && token.value !== undefined)
      throw wrong(command, `${token.rawName} takes no value.`)
  }
  const has = (name: string) => values[name] !== undefined
  if (!has('help') && positionals.length !== command.takes.length) {
    const wanted = command.takes.length === 0 ? 'nothing' : command.takes.join(' and ')
    throw wrong(command, `${command.name} takes ${wanted}: ${usageOf(command)}.`)
  }
  return {
    names: positionals,
    has,
    value(name) {
      const value = values[name]
      return typeof value === 'string' ? value : null
    },
  }
}

/** Ids of sessions and keys are random, and some begin as an option does. */
const isId = (arg: string) => /^-(?:[\w-]{5}|[\w-]{21})$/.test(arg)

function wrong({ name }: Command, sentence: string): CliError {
  return new CliError(sentence, 2, name)
}
