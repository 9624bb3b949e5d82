import type { Ended } from 'coatcheck'
import type { EndingTexts } from './texts/shapes.ts'

/** Our note at the endings of an account that is disabled. */
export const DISABLED = 'account disabled'

/** Notes that tell a person more than the reason does. */
const TOLD: ReadonlyMap<string | null, keyof EndingTexts> = new Map([[DISABLED, 'disabled']])

/** Why somebody is no longer signed in; null where there is nothing to say. */
export function endingText(texts: EndingTexts, { reason, note }: Pick<Ended, 'reason' | 'note'>): string | null {
  return texts[TOLD.get(note) ?? reason]
}
