import type { Committed } from '../../core/sessions/response.ts'
import type { HeadArguments } from './answer-face.ts'
import type { NodeResponse } from './messages.ts'

type Header = readonly [name: string, value: string | readonly string[]]

/** Puts cookies and the word to caches among the headers; what `writeHead` was given stands over what was set before. */
export function withSession(
  response: NodeResponse,
  head: HeadArguments | null,
  { cookies, caching, headers }: Committed,
): HeadArguments | null {
  const given = head === null ? [] : headersIn(head)
  for (const [name, value] of given) response.setHeader(name, value)
  if (cookies.length > 0) addCookies(response, cookies)
  const { cacheControl, vary } = caching({
    cacheControl: textOf(response, 'cache-control'),
    vary: textOf(response, 'vary'),
  })
  response.setHeader('cache-control', cacheControl)
  for (const [name, value] of headers) response.setHeader(name, value)
  if (vary !== null) response.setHeader('vary', vary)
  if (head === null) return null
  const [status, reason] = head
  return typeof reason === 'string' ? [status, reason] : [status]
}

/** What the head that has left says to caches: `writeHead` puts headers past `getHeader` where none were set before. */
export function sentCacheControl(response: NodeResponse, head: HeadArguments | null): string | null {
  const given = head === null ? [] : headersIn(head)
  const [, value] = given.find(([name]) => name.toLowerCase() === 'cache-control') ?? []
  return value === undefined ? textOf(response, 'cache-control') : listOf(value).join(', ')
}

export function addCookies(response: NodeResponse, cookies: readonly string[]): void {
  response.setHeader('set-cookie', [...listOf(response.getHeader('set-cookie')), ...cookies])
}

function textOf(response: NodeResponse, name: string): string | null {
  const value = response.getHeader(name)
  return value === undefined ? null : listOf(value).join(', ')
}

function listOf(value: string | number | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'object' ? value : [String(value)]
}

/** The headers of `writeHead(status, reason?, headers?)`: an object, or a flat list of names and values. */
function headersIn([, first, second]: HeadArguments): readonly Header[] {
  const given = typeof first === 'object' ? first : second
  if (typeof given !== 'object' || given === null) return []
  const pairs = Array.isArray(given) ? pairsOf(given) : Object.entries(given)
  const headers = new Map<string, Header>()
  for (const [name, value] of pairs) {
    if (value === undefined) continue
    const texts = Array.isArray(value) ? value.map(String) : String(value)
    // In a list one name may come again, and in other letters; among the keys of an object the last one counts.
    const [, present] = headers.get(name.toLowerCase()) ?? []
    const both = present === undefined || !Array.isArray(given) ? texts : [present, texts].flat()
    headers.set(name.toLowerCase(), [name, both])
  }
  return [...headers.values()]
}

function pairsOf(flat: readonly unknown[]): readonly (readonly [string, unknown])[] {
  if (Array.isArray(flat[0])) return flat as readonly (readonly [string, unknown])[]
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[String(name), flat[i + 1]] as const] : []))
}
