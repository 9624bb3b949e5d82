import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import type { Received, Sent, Served } from '../../../src/testing/index.ts'

/** Starts a server on a free port of the loopback; requests reach it over real sockets. */
export async function served(server: Server): Promise<Served> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  const { port } = address
  return {
    port,
    send: (sent) => send(port, sent),
    pipeline: (text, answers) => pipeline(port, text, answers),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function send(port: number, { method, path, headers, body, signal }: Sent): Promise<Received> {
  const options = { port, host: '127.0.0.1', path, method, agent: false, signal }
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const request = httpRequest({ ...options, headers: { host: 'localhost', ...length, ...headers } })
  const answered = Promise.withResolvers<IncomingMessage>()
  request.on('response', answered.resolve)
  // A server may answer and close while the body is on its way: what it said counts.
  request.on('error', answered.reject)
  request.end(body)
  return await received(await answered.promise)
}

async function received(message: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = []
  const ended = Promise.withResolvers<boolean>()
  message.on('data', (chunk: Buffer) => chunks.push(chunk))
  message.on('end', () => ended.resolve(message.complete))
  message.on('error', () => ended.resolve(false))
  const complete = await ended.promise
  const headers = message.rawHeaders.flatMap((name, i, all) =>
    i % 2 === 0 ? [[name.toLowerCase(), all[i + 1] ?? ''] as const] : [],
  )
  return { status: message.statusCode ?? 0, headers, body: Buffer.concat(chunks).toString('utf8'), complete }
}

/** Answers whose bodies are told by Content-Length or are one chunk, as those of short texts are. */
async function pipeline(port: number, text: string, answers: number): Promise<readonly Received[]> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  socket.write(text)
  const parsed: Received[] = []
  let rest = ''
  for await (const chunk of socket) {
    rest += chunk
    for (let next = parse(rest); next !== null; next = parse(rest)) {
      parsed.push(next.answer)
      rest = next.rest
    }
    if (parsed.length >= answers) break
  }
  socket.destroy()
  return parsed
}

function parse(text: string): { answer: Received; rest: string } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return null
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  const status = Number(first.split(' ')[1])
  const after = text.slice(end + 4)
  const length = headers.find(([name]) => name === 'content-length')?.[1]
  if (length !== undefined) {
    if (after.length < Number(length)) return null
    return {
      answer: { status, headers, body: after.slice(0, Number(length)), complete: true },
      rest: after.slice(Number(length)),
    }
  }
  const last = after.indexOf('0\r\n\r\n')
  if (last === -1) return null
  const body = after.slice(0, last).replace(/^[0-9a-f]+\r\n|\r\n(?:[0-9a-f]+\r\n)?$/gi, '')
  return { answer: { status, headers, body, complete: true }, rest: after.slice(last + 5) }
}
