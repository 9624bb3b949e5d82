// The load generator: connections that are kept alive, one request at a time on each, nothing parsed that need not be.
// A client of its own, because the usual ones take more of a core than the servers that are measured here.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** The end of a run: so many answers or so many milliseconds, whichever is first. */
export interface Limits {
  readonly count: number
  readonly milliseconds: number
}

export interface Load {
  readonly count: number
  readonly seconds: number
  /** Milliseconds of each request, ascending. */
  readonly latencies: Float64Array
}

export interface Client {
  readonly send: (requests: readonly string[], limits: Limits) => Promise<Load>
  readonly close: () => void
}

const LONGEST_ANSWER = 5_000

export function requestText(port: number, method: string, path: string, cookie: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, 'Accept: application/json']
  if (cookie !== '') lines.push(`Cookie: ${cookie}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Whether the text is one whole answer. */
function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= head + 4 + Number(length)
}

/** One request and its answer, which has to be a 200 of the expected kind. */
function exchange(socket: Socket, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const settle = (error?: Error) => {
      socket.off('data', onData).off('close', onClose).off('error', settle)
      if (error === undefined) resolve()
      else reject(error)
    }
    const onClose = () => settle(new Error('the server closed the connection'))
    const onData = (text: string) => {
      answer += text
      if (!isWhole(answer)) return
      settle(answer.startsWith('HTTP/1.1 200') ? undefined : new Error(`the server answered ${answer}`))
    }
    socket.on('data', onData).on('close', onClose).on('error', settle)
    socket.write(request)
  })
}

/**
 * Keeps this process from sleeping. A server that is slower than its client finds it asleep and pays for waking it with
 * every answer, several microseconds that would be taken for a cost of sessions.
 */
function stayAwake(): () => void {
  let isOver = false
  const spin = () => {
    if (!isOver) setImmediate(spin)
  }
  spin()
  return () => {
    isOver = true
  }
}

export async function connectTo(port: number, connections: number): Promise<Client> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
      socket.setTimeout(LONGEST_ANSWER, () => socket.destroy(new Error(`no answer for ${LONGEST_ANSWER} ms`)))
      await once(socket, 'connect')
      return socket
    }),
  )
  return {
    async send(requests, { count, milliseconds }) {
      const latencies: number[] = []
      let sent = 0
      const from = performance.now()
      const work = async (socket: Socket) => {
        while (sent < count) {
          const start = performance.now()
          if (start - from > milliseconds) return
          const request = requests[sent % requests.length] ?? ''
          sent += 1
          await exchange(socket, request)
          latencies.push(performance.now() - start)
        }
      }
      const stop = stayAwake()
      await Promise.all(sockets.map(work)).finally(stop)
      const seconds = (performance.now() - from) / 1000
      return { count: latencies.length, seconds, latencies: Float64Array.from(latencies).sort() }
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
