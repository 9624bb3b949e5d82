import { cacheControl } from '../../core/answer.ts'
import type { NodeResponse } from './messages.ts'

/** What has to happen before an answer leaves, and before it ends. */
export interface Commit {
  /** Whether it may: as long as no session was opened, the answer goes its way untouched. */
  readonly isPossible: () => boolean
  /** Whether it does: a session was opened, and the answer concerns it. Asked when the first byte is to leave. */
  readonly isNeeded: () => boolean
  /** Before the headers leave: writes, and answers the cookies that they are to carry. */
  readonly beforeHead: (status: number) => Promise<readonly string[]>
  /** Before the end of an answer whose headers have left. */
  readonly beforeEnd: (status: number) => Promise<void>
  /** The cookies that leave although `beforeHead` failed: those of what has happened all the same. */
  readonly cookiesAfterFailure: () => Promise<readonly string[]>
  /**
   * `beforeHead` failed: answers something else, on a response that is as if the handler had written nothing to it.
   * Where `isStreaming`, the handler is still writing: the answer has to be complete on return.
   */
  readonly instead: (error: unknown, isStreaming: boolean) => void
}

/**
 * `passing`: the handler has not begun to answer. `holding`: it has, and the commit is under way; its calls wait.
 * `sent`: calls go through, the head has left. `ending`: the last write is under way. `replaced`: what the handler still
 * says is dropped, something else was answered.
 */
type Phase = 'passing' | 'holding' | 'sent' | 'ending' | 'replaced'
type HeadArguments = readonly [status: number, ...rest: unknown[]]
type Header = readonly [name: string, value: string | readonly string[]]

/**
 * Holds back what a handler answers until the session is committed: the first byte leaves after the write was
 * acknowledged and with the cookies; the last one after what changed while streaming was acknowledged too. A failure
 * after the headers have left breaks the answer off.
 */
export function holdAnswer(response: NodeResponse, commit: Commit): void {
  const { writeHead, write, end, flushHeaders } = response
  let phase: Phase = 'passing'
  let head: HeadArguments | null = null
  let held: (() => void)[] = []
  let hasEnded = false

  const mayHold = () => phase === 'passing' && !isSent() && commit.isPossible()
  const mustHold = () => mayHold() && commit.isNeeded()
  const isSent = () => ownValue('headersSent')
  const ownValue = (name: 'headersSent' | 'writableEnded') =>
    Reflect.get(Object.getPrototypeOf(response), name, response) === true

  // What the handler sees: from the moment it begins to answer its headers are gone, and its end is an end.
  const views = {
    headersSent: () => phase !== 'passing' || head !== null || isSent(),
    writableEnded: () => hasEnded || ownValue('writableEnded'),
  }
  for (const [name, get] of Object.entries(views)) Object.defineProperty(response, name, { configurable: true, get })

  function send(): void {
    phase = 'sent'
    const calls = held
    held = []
    for (const call of calls) call()
    // Whoever was told to wait by `write` goes on.
    if (!hasEnded) response.emit('drain')
  }

  function swallow(): void {
    response.writeHead = () => response
    response.write = () => true
    response.end = () => response
  }

  async function replace(error: unknown): Promise<void> {
    phase = 'replaced'
    held = []
    swallow()
    const cookies = await commit.cookiesAfterFailure()
    if (response.destroyed) return
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    Object.assign(response, { writeHead, write, end, flushHeaders })
    for (const name of Object.keys(views)) Reflect.deleteProperty(response, name)
    if (cookies.length > 0) response.setHeader('set-cookie', cookies)
    commit.instead(error, !hasEnded)
    if (!hasEnded) swallow()
  }

  async function settle(): Promise<void> {
    phase = 'holding'
    const status = head?.[0] ?? response.statusCode
    let cookies: readonly string[]
    try {
      cookies = await commit.beforeHead(status)
    } catch (error) {
      await replace(error)
      return
    }
    if (response.destroyed) return
    head = withSession(response, head, cookies)
    send()
  }

  async function finish(args: readonly unknown[]): Promise<void> {
    phase = 'ending'
    try {
      await commit.beforeEnd(response.statusCode)
    } catch {
      // The event tells of it (`answer-broken`); a complete answer would tell the client that all is well.
      response.destroy()
      return
    }
    phase = 'sent'
    end.apply(response, [...args])
  }

  response.writeHead = (...args: [number, ...unknown[]]) => {
    if (mayHold()) {
      if (head !== null) throw headersSentError()
      head = args
      response.statusCode = args[0]
      return response
    }
    if (phase === 'holding' || phase === 'ending') throw headersSentError()
    // Node itself asks here for the implicit head; what the handler had said counts.
    const told = head ?? args
    head = null
    return writeHead.apply(response, [...told] as [number, ...unknown[]])
  }

  /** At the first byte: holds the answer back where that is needed; else lets it go, with what was told of its head. */
  function begin(): void {
    if (phase !== 'passing') return
    if (mustHold()) {
      void settle()
      return
    }
    phase = 'sent'
    if (head === null || isSent()) return
    const told = head
    head = null
    writeHead.apply(response, [...told])
  }

  response.write = (...args: [unknown, ...unknown[]]) => {
    begin()
    if (phase !== 'holding') return write.apply(response, args)
    held.push(() => write.apply(response, args))
    return false
  }

  response.flushHeaders = () => {
    begin()
    if (phase !== 'holding') return flushHeaders.apply(response)
    held.push(() => flushHeaders.apply(response))
  }

  response.end = (...args: unknown[]) => {
    if (mustHold()) {
      // Nothing can change between this commit and the end: one write is enough.
      hasEnded = true
      void settle()
      held.push(() => end.apply(response, args))
      return response
    }
    if (phase === 'holding') {
      if (hasEnded) return response
      hasEnded = true
      held.push(() => void finish(args))
      return response
    }
    if (phase === 'ending') return response
    begin()
    if (response.writableEnded || !commit.isNeeded()) return end.apply(response, args)
    hasEnded = true
    void finish(args)
    return response
  }
}

/** What `node:http` throws where the head has been written. */
function headersSentError(): Error {
  const error = new Error('Cannot write headers after they are sent to the client')
  return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
}

/** Puts cookies and the ban on caching among the headers; what `writeHead` was given stands over what was set before. */
function withSession(
  response: NodeResponse,
  head: HeadArguments | null,
  cookies: readonly string[],
): HeadArguments | null {
  const given = head === null ? [] : headersIn(head)
  for (const [name, value] of given) response.setHeader(name, value)
  if (cookies.length > 0) {
    response.setHeader('set-cookie', [...listOf(response.getHeader('set-cookie')), ...cookies])
  }
  const present = response.getHeader('cache-control')
  response.setHeader('cache-control', cacheControl(present === undefined ? null : listOf(present).join(', ')))
  if (head === null) return null
  const [status, reason] = head
  return typeof reason === 'string' ? [status, reason] : [status]
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
