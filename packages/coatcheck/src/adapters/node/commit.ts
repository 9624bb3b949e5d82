import type { Committed } from '../../core/sessions/response.ts'

/** What has to happen before an answer leaves, and before it ends. */
export interface Commit {
  /** Whether it may: as long as no session was opened, the answer goes its way untouched. */
  isPossible(): boolean
  /** Whether it does: a session was opened, and the answer concerns it. Asked when the first byte is to leave. */
  isNeeded(): boolean
  /** The answer begins: from now on the request is no activity of its visitor's. May be called again. */
  begins(): void
  /** Before the headers leave: writes, and answers what they are to carry; at once where there is nothing to write. */
  beforeHead(status: number): Committed | Promise<Committed>
  /** Before `beforeEnd`, where the head left before the session was asked for, with this `Cache-Control`. */
  reportLateRead(cacheControl: string | null): Promise<void>
  /** Before the end of an answer whose headers have left. */
  beforeEnd(status: number): Promise<void>
  /** The cookies that leave although `beforeHead` failed: those of what has happened all the same. */
  cookiesAfterFailure(): readonly string[]
  /**
   * The answer cannot be given: answers something else, on a response that is as if the handler had written nothing to it.
   * Where `isStreaming`, the handler is still writing: the answer has to be complete on return. Where the headers have left
   * there is nothing more to say, and the answer is broken off.
   */
  instead(error: unknown, isStreaming: boolean): void
}
