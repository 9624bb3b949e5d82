import type { Command } from './command.ts'
import { COMMANDS } from './commands.ts'
import { askFor, canAsk } from './confirming.ts'
import { ownVersion } from './doctor/versions.ts'
import { CliError, ToldError } from './faults.ts'
import { helpOf, helpOfAll, helpOfGroup } from './help.ts'
import { makeOutput } from './output.ts'
import { findCommand, parse } from './parsing.ts'

/** Runs one command, and answers the exit code: 0 done, 1 it could not be done, 2 it was not understood. */
export async function runCli(args: readonly string[], commands: readonly Command[] = COMMANDS): Promise<number> {
  try {
    if (args[0] === '--version') {
      process.stdout.write(`${ownVersion()}\n`)
      return 0
    }
    const found = findCommand(commands, args)
    if (found.of === 'command') return await runCommand(found.command, found.rest)
    const text = found.of === 'all' ? helpOfAll(commands) : helpOfGroup(commands, found.group)
    const isAnswer = found.of === 'all' || found.isHelp
    ;(isAnswer ? process.stdout : process.stderr).write(text)
    return isAnswer ? 0 : 2
  } catch (error) {
    return await tell(error, args[0] ?? '')
  }
}

async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  const { names, value, has } = parse(command, args)
  if (has('help')) {
    process.stdout.write(helpOf(command))
    return 0
  }
  if (command.asks !== null && !has('yes') && !canAsk()) {
    throw new CliError(
      `${command.name} asks before, and nobody can be asked here: say --yes where it is meant.`,
      2,
      command.name,
    )
  }
  await command.run({
    names,
    value,
    has,
    output: makeOutput(has('json')),
    confirm: async (question) => {
      if (!has('yes')) await askFor(question)
    },
  })
  return 0
}

async function tell(error: unknown, command: string): Promise<number> {
  if (error instanceof ToldError) return error.exitCode
  const text = await textOf(error)
  const isUnderstood = !(error instanceof CliError) || error.exitCode !== 2
  process.stderr.write(command === 'serve' && isUnderstood ? `\nCoatcheck did not start. ${text}\n` : `${text}\n`)
  if (isUnderstood) return 1
  const help =
    error.command === '' ? 'coatcheck --help lists the commands.' : `coatcheck ${error.command} --help shows how.`
  process.stderr.write(`${help}\n`)
  return 2
}

/** A sentence for what was foreseen; where it is a fault that was not, whatever there is of it. */
async function textOf(error: unknown): Promise<string> {
  if (error instanceof CliError || error instanceof (await import('../config.ts')).ConfigError) return error.message
  const outage = (await import('../session-store/store-trouble.ts')).outageSentence(error)
  if (outage !== null) return `${outage} Run the command again when that is mended.`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
