import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { isLanguage, isTheme, type Language } from '../accounts/preferences.ts'
import type { Environment } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'
import { languageFor, type Texts, textsIn } from '../texts/index.ts'
import { type Frame, FrameProvider } from './frame.tsx'

/** Sends a whole document, in the visitor's language and theme: for nobody else, so no cache keeps it (ASVS 14.2.2). */
export async function renderPage(
  c: Context<Environment>,
  page: Child,
  status: ContentfulStatusCode = 200,
): Promise<Response> {
  const frame = frameOf(c)
  const document = await (<FrameProvider value={frame}>{page}</FrameProvider>)
  c.header('Content-Language', frame.language)
  c.header('Cache-Control', 'no-store')
  return c.html(`<!doctype html>${document}`, status)
}

/** Of the session only what somebody has asked for already: a page about an outage must not need the store. */
function frameOf(c: Context<Environment>): Frame {
  const session = c.get('session')
  const { name, role, theme } = session?.signedIn === true ? session.data : {}
  return {
    language: languageOf(c, session),
    theme: isTheme(theme) ? theme : null,
    name: name ?? null,
    role: role ?? null,
    now: Date.now(),
    path: c.req.path,
    base: c.get('services').config.basePath,
  }
}

/** The language that somebody chose, else the one that the browser likes best. */
export function languageOf(c: Context<Environment>, session: ServerSession | undefined = c.get('session')): Language {
  const language = session?.signedIn === true ? session.data.language : null
  return isLanguage(language) ? language : languageFor(c.req.header('accept-language'))
}

/** The texts in which a page will be rendered, for what a route puts into it. */
export const textsFor = (c: Context<Environment>): Texts => textsIn(frameOf(c).language)
