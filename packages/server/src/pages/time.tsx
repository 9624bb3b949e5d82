import type { Language } from '../accounts/preferences.ts'
import { useFrame, useTexts } from './frame.tsx'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const formats = (language: Language) => ({
  relative: new Intl.RelativeTimeFormat(language, { numeric: 'auto' }),
  absolute: new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }),
})
const FORMATS = { en: formats('en'), de: formats('de') } as const satisfies Record<Language, object>

/** How long ago, or in how long, in words; null under a minute. */
function inWords(at: number, now: number, language: Language): string | null {
  const { relative } = FORMATS[language]
  const distance = at - now
  const size = Math.abs(distance)
  if (size < MINUTE) return null
  if (size < HOUR) return relative.format(Math.round(distance / MINUTE), 'minute')
  if (size < DAY) return relative.format(Math.round(distance / HOUR), 'hour')
  return relative.format(Math.round(distance / DAY), 'day')
}

/** A point in time in words, with the exact one beneath. */
export function Time({ at }: { readonly at: number }) {
  const { language, now } = useFrame()
  const { session } = useTexts()
  return (
    <time datetime={new Date(at).toISOString()} title={`${FORMATS[language].absolute.format(at)} UTC`}>
      {inWords(at, now, language) ?? session.justNow}
    </time>
  )
}
