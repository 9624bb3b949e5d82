import type { Committed } from '../../core/answer.ts'
import { type Face, faceFor, type HeadArguments, type Held, type Own, replaceOwn } from './answer-face.ts'
import type { NodeResponse } from './messages.ts'

/** What has to happen before an answer leaves, and before it ends. */
export interface Commit {
  /** Whether it may: as long as no session was opened, the answer goes its way untouched. */
  isPossible(): boolean
  /** Whether it does: a session was opened, and the answer concerns it. Asked when the first byte is to leave. */
  isNeeded(): boolean
  /** Before the headers leave: writes, and answers what they are to carry; at once where there is nothing to write. */
  beforeHead(status: number): Committed | Promise<Committed>
  /** Before the end of an answer whose headers have left. */
  beforeEnd(status: number): Promise<void>
  /** The cookies that leave although `beforeHead` failed: those of what has happened all the same. */
  cookiesAfterFailure(): Promise<readonly string[]>
  /**
   * `beforeHead` failed: answers something else, on a response that is as if the handler had written nothing to it.
   * Where `isStreaming`, the handler is still writing: the answer has to be complete on return.
   */
  instead(error: unknown, isStreaming: boolean): void
}

/**
 * `passing`: the handler has not begun to answer. `holding`: it has, and the commit is under way; its calls wait.
 * `sent`: calls go through, the head has left. `ending`: the last write is under way. `replaced`: what the handler still
 * says is dropped, something else was answered.
 */
type Phase = 'passing' | 'holding' | 'sent' | 'ending' | 'replaced'
type Header = readonly [name: string, value: string | readonly string[]]

/**
 * Holds back what a handler answers until the session is committed: the first byte leaves after the write was
 * acknowledged and with the cookies; the last one after what changed while streaming was acknowledged too. A failure
 * after the headers have left breaks the answer off.
 */
export function holdAnswer(response: NodeResponse, commit: Commit): void {
  const { writeHead, write, end, flushHeaders } = response
  new HeldAnswer(response, { writeHead, write, end, flushHeaders }, commit)
}

class HeldAnswer implements Held {
  readonly #response: NodeResponse
  readonly #own: Own
  readonly #commit: Commit
  readonly #face: Face
  #phase: Phase = 'passing'
  #head: HeadArguments | null = null
  #calls: (() => void)[] = []
  #hasEnded = false

