import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { PASSWORD } from '../running.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

interface Sent {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
}

/** A request on one of the agent's connections. Rejects where the connection ends before the whole answer is there. */
export async function ask(
  agent: Agent,
  url: string,
  { method = 'GET', headers = {}, form }: Sent = {},
): Promise<Answer> {
  const body = form === undefined ? null : new URLSearchParams(form).toString()
  const type =
    body === null ? {} : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  return await new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers: { ...type, ...headers } }, async (answer) => {
      try {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: (await answer.toArray()).join('') })
      } catch (error) {
        reject(error)
      }
    })
    sent.once('error', reject).end(body)
  })
}

/** One connection, kept open from request to request. */
export const oneConnection = () => new Agent({ keepAlive: true, maxSockets: 1 })

export const credentials = (username: string, password = PASSWORD) => ({ username, password })

/** The session's cookie where the answer says that one is signed in, else null. */
export function signedInBy({ status, headers }: Answer): string | null {
  if (status !== 303 || headers.location !== '/dashboard') return null
  return /sid=[^;]+/.exec(headers['set-cookie']?.find((line) => line.startsWith('sid=cc1')) ?? '')?.[0] ?? null
}

/** The value below which so many of a hundred lie. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0)
}
