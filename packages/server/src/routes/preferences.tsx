import type { Context } from 'hono'
import { isLanguage, isTheme } from '../accounts/preferences.ts'
import { setPreferences } from '../actions/preferences.ts'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { PreferencesPage } from '../pages/preferences.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import { freshlySignedIn, signedIn } from './guard.ts'
import { noticeOf } from './refusing.ts'

export async function showPreferences(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { theme = null, language = null } = session.data
  const account = await c.get('services').accounts.read(session.userId ?? '')
  const isSaved = c.req.query('saved') !== undefined
  const notice = isSaved ? ({ kind: 'good', text: textsFor(c).preferences.saved } as const) : null
  return await renderPage(
    c,
    <PreferencesPage theme={theme} language={language} alerts={account?.alerts ?? true} notice={notice} />,
  )
}

export async function postPreferences(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { theme, language, alerts } = await readFields(c, ['theme', 'language', 'alerts'])
  // What is none of ours means none was chosen.
  const chosen = {
    theme: isTheme(theme) ? theme : null,
    language: isLanguage(language) ? language : null,
    alerts: alerts === 'yes',
  }
  const why = await setPreferences(c.get('services'), session, chosen)
  if (why === null) return leadTo(c, '/account/preferences?saved')
  const led = why.refused === 'not-fresh' ? await freshlySignedIn(c) : null
  if (led instanceof Response) return led
  const { notice, status } = noticeOf(c, why)
  return await renderPage(c, <PreferencesPage {...chosen} notice={notice} />, status)
}
