import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to the port on loopback that is gone, for good and with all connections, when somebody sends what `last` matches. */
export async function cutConnection(port: number, last: RegExp): Promise<number> {
  const sockets = new Set<Socket>()
  const cut = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      // Whoever is cut off may say so.
      socket.on('error', () => socket.destroy())
    }
    far.pipe(near)
    near.on('data', (chunk) => (last.test(String(chunk)) ? cut() : far.write(chunk)))
    near.on('close', () => far.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(cut)
  return (server.address() as AddressInfo).port
}
