import type { PreferenceTexts } from '../shapes.ts'

export const preferences: PreferenceTexts = {
  title: 'Preferences',
  lead: 'They take effect on all of your devices, at the next page.',
  theme: 'Appearance',
  themes: { light: 'Light', dark: 'Dark' },
  language: 'Language',
  languages: { en: 'English', de: 'Deutsch' },
  inEffect: 'Preferences in effect',
  alerts: 'Tell me by mail of new devices and changes of my password',
  asBrowser: 'As the browser prefers',
  save: 'Save',
  saved: 'Your preferences are saved.',
}
