import { isForbiddenPassword } from '../accounts/forbidden-passwords.ts'
import { LONGEST_PASSWORD, passwordLength } from '../accounts/passwords.ts'
import type { RefusalCode } from './refusals.ts'

/** Why this cannot be somebody's password, or null. `known`: what everybody knows of them, such as the name. */
export function passwordFault(password: string, least: number, known: readonly string[]): RefusalCode | null {
  const length = passwordLength(password)
  if (length < least) return 'password-short'
  if (length > LONGEST_PASSWORD) return 'password-long'
  return isForbiddenPassword(password, known) ? 'password-forbidden' : null
}
