import type { Account } from '../accounts/accounts.ts'
import type { Services } from '../environment.ts'
import { CliError } from './faults.ts'

/** The account of a name as it was typed. @throws CliError where nobody has it */
export async function accountNamed({ accounts }: Services, typed: string): Promise<Account> {
  const account = await accounts.find(typed)
  if (account === null) throw new CliError('There is no such account.')
  return account
}

/** A time as the command prints it. */
export const shownTime = (at: number): string => new Date(at).toISOString()
