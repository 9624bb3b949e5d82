/** What the adapter needs of a request of `node:http`: an `IncomingMessage`. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Where Express keeps the whole path, while `url` is what is left of it in a router. */
  readonly originalUrl?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean | undefined }
}

export type OutgoingHeaders = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** What the adapter needs of an answer of `node:http`: a `ServerResponse`. */
export interface NodeResponse {
  statusCode: number
  statusMessage: string
  readonly headersSent: boolean
  readonly writableEnded: boolean
  readonly destroyed: boolean
  getHeader(name: string): string | number | readonly string[] | undefined
  getHeaderNames(): readonly string[]
  getHeaders(): OutgoingHeaders
  setHeader(name: string, value: string | number | readonly string[]): unknown
  removeHeader(name: string): void
  writeHead(status: number, ...rest: unknown[]): unknown
  write(chunk: unknown, ...rest: unknown[]): boolean
  end(...args: unknown[]): unknown
  flushHeaders(): void
  emit(event: string): boolean
  destroy(error?: Error): unknown
}

/** What a request asks for: the path with its query, and the host where the target names one (RFC 9112 3.2). */
export interface Target {
  readonly path: string
  readonly host: string | null
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is

/** Proxies and some gateways send the whole URL; its scheme is the client's word, and its host stands over the header. */
export function targetOf({ url, originalUrl }: NodeRequest): Target {
  const text = originalUrl ?? url ?? '/'
  const [, host, path] = ABSOLUTE.exec(text) ?? []
  if (host === undefined || path === undefined) return { path: rooted(text), host: null }
  return { path: rooted(path), host }
}

/** A path begins with a slash: whatever else stands there must not become a part of the host. */
function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

export function headerOf({ headers }: NodeRequest, name: string): string | null {
  const value = headers[name]
  return typeof value === 'object' ? value.join(', ') : (value ?? null)
}
