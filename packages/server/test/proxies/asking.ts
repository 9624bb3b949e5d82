import { type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Client } from '../running.ts'

interface Asked {
  readonly method?: string
  /** Beside the cookies and the host. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** As `fetch` would not ask: a path that it would put straight, and headers that it keeps to itself. */
export async function ask(client: Client, path: string, { method = 'GET', headers = [] }: Asked = {}): Promise<Answer> {
  const { hostname, port, host } = new URL(client.base)
  const cookie = [...client.cookies].map((pair) => pair.join('=')).join('; ')
  const all = [['Host', host], ...(cookie === '' ? [] : [['Cookie', cookie]]), ...headers]
  const answered = Promise.withResolvers<Answer>()
  const asked = request({ hostname, port, path, method, headers: all.flat(), agent: false })
  asked.once('response', async (response) => {
    const { statusCode: status = 0, headers: received } = response
    answered.resolve({ status, headers: received, body: await text(response) })
  })
  asked.once('upgrade', ({ statusCode: status = 0, headers: received }, socket, head) => {
    const finish = (body: Buffer) => {
      socket.destroy()
      answered.resolve({ status, headers: received, body: String(body) })
    }
    if (head.length > 0) finish(head)
    else socket.once('data', finish)
  })
  asked.once('error', answered.reject).end()
  return await answered.promise
}
