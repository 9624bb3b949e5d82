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

export function headerOf({ headers }: NodeRequest, name: string): string | null {
  const value = headers[name]
  return typeof value === 'object' ? value.join(', ') : (value ?? null)
}
