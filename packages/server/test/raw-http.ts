import { connect } from 'node:net'

export interface RawAnswer {
  /** Null where the connection was closed without an answer. */
  readonly status: number | null
  /** All that came, byte by byte. */
  readonly text: string
}

const HEAD_END = '\r\n\r\n'

/**
 * Writes bytes as they are, which no client would send, and answers what came back until the connection was closed. Of a
 * stream of events only the head is waited for: it has no end. With `isCutOff` nothing more can come after the bytes.
 */
export async function exchange(port: number, bytes: string | Uint8Array, isCutOff = false): Promise<RawAnswer> {
  return await new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    if (isCutOff) socket.end()
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (/content-type: text\/event-stream/i.test(text) && text.includes(HEAD_END)) socket.destroy()
    })
    socket.on('end', () => socket.end())
    // A refusal may come before all was written; then the rest of it is reset.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ status: statusIn(text), text }))
  })
}

function statusIn(text: string): number | null {
  const status = /^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)*HTTP\/1\.1 (\d{3})/.exec(text)?.[1]
  return status === undefined ? null : Number(status)
}

export interface RawRequest {
  readonly method?: string
  readonly target?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string | Uint8Array | null
}

/** The bytes of a request that asks for the connection to be closed after its answer. */
export function requestBytes({ method = 'GET', target = '/', headers = [], body = null }: RawRequest): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body ?? [])
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === null ? [] : [`Content-Length: ${bytes.length}`]),
  ]
  return Buffer.concat([Buffer.from(lines.join('\r\n') + HEAD_END, 'latin1'), bytes])
}
