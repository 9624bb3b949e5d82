import { isIP } from 'node:net'
import { OWN_PARTS } from '../own-paths.ts'

/** Each role's permissions. */
export type Roles = ReadonlyMap<string, readonly string[]>

export function isOrigin(text: string): boolean {
  if (!URL.canParse(text) || new URL(text).origin !== text) return false
  const { protocol, hostname } = new URL(text)
  // A pattern is no host that a browser sends, so it would be one that nothing is equal to.
  if (hostname.includes('*')) return false
  // Over plain http to anywhere else browsers keep no sign-in.
  const isLoopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback)
}

/** Origins with commas between them, each once; null where one is none. */
export function parseOrigins(text: string): readonly string[] | null {
  const origins = text.split(',').map((one) => one.trim())
  return origins.every(isOrigin) ? [...new Set(origins)] : null
}

/** With a host, and a name and a password that can be read where they are there. */
export function isMailServer(text: string): boolean {
  if (!/^smtps?:\/\//.test(text) || !URL.canParse(text)) return false
  const { hostname, username, password, pathname, search } = new URL(text)
  const isWhole = hostname !== '' && (pathname === '' || pathname === '/') && search === ''
  return isWhole && !/%(?![0-9a-f]{2})/i.test(username + password)
}

export function isNetwork(text: string): boolean {
  const [address = '', bits = ''] = text.split('/')
  const version = isIP(address)
  return version !== 0 && (bits === '' || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
}

const ROLE = /^[a-z][a-z0-9-]{0,31}$/
const PERMISSION = /^[\w:.*-]{1,64}$/

/** `editor=articles:read,articles:write; viewer=articles:read`. The role `admin` is always there. */
export function parseRoles(text: string): Roles | null {
  const roles = new Map<string, readonly string[]>()
  for (const entry of text.split(';').map((one) => one.trim())) {
    if (entry === '') continue
    const [role = '', list = '', ...more] = entry.split('=').map((one) => one.trim())
    const permissions = list.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))
    if (more.length > 0 || !ROLE.test(role) || roles.has(role)) return null
    if (!permissions.every((permission) => PERMISSION.test(permission))) return null
    roles.set(role, permissions)
  }
  return roles
}

/** A base path without a slash at its end, empty for `/`; null where it is none, or begins as a path of ours does. */
export function baseIn(text: string): string | null {
  const base = text.replace(/\/$/, '')
  const isPath = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]{1,64}){0,8}$/.test(base) && text.startsWith('/')
  return isPath && !OWN_PARTS.has(base.split('/')[1] ?? '') ? base : null
}
