import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { selfSigned } from './certificate.ts'

export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

/** Every host under `.example` and `localhost`, over https and in the clear, on the usual ports as the browser sees it. */
export interface Site {
  readonly browser: Browser
  /** From now on this answers. */
  readonly answerBy: (listener: Listener) => void
  readonly close: () => Promise<void>
}

export async function openSite(): Promise<Site> {
  let listener: Listener = (_, response) => response.end()
  const answer: Listener = (request, response) => listener(request, response)
  const plain = createServer(answer)
  const secure = createSecureServer(selfSigned('example'), answer)
  const [http, https] = [await listening(plain), await listening(secure)]
  const rules = ['*.example', 'localhost'].flatMap((host) => [
    `MAP ${host}:80 127.0.0.1:${http}`,
    `MAP ${host}:443 127.0.0.1:${https}`,
  ])
  const browser = await launchBrowser([`--host-resolver-rules=${rules.join(',')}`])
  return {
    browser,
    answerBy(next) {
      listener = next
    },
    async close() {
      await browser.close()
      for (const server of [plain, secure]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A proxy before a server of ours, which changes nothing; over https it ends TLS. */
export function forwardTo(port: number): Listener {
  return (incoming, outgoing) => {
    const { method, url: path, rawHeaders: headers } = incoming
    const forwarded = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  }
}
