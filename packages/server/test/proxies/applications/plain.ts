import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'

/** RFC 6455 1.3. */
const ACCEPTED = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * An application in this process that lets itself be kept by caches for everybody, and takes each connection for another
 * protocol that is asked of it.
 */
export async function startPlain(port: number): Promise<void> {
  const told = ({ url, headers }: IncomingMessage) =>
    JSON.stringify({
      path: url,
      user: decodeURIComponent(String(headers['x-coatcheck-user'] ?? '')),
      userId: headers['x-coatcheck-user-id'] ?? '',
      role: headers['x-coatcheck-role'] ?? '',
      session: headers['x-coatcheck-session'] ?? '',
    })
  const server = createServer((request, response) => {
    // In two lines, as applications of several layers send them. The first line alone says another thing than both.
    response.setHeader('cache-control', ['max-age=600', 'private'])
    response.setHeader('cdn-cache-control', ['max-age=700', 'must-revalidate'])
    response.writeHead(request.url?.includes('missing') ? 404 : 200).end(told(request))
  })
  const upgraded = new Set<Duplex>()
  server.on('upgrade', (request, socket) => {
    upgraded.add(socket)
    const { upgrade = '', 'sec-websocket-key': key = '' } = request.headers
    const accept = createHash('sha1').update(`${key}${ACCEPTED}`).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', `Upgrade: ${upgrade}`]
    socket.on('error', () => undefined)
    socket.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n${told(request)}`)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of upgraded) socket.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
}
