import type { PreferenceTexts } from '../shapes.ts'

export const preferences: PreferenceTexts = {
  title: 'Einstellungen',
  lead: 'Sie gelten auf allen Ihren Geräten, ab der nächsten Seite.',
  theme: 'Darstellung',
  themes: { light: 'Hell', dark: 'Dunkel' },
  language: 'Sprache',
  languages: { en: 'English', de: 'Deutsch' },
  inEffect: 'Geltende Einstellungen',
  alerts: 'Neue Geräte und Änderungen meines Passworts per E-Mail melden',
  asBrowser: 'Wie der Browser es möchte',
  save: 'Speichern',
  saved: 'Ihre Einstellungen sind gespeichert.',
}
