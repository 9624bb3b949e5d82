import type { MiddlewareHandler } from 'hono'
import type { Environment } from './environment.ts'
import { MessagePage } from './pages/message.tsx'
import { renderPage } from './pages/render.tsx'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** What of a request tells where it was made. */
interface Provenance {
  readonly method: string
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly referer: string | undefined
  readonly own: string
}

/**
 * Whether an unsafe request was made by one of our own pages: by Fetch Metadata, else by Origin or Referer. A request
 * with none of the three comes from no browser, and carries no cookie that its sender did not give it.
 */
export function isFromOwnPages({ method, site, origin, referer, own }: Provenance): boolean {
  if (SAFE.has(method)) return true
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  if (origin !== undefined) return origin === own
  if (referer !== undefined) return URL.canParse(referer) && new URL(referer).origin === own
  return true
}

/** Refuses unsafe requests that other sites' pages make (CSRF; OWASP, ASVS 3.5.1). */
export const onlyFromOwnPages: MiddlewareHandler<Environment> = async (c, next) => {
  const provenance = {
    method: c.req.method,
    site: c.req.header('sec-fetch-site'),
    origin: c.req.header('origin'),
    referer: c.req.header('referer'),
    own: c.get('services').origin ?? new URL(c.req.url).origin,
  }
  if (isFromOwnPages(provenance)) return await next()
  c.header('Vary', 'Sec-Fetch-Site, Origin')
  const text = 'This request came from another site, so nothing was done. Go back and use the form on our own page.'
  return renderPage(c, <MessagePage title="Not from here" text={text} />, 403)
}
