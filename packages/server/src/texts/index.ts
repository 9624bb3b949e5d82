import type { Language } from '../accounts/preferences.ts'
import { de } from './de/index.ts'
import { en, type Texts } from './en/index.ts'

export type { Texts } from './en/index.ts'

const ALL: Readonly<Record<Language, Texts>> = { en, de }

export const textsIn = (language: Language): Texts => ALL[language]

/** The language of ours that a browser likes best, by `Accept-Language` (RFC 9110 12.5.4); English where it names none. */
export function languageFor(header: string | null | undefined): Language {
  const wanted = (header ?? '')
    .slice(0, 1_000)
    .split(',')
    .map((part, place) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const weight = parameters.map((one) => /^\s*q=(\d(?:\.\d{1,3})?)\s*$/.exec(one)?.[1]).find(Boolean)
      return { language: tag.trim().split('-', 1)[0], weight: weight === undefined ? 1 : Number(weight), place }
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight || a.place - b.place)
  for (const { language } of wanted) if (language === 'en' || language === 'de') return language
  return 'en'
}
