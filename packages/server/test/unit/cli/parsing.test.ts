import { describe, expect, test } from 'vitest'
import type { Command } from '../../../src/cli/command.ts'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { CliError } from '../../../src/cli/faults.ts'
import { helpOf, helpOfAll, helpOfGroup } from '../../../src/cli/help.ts'
import { findCommand, parse } from '../../../src/cli/parsing.ts'
import { nearest } from '../../../src/nearest.ts'

function commandNamed(name: string): Command {
  const found = COMMANDS.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no command ${name}`)
  return found
}

const add = commandNamed('users add')

describe('the table of commands', () => {
  test.each(COMMANDS.map((one) => [one.name, one] as const))(
    '%s: its help has usage, options and examples that are understood',
    (name, one) => {
      const help = helpOf(one)
      expect(help).toMatch(new RegExp(`^coatcheck ${name}`))
      expect(help).toContain('Options:\n')
      expect(help).toContain('  --help')
      expect(one.examples.length).toBeGreaterThan(0)
      for (const example of one.examples) {
        const [, words = ''] = example.split(/(?<![\w/])coatcheck /, 2)
        const args = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
        const found = findCommand(COMMANDS, args)
        expect(found).toMatchObject({ of: 'command', command: { name } })
        if (found.of === 'command') parse(found.command, found.rest)
      }
    },
  )

  test('the whole help lists each, and that of a group its own', () => {
    for (const { name, summary } of COMMANDS)
      expect(helpOfAll(COMMANDS)).toMatch(new RegExp(`coatcheck ${name}\\b.*  ${summary.slice(0, 10)}`))
    expect(helpOfGroup(COMMANDS, 'users')).toContain('coatcheck users add NAME')
    expect(helpOfGroup(COMMANDS, 'users')).not.toContain('sessions list')
  })
})

describe('finding a command', () => {
  test.each([
    [[], { of: 'all' }],
    [['--help'], { of: 'all' }],
    [['help'], { of: 'all' }],
    [['users'], { of: 'group', group: 'users', isHelp: false }],
    [['users', '--help'], { of: 'group', group: 'users', isHelp: true }],
    [['help', 'users'], { of: 'group', group: 'users', isHelp: true }],
    [['users', 'add', 'x'], { of: 'command', command: add, rest: ['x'] }],
    [['users', 'add', '--help'], { of: 'command', command: add, rest: ['--help'] }],
    [['help', 'users', 'add'], { of: 'command', command: add, rest: ['--help'] }],
  ])('%j', (args, found) => {
    expect(findCommand(COMMANDS, args)).toEqual(found)
  })

  test.each([
    [['user'], 'There is no command user. Did you mean users?'],
    [['srve'], 'There is no command srve. Did you mean serve?'],
    [['users', 'lsit'], 'There is no command users lsit. Did you mean users list?'],
    [['users', 'ls'], 'There is no command users ls. Did you mean users list?'],
    [['paint'], 'There is no command paint.'],
    [['__proto__'], 'There is no command __proto__.'],
  ])('%j is not understood', (args, message) => {
    expect(() => findCommand(COMMANDS, args)).toThrow(new CliError(message, 2))
  })
})

describe('options', () => {
  test('are read with their values, in any order', () => {
    const given = parse(add, ['--json', 'alice', '--role=admin'])
    expect([given.names, given.value('role'), given.has('json'), given.has('yes')]).toEqual([
      ['alice'],
      'admin',
      true,
      false,
    ])
    expect(parse(add, ['--', '--role']).names).toEqual(['--role'])
    expect(parse(add, ['alice']).value('role')).toBe(null)
  })

  test.each([
    [['alice', '--rol', 'x'], '--rol is no option of users add. Did you mean --role?'],
    [['alice', '--colour'], '--colour is no option of users add.'],
    [['alice', '-x'], '-x is no option of users add.'],
    [['alice', '--__proto__'], '--__proto__ is no option of users add.'],
    [['alice', '--role'], '--role takes a value: --role ROLE.'],
    [['alice', '--role', '--json'], '--role takes a value: --role ROLE.'],
    [['alice', '--json=1'], '--json takes no value.'],
    [[], 'users add takes NAME: coatcheck users add NAME [--role ROLE] [--json].'],
    [['a', 'b'], 'users add takes NAME: coatcheck users add NAME [--role ROLE] [--json].'],
  ])('%j is not understood', (args, message) => {
    expect(() => parse(add, args)).toThrow(new CliError(message, 2, 'users add'))
  })

  test('an id may begin as one', () => {
    const show = commandNamed('sessions show')
    expect(parse(show, ['-0123456789abcdefghij-', '--json']).names).toEqual(['-0123456789abcdefghij-'])
    expect(parse(show, ['--123456789abcdefghij-']).names).toEqual(['--123456789abcdefghij-'])
    expect(() => parse(show, ['-0123456789abcdefghij'])).toThrow('is no option of sessions show')
  })
})

test('the nearest word is one that may have been meant', () => {
  expect(nearest('revok', ['list', 'revoke', 'revoke-all'])).toBe('revoke')
  expect(nearest('STATS', ['stats'])).toBe('stats')
  expect(nearest('xyz', ['list'])).toBe(null)
  expect(nearest('a', [])).toBe(null)
})