  constructor(response: NodeResponse, own: Own, commit: Commit) {
    this.#response = response
    this.#own = own
    this.#commit = commit
    this.#face = faceFor(response, this)
    replaceOwn(response, this.#face.functions)
  }

  get headersSent(): boolean {
    return this.#phase !== 'passing' || this.#head !== null || this.#ask('headersSent')
  }

  get writableEnded(): boolean {
    return this.#hasEnded || this.#ask('writableEnded')
  }

  writeHead(args: HeadArguments): unknown {
    const response = this.#response
    if (this.#mayHold()) {
      if (this.#head !== null) throw headersSentError()
      Object.defineProperties(response, this.#face.views)
      this.#head = args
      response.statusCode = args[0]
      return response
    }
    if (this.#phase === 'holding' || this.#phase === 'ending') throw headersSentError()
    if (this.#phase === 'replaced') return response
    // Node itself asks here for the implicit head; what the handler had said counts.
    const told = this.#head ?? args
    this.#head = null
    return this.#own.writeHead.apply(response, [...told] as [number, ...unknown[]])
  }

  write(args: [unknown, ...unknown[]]): boolean {
    this.#begin()
    if (this.#phase === 'replaced') return true
    if (this.#phase !== 'holding') return this.#own.write.apply(this.#response, args)
    this.#calls.push(() => this.#own.write.apply(this.#response, args))
    return false
  }

  flushHeaders(): void {
    this.#begin()
    if (this.#phase === 'replaced') return
    if (this.#phase === 'holding') this.#calls.push(() => this.#own.flushHeaders.apply(this.#response))
    else this.#own.flushHeaders.apply(this.#response)
  }

  end(args: unknown[]): unknown {
    const response = this.#response
    if (this.#phase === 'replaced' || this.#phase === 'ending') return response
    if (this.#mustHold()) {
      // Nothing can change between this commit and the end: one write is enough.
      this.#hasEnded = true
      this.#settle(() => this.#own.end.apply(response, args))
      return response
    }
    if (this.#phase === 'holding') {
      if (this.#hasEnded) return response
      this.#hasEnded = true
      this.#calls.push(() => void this.#finish(args))
      return response
    }
    this.#begin()
    if (this.writableEnded || !this.#commit.isNeeded()) return this.#own.end.apply(response, args)
    this.#hasEnded = true
    void this.#finish(args)
    return response
  }

  /** What the response itself says, behind the view that is laid over it. */
  #ask(name: 'headersSent' | 'writableEnded'): boolean {
    return Reflect.get(Object.getPrototypeOf(this.#response), name, this.#response) === true
  }

  #mayHold(): boolean {
    return this.#phase === 'passing' && !this.#ask('headersSent') && this.#commit.isPossible()
  }

  #mustHold(): boolean {
    return this.#mayHold() && this.#commit.isNeeded()
  }

  /** At the first byte: holds the answer back where that is needed; else lets it go, with what was told of its head. */
  #begin(): void {
    if (this.#phase !== 'passing') return
    if (this.#mustHold()) {
      this.#settle(null)
      return
    }
    this.#phase = 'sent'
    if (this.#head === null || this.#ask('headersSent')) return
    const told = this.#head
    this.#head = null
    this.#own.writeHead.apply(this.#response, [...told])
  }

  /** Commits, then sends the head and makes the call that began the answer; in one go where nothing has to be written. */
  #settle(call: (() => void) | null): void {
    this.#phase = 'holding'
    try {
      const committed = this.#commit.beforeHead(this.#head?.[0] ?? this.#response.statusCode)
      if (committed instanceof Promise) {
        if (call !== null) this.#calls.push(call)
        void this.#hold(committed)
        return
      }
      this.#carry(committed)
    } catch (error) {
      void this.#replace(error)
      return
    }
    this.#phase = 'sent'
    call?.()
  }

  async #hold(committing: Promise<Committed>): Promise<void> {
    const response = this.#response
    if (this.#head === null) Object.defineProperties(response, this.#face.views)
    try {
      const committed = await committing
      if (response.destroyed) return
      this.#carry(committed)
    } catch (error) {
      await this.#replace(error)
      return
    }
    this.#phase = 'sent'
    const calls = this.#calls
    this.#calls = []
    for (const call of calls) call()
    // Whoever was told to wait by `write` goes on.
    if (!this.#hasEnded) response.emit('drain')
  }

  #carry(committed: Committed): void {
    this.#head = withSession(this.#response, this.#head, committed)
  }

  async #replace(error: unknown): Promise<void> {
    this.#phase = 'replaced'
    this.#calls = []
    const response = this.#response
    const cookies = await this.#commit.cookiesAfterFailure()
    if (response.destroyed) return
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    replaceOwn(response, this.#own)
    for (const name of Object.keys(this.#face.views)) Reflect.deleteProperty(response, name)
    if (cookies.length > 0) response.setHeader('set-cookie', cookies)
    this.#commit.instead(error, !this.#hasEnded)
    // A handler that is still writing has nobody to write to.
    if (!this.#hasEnded) replaceOwn(response, this.#face.functions)
  }

  async #finish(args: readonly unknown[]): Promise<void> {
    this.#phase = 'ending'
    try {
      await this.#commit.beforeEnd(this.#response.statusCode)
    } catch {
      // The event tells of it (`answer-broken`); a complete answer would tell the client that all is well.
      this.#response.destroy()
      return
    }
    this.#phase = 'sent'
    this.#own.end.apply(this.#response, [...args])
  }
}

/** What `node:http` throws where the head has been written. */
function headersSentError(): Error {
  const error = new Error('Cannot write headers after they are sent to the client')
  return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
}

/** Puts cookies and the word to caches among the headers; what `writeHead` was given stands over what was set before. */
function withSession(
  response: NodeResponse,
  head: HeadArguments | null,
  { cookies, caching, clearSiteData }: Committed,
): HeadArguments | null {
  const given = head === null ? [] : headersIn(head)
  for (const [name, value] of given) response.setHeader(name, value)
  if (cookies.length > 0) {
    response.setHeader('set-cookie', [...listOf(response.getHeader('set-cookie')), ...cookies])
  }
  const { cacheControl, vary } = caching({
    cacheControl: textOf(response, 'cache-control'),
    vary: textOf(response, 'vary'),
  })
  response.setHeader('cache-control', cacheControl)
  if (clearSiteData !== null) response.setHeader('clear-site-data', clearSiteData)
  if (vary !== null) response.setHeader('vary', vary)
  if (head === null) return null
  const [status, reason] = head
  return typeof reason === 'string' ? [status, reason] : [status]
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
  const headers = new Map<string, string | readonly string[]>()
  for (const [name, value] of pairs) {
    if (value === undefined) continue
    const texts = Array.isArray(value) ? value.map(String) : String(value)
    const present = headers.get(name)
    headers.set(name, present === undefined || !Array.isArray(given) ? texts : [present, texts].flat())
  }
  return [...headers]
}

function pairsOf(flat: readonly unknown[]): readonly (readonly [string, unknown])[] {
  if (Array.isArray(flat[0])) return flat as readonly (readonly [string, unknown])[]
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[String(name), flat[i + 1]] as const] : []))
}
