import type { Ended } from 'coatcheck'
import type { EndingTexts } from './texts/shapes.ts'

/** Our note at the endings of an account that is disabled. */
export const DISABLED = 'account disabled'

/** Likewise where the password was changed or replaced, and where an administrator ended them. */
export const PASSWORD_CHANGED = 'password changed'
export const BY_ADMINISTRATOR = 'by an administrator'

/** Notes that tell a person more than the reason does. */
const TOLD: ReadonlyMap<string | null, keyof EndingTexts> = new Map([
  [DISABLED, 'disabled'],
  [PASSWORD_CHANGED, 'passwordChanged'],
  [BY_ADMINISTRATOR, 'byAdministrator'],
])

/** Why somebody is no longer signed in; null where there is nothing to say. */
export function endingText(texts: EndingTexts, { reason, note }: Pick<Ended, 'reason' | 'note'>): string | null {
  return texts[TOLD.get(note) ?? reason]
}
