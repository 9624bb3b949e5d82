import { request } from 'node:http'

interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly cookies: readonly string[]
  readonly body: string
}

/** As a proxy or a browser elsewhere reaches the server: by another name than that of this machine. */
export async function send(
  port: number,
  path: string,
  headers: Record<string, string>,
  form?: string,
): Promise<Answer> {
  const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  const method = form === undefined ? 'GET' : 'POST'
  const sent = request({ host: '127.0.0.1', port, path, method, agent: false, headers: { ...type, ...headers } })
  const answered = new Promise<Answer>((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', async (response) => {
      const body = (await response.toArray()).join('')
      const { location, 'set-cookie': cookies = [] } = response.headers
      resolve({ status: response.statusCode ?? 0, location, cookies, body })
    })
  })
  sent.end(form)
  return await answered
}
