import type { Context } from 'hono'
import type { Config } from './config.ts'
import type { Environment } from './environment.ts'

/**
 * A path as the routes know it. A proxy may pass the base path on or cut it off; what does not begin with it has been cut,
 * or came past the proxy.
 */
export function withoutBase(path: string, base: string): string {
  if (base === '' || !path.startsWith(base)) return path
  const rest = path.slice(base.length)
  if (rest === '') return '/'
  return rest.startsWith('/') ? rest : path
}

const baseOf = (c: Context<Environment>): string => c.get('services').config.basePath

/** A path of ours as browsers know it. */
export const outerPath = (c: Context<Environment>, path: string): string => baseOf(c) + path

/** What was asked for as the routes know it, as it was sent. */
export const innerPath = (c: Context<Environment>): string => withoutBase(new URL(c.req.url).pathname, baseOf(c))

/** Leads to a page of ours after a form. */
export const leadTo = (c: Context<Environment>, path: string): Response => c.redirect(outerPath(c, path), 303)

/** The address that a browser knows the server by, without a slash at its end. */
export const addressOf = (origin: string, { basePath }: Pick<Config, 'basePath'>): string => origin + basePath
