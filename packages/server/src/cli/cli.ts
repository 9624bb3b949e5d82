import { ConfigError } from '../config.ts'
import { CliError } from './faults.ts'
import { serve } from './serving.ts'
import { users } from './users.ts'

const HELP = `Coatcheck, the session server.

  coatcheck serve [--demo]                   run the server; settings are environment variables
  coatcheck users list                       all accounts, with role and state
  coatcheck users add NAME [--role ROLE]     make an account; the password is asked for, or read from a pipe
  coatcheck users invite [--role ROLE]       print a link with which one account can be made, within seven days
  coatcheck users role NAME ROLE             give another role, in force at once
  coatcheck users disable NAME               end all sessions of the account, and let nobody sign in with it
  coatcheck users enable NAME                let it be used again

  --json    print what programs can read
  --help    print this

The commands work on the data of a running server, too. Examples:

  coatcheck users add alice --role admin
  echo "$PASSWORD" | coatcheck users add bob
  COATCHECK_DATA=/srv/coatcheck coatcheck users list --json
`

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  serve,
  users,
}

/** Runs one command, and answers the exit code: 0 done, 1 it could not be done, 2 it was not understood. */
export async function runCli(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args
  if (name === '' || name === 'help' || args.includes('--help')) {
    process.stdout.write(HELP)
    return 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  try {
    if (command === undefined) throw new CliError(`There is no command ${name}.`, 2)
    await command(rest)
    return 0
  } catch (error) {
    return tell(error, name)
  }
}

function tell(error: unknown, command: string): number {
  const isForeseen = error instanceof ConfigError || error instanceof CliError
  const text = isForeseen ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(command === 'serve' ? `\nCoatcheck did not start. ${text}\n` : `${text}\n`)
  if (!(error instanceof CliError) || error.exitCode !== 2) return 1
  process.stderr.write('coatcheck --help lists the commands.\n')
  return 2
}
