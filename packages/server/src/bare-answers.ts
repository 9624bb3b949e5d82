import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** A year (OWASP; ASVS 3.4.1). */
export const HSTS = 'max-age=31536000; includeSubDomains'

/**
 * The headers of answers that no route gives: to what is no request, or is refused before it gets to one. They protect as
 * those of pages do, and allow nothing at all.
 */
export const bareHeaders = (isSecure: boolean): Readonly<Record<string, string>> => ({
  'Content-Type': 'text/plain; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  ...(isSecure && { 'Strict-Transport-Security': HSTS }),
})

/** What the parser of Node calls the faults that have an answer of their own; every other one is a 400. */
const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

const TEXTS: Readonly<Record<number, string>> = {
  400: 'This is no request that can be read.',
  408: 'The request did not come in time.',
  413: 'The request is too large.',
  417: 'This expectation cannot be met.',
  431: 'The head of the request is too large.',
  500: 'Something went wrong.',
}

const textOf = (status: number) => `${TEXTS[status] ?? STATUS_CODES[status] ?? ''}\n`

/** Answers with a status alone, as a route would. */
export const bareResponse = (status: number, isSecure: boolean): Response =>
  new Response(textOf(status), { status, headers: bareHeaders(isSecure) })

function answer(response: ServerResponse, status: number, isSecure: boolean): void {
  response.writeHead(status, { ...bareHeaders(isSecure), Connection: 'close' }).end(textOf(status))
}

/**
 * Refuses a request that names no host or several (RFC 9112 3.2): whatever stands before the server may have gone by another
 * one of them. For a server with `requireHostHeader: false`, whose own refusal has no headers.
 */
export function withOneHost(listener: RequestListener, isSecure: boolean): RequestListener {
  return function listen(request, response) {
    if (hostsOf(request) === 1) listener(request, response)
    else answer(response, 400, isSecure)
  }
}

const hostsOf = ({ rawHeaders }: IncomingMessage) =>
  rawHeaders.filter((text, place) => place % 2 === 0 && text.toLowerCase() === 'host').length

/** Gives what Node refuses by itself a body, and the headers that protect. */
export function answerFaults(server: Server, isSecure: boolean): void {
  const underWay = new WeakMap<Duplex, ServerResponse>()
  server.on('request', (request, response) => underWay.set(request.socket, response))
  server.on('checkExpectation', (_, response) => answer(response, 417, isSecure))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // After the head of an answer, a second one would be read as its body.
    if (!socket.writable || error.code === 'ECONNRESET' || underWay.get(socket)?.headersSent === true) {
      socket.destroy()
      return
    }
    const status = STATUSES[error.code ?? ''] ?? 400
    const text = textOf(status)
    const headers = { ...bareHeaders(isSecure), 'Content-Length': Buffer.byteLength(text), Connection: 'close' }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', text].join('\r\n'), () => socket.destroy())
  })
}
