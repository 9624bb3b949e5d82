import type { NodeResponse, OutgoingHeaders } from './messages.ts'

export type HeadArguments = readonly [status: number, ...rest: unknown[]]

/** The functions of a response by which an answer leaves. */
export type Own = Pick<NodeResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders'>

/** What stands in the place of a response's own functions and states. */
export interface Held {
  readonly headersSent: boolean
  readonly writableEnded: boolean
  /** What the handler has said of the head is settled, though it has not left. */
  readonly isPinned: boolean
  /** The headers that were set before this was laid over the response; null where there were none. */
  readonly before: OutgoingHeaders | null
  writeHead(args: HeadArguments): unknown
  write(args: [unknown, ...unknown[]]): boolean
  end(args: unknown[]): unknown
  flushHeaders(): void
}

/** How a response looks to the handler while it is held. */
export interface Face {
  readonly functions: Own
  /**
   * What the handler sees from the moment it begins to answer: its headers are gone, and its end is an end. Laid over the
   * response only then, since it costs more than all the rest.
   */
  readonly views: PropertyDescriptorMap
}

/** Where a response carries its `Held`; the shared functions find it there. */
const HELD = Symbol('coatcheck.held')
type Holder = NodeResponse & { [HELD]: Held }

/** One for all responses: so V8 finds the shape of the last one again. */
const shared: Face = {
  functions: {
    writeHead(this: Holder, ...args: HeadArguments) {
      return this[HELD].writeHead(args)
    },
    write(this: Holder, ...args: [unknown, ...unknown[]]) {
      return this[HELD].write(args)
    },
    end(this: Holder, ...args: unknown[]) {
      return this[HELD].end(args)
    },
    flushHeaders(this: Holder) {
      this[HELD].flushHeaders()
    },
  },
  views: {
    headersSent: {
      configurable: true,
      get(this: Holder): boolean {
        return this[HELD].headersSent
      },
    },
    writableEnded: {
      configurable: true,
      get(this: Holder): boolean {
        return this[HELD].writableEnded
      },
    },
  },
}

/** For a response that is held already, by another mount of the adapter: the shared functions are the first one's. */
const ownFace = (held: Held): Face => ({
  functions: {
    writeHead: (...args) => held.writeHead(args),
    write: (...args) => held.write(args),
    end: (...args) => held.end(args),
    flushHeaders: () => held.flushHeaders(),
  },
  views: {
    headersSent: { configurable: true, get: () => held.headersSent },
    writableEnded: { configurable: true, get: () => held.writableEnded },
  },
})

/** Ties what holds an answer to its response, and answers the face that it has from now on. */
export function faceFor(response: NodeResponse, held: Held): Face {
  if (HELD in response) return ownFace(held)
  const holder: NodeResponse & { [HELD]?: Held } = response
  holder[HELD] = held
  return shared
}

/** Which headers were there before an adapter of ours came to the response. */
export function headersBefore(response: NodeResponse): OutgoingHeaders | null {
  const holder: NodeResponse & { readonly [HELD]?: Held } = response
  return holder[HELD]?.before ?? null
}

/** One by one and always in the same order, for the response's shape. */
export function replaceOwn(response: Own, { writeHead, write, end, flushHeaders }: Own): void {
  response.writeHead = writeHead
  response.write = write
  response.end = end
  response.flushHeaders = flushHeaders
}

const CHANGES_OF_HEADERS = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const

/** From now on the response's headers can be changed only while `held` does not say that they are settled. */
export function pinHeaders(response: NodeResponse, held: Held): void {
  for (const name of CHANGES_OF_HEADERS) {
    const own: unknown = Reflect.get(response, name)
    if (typeof own !== 'function') continue
    Reflect.set(response, name, (...args: unknown[]): unknown => {
      if (held.isPinned) throw headersSentError()
      return Reflect.apply(own, response, args)
    })
  }
}

/** What `node:http` throws where the head has been written. */
export function headersSentError(): Error {
  const error = new Error('Cannot write headers after they are sent to the client')
  return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
}
