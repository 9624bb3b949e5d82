import type { Committed } from '../../core/sessions/response.ts'
import { tellOnConsole } from '../../web/error-listener.ts'
import {
  type Face,
  faceFor,
  type HeadArguments,
  type Held,
  headersSentError,
  type Own,
  pinHeaders,
  replaceOwn,
} from './answer-face.ts'
import { clearAnswer } from './clearing.ts'
import type { Commit } from './commit.ts'
import { addCookies, sentCacheControl, withSession } from './head.ts'
import type { NodeResponse, OutgoingHeaders } from './messages.ts'

/**
 * `passing`: the handler has not begun to answer. `holding`: it has, and the commit is under way; its calls wait.
 * `sent`: calls go through, the head has left. `ending`: the last write is under way. `replaced`: what the handler still
 * says is dropped, something else was answered.
 */
type Phase = 'passing' | 'holding' | 'sent' | 'ending' | 'replaced'

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
  readonly before: OutgoingHeaders | null
  #phase: Phase = 'passing'
  #head: HeadArguments | null = null
  /** With what the head has left. */
  #sent: HeadArguments | null = null
  /** Whether the head has what the session says of it. */
  #isCarried = false
  #calls: (() => void)[] = []
  #hasEnded = false
  /** One of the response's own functions runs: middleware in front of us, to which our head is still to come. */
  #isWithin = false
  /** Middleware in front of us that compresses takes listeners of `drain` for itself; who waits for ours would wait for ever. */
  readonly #hearsOfDrain: boolean

  constructor(response: NodeResponse, own: Own, commit: Commit) {
    this.#response = response
    this.#own = own
    this.#commit = commit
    this.#face = faceFor(response, this)
    this.before = response.getHeaderNames().length === 0 ? null : response.getHeaders()
    this.#hearsOfDrain = !Object.hasOwn(response, 'on')
    replaceOwn(response, this.#face.functions)
  }

  get headersSent(): boolean {
    const hasLeft = this.#ask('headersSent')
    if (hasLeft || this.#isWithin) return hasLeft
    return this.#head !== null || (this.#phase !== 'passing' && this.#phase !== 'sent')
  }

  get writableEnded(): boolean {
    return (this.#hasEnded && !this.#isWithin) || this.#ask('writableEnded')
  }

  get isPinned(): boolean {
    return this.#phase === 'holding'
  }

  writeHead(args: HeadArguments): unknown {
    const response = this.#response
    if (this.#phase === 'replaced') return response
    if (this.#phase === 'ending') throw headersSentError()
    if (this.#phase === 'holding' || this.#mayHold()) {
      if (this.#head === null) this.#keepHead(args)
      // Middleware that goes by node's `_header` asks for the implicit head before each piece of the body.
      else if (args.length > 1 || args[0] !== this.#head[0]) throw headersSentError()
      return response
    }
    // Node itself asks here for the implicit head; what the handler had said counts.
    const told = this.#head ?? args
    this.#head = null
    const answer = this.#own.writeHead.apply(response, [...told])
    this.#sent = told
    return answer
  }

  write(args: [unknown, ...unknown[]]): boolean {
    this.#begin()
    if (this.#phase === 'replaced') return true
    if (this.#phase !== 'holding') return this.#pass(this.#own.write, args)
    this.#calls.push(() => this.#pass(this.#own.write, args))
    return !this.#hearsOfDrain
  }

  flushHeaders(): void {
    this.#begin()
    if (this.#phase === 'replaced') return
    if (this.#phase === 'holding') this.#calls.push(() => this.#pass(this.#own.flushHeaders, []))
    else this.#pass(this.#own.flushHeaders, [])
  }

  end(args: unknown[]): unknown {
    const response = this.#response
    if (this.#phase === 'replaced' || this.#phase === 'ending') return response
    this.#commit.begins()
    if (this.#mustHold()) {
      // Nothing can change between this commit and the end: one write is enough.
      this.#settle(() => this.#pass(this.#own.end, args), true)
      return response
    }
    if (this.#phase === 'holding') {
      if (this.#hasEnded) return response
      this.#hasEnded = true
      this.#calls.push(() => void this.#finish(args))
      return response
    }
    this.#begin()
    if (this.writableEnded || !this.#commit.isNeeded()) return this.#pass(this.#own.end, args)
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

  #keepHead(args: HeadArguments): void {
    Object.defineProperties(this.#response, this.#face.views)
    this.#head = args
    this.#response.statusCode = args[0]
  }

  /** Calls one of the response's own functions, which may be those of middleware in front of us. */
  #pass<Args extends unknown[], Answer>(own: (...args: Args) => Answer, args: Args): Answer {
    const response = this.#response
    const { writeHead } = response
    const wasWithin = this.#isWithin
    this.#isWithin = true
    // Who has put a hook around `writeHead` after us was asked when this head was told.
    if (this.#head !== null) response.writeHead = this.#face.functions.writeHead
    try {
      return own.apply(response, args)
    } catch (error) {
      // What node:http refuses has not left: the answer can still be another one.
      if (!this.#ask('headersSent')) this.#head = null
      throw error
    } finally {
      this.#isWithin = wasWithin
      if (response.writeHead !== writeHead) response.writeHead = writeHead
    }
  }

  /** At the first byte: holds the answer back where that is needed; else lets it go, with what was told of its head. */
  #begin(): void {
    if (this.#phase !== 'passing') return
    this.#commit.begins()
    if (this.#mustHold()) {
      this.#settle(null, false)
      return
    }
    this.#phase = 'sent'
    if (this.#head === null || this.#ask('headersSent')) return
    const told = this.#head
    this.#head = null
    this.#pass(this.#own.writeHead, [...told])
    this.#sent = told
  }

  /** Commits, then sends the head and makes the call that began the answer; in one go where nothing has to be written. */
  #settle(call: (() => void) | null, isEnd: boolean): void {
    try {
      const committed = this.#commit.beforeHead(this.#head?.[0] ?? this.#response.statusCode)
      if (committed instanceof Promise) {
        this.#hasEnded = isEnd
        if (call !== null) this.#calls.push(call)
        void this.#hold(committed)
        return
      }
      this.#carry(committed)
    } catch (error) {
      this.#hasEnded = isEnd
      void this.#replace(error)
      return
    }
    this.#phase = 'sent'
    call?.()
    this.#hasEnded = isEnd
  }

  async #hold(committing: Promise<Committed>): Promise<void> {
    const response = this.#response
    try {
      this.#pinHead(committing)
      const committed = await committing
      if (response.destroyed) return
      this.#phase = 'sent'
      this.#carry(committed)
      const calls = this.#calls
      this.#calls = []
      for (const call of calls) call()
    } catch (error) {
      await this.#fail(error)
      return
    }
    // Whoever was told to wait by `write` goes on.
    if (!this.#hasEnded) response.emit('drain')
  }

  /** What the handler has said of the head by now is what leaves, as under `node:http`, where it would have left. */
  #pinHead(committing: Promise<Committed>): void {
    const response = this.#response
    if (this.#head === null && response.writeHead !== this.#face.functions.writeHead) {
      // Hooks around `writeHead` decide on the body as well (whether it is compressed), so they run before it.
      try {
        response.writeHead(response.statusCode)
      } catch (error) {
        committing.catch(() => undefined)
        throw error
      }
    }
    if (this.#head === null) this.#keepHead([response.statusCode])
    this.#phase = 'holding'
    pinHeaders(response, this)
  }

  #carry(committed: Committed): void {
    this.#head = withSession(this.#response, this.#head, committed)
    this.#isCarried = true
  }

  /** A call that waited was one that `node:http` refuses (a chunk that is none, a status out of range), or the commit failed. */
  async #fail(error: unknown): Promise<void> {
    if (!this.#ask('headersSent')) return await this.#replace(error)
    this.#phase = 'replaced'
    this.#takeViewsAway()
    this.#say(error, false)
    this.#response.destroy()
  }

  async #replace(error: unknown): Promise<void> {
    this.#phase = 'replaced'
    this.#head = null
    const response = this.#response
    // Where the store fails again, what has happened cannot be told.
    const cookies = this.#commit.cookiesAfterFailure()
    if (response.destroyed) return
    clearAnswer(response, this.before)
    replaceOwn(response, this.#own)
    this.#takeViewsAway()
    if (cookies.length > 0) addCookies(response, cookies)
    this.#say(error, !this.#hasEnded)
    // A handler that is still writing has nobody to write to.
    if (!this.#hasEnded) replaceOwn(response, this.#face.functions)
  }

  /** Nobody waits for this: what is thrown here would end the process. */
  #say(error: unknown, isStreaming: boolean): void {
    try {
      this.#commit.instead(error, isStreaming)
    } catch (fault) {
      tellOnConsole(fault)
      this.#response.destroy()
    }
  }

  #takeViewsAway(): void {
    for (const name of Object.keys(this.#face.views)) Reflect.deleteProperty(this.#response, name)
  }

  async #finish(args: unknown[]): Promise<void> {
    this.#phase = 'ending'
    const response = this.#response
    try {
      if (!this.#isCarried) await this.#commit.reportLateRead(sentCacheControl(response, this.#sent))
      await this.#commit.beforeEnd(this.#sent?.[0] ?? response.statusCode)
    } catch {
      // The event tells of it (`answer-broken`); a complete answer would tell the client that all is well.
      response.destroy()
      return
    }
    this.#phase = 'sent'
    try {
      this.#pass(this.#own.end, args)
    } catch (error) {
      await this.#fail(error)
    }
  }
}
