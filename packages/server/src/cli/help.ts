import { type Command, optionsOf, usageOf } from './command.ts'

const INDENT = '  '

/** What `coatcheck --help` prints. */
export function helpOfAll(commands: readonly Command[]): string {
  return [
    'Coatcheck, the session server.',
    '',
    ...listed(commands),
    '',
    'They work on the folder that COATCHECK_DATA names, also while a server runs on it. Settings are environment variables.',
    'Only serve and users add make that folder; the others say where it holds no data.',
    'coatcheck COMMAND --help shows options and examples of each; coatcheck --version says which version this is.',
    'The exit code is 0 where it was done, 1 where it could not be, 2 where it was not understood.',
    '',
  ].join('\n')
}

/** What `coatcheck users --help` prints. */
export function helpOfGroup(commands: readonly Command[], group: string): string {
  const members = commands.filter(({ name }) => name.startsWith(`${group} `))
  return [...listed(members), '', `coatcheck ${group} COMMAND --help shows options and examples of each.`, ''].join(
    '\n',
  )
}

/** What `coatcheck users add --help` prints. */
export function helpOf(command: Command): string {
  const { summary, details, asks, examples } = command
  return [
    `${usageOf(command)}`,
    '',
    `${INDENT}${sentence(summary)}`,
    ...(details === '' ? [] : ['', ...wrapped(details)]),
    ...(asks === null
      ? []
      : [
          '',
          ...wrapped(`It asks before: ${asks}. Without a terminal it is refused, unless --yes says that it is meant.`),
        ]),
    '',
    'Options:',
    ...aligned(
      Object.entries(optionsOf(command)).map(([name, { takes, summary: what }]) => [
        `--${name}${takes === undefined ? '' : ` ${takes}`}`,
        what,
      ]),
    ),
    '',
    'Examples:',
    ...examples.map((example) => `${INDENT}${example}`),
    '',
  ].join('\n')
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function listed(commands: readonly Command[]): readonly string[] {
  return aligned(commands.map(({ name, takes, summary }) => [['coatcheck', name, ...takes].join(' '), summary]))
}

function aligned(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `${INDENT}${left.padEnd(width)}  ${right}`)
}

const WIDTH = 100

function wrapped(text: string): readonly string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + word.length < WIDTH) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => `${INDENT}${line}`)
}
