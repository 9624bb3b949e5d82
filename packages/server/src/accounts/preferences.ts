export const THEMES = ['light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

/** What a person chose for the pages; null: as the browser prefers. */
export interface Preferences {
  readonly theme: Theme | null
  readonly language: Language | null
}

export const isTheme = (text: unknown): text is Theme => THEMES.some((theme) => theme === text)
export const isLanguage = (text: unknown): text is Language => LANGUAGES.some((language) => language === text)
