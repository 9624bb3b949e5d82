import { once } from 'node:events'
import { Agent, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** One request, and what came of it. */
export interface Asked {
  /** Milliseconds since the load began. */
  readonly at: number
  readonly took: number
  /** The status, `anonymous` for a 200 that takes a signed-in visitor for nobody, or `lost` for no answer in ten seconds. */
  readonly outcome: number | 'anonymous' | 'lost'
}

const LONGEST = 10_000
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })

async function ask(port: number, method: string, path: string, cookie = '') {
  return await new Promise<{ status: number; body: string; cookies: string }>((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, agent, headers: { cookie } }, async (answer) => {
      const cookies = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ')
      try {
        resolve({ status: answer.statusCode ?? 0, body: await text(answer), cookies })
      } catch (error) {
        reject(error)
      }
    })
    sent.setTimeout(LONGEST, () => sent.destroy(new Error('too late')))
    sent.once('error', reject).end()
  })
}

/** Visitors who are signed in, and who ask, so many in a second, until told to stop; each fifth request writes. */
export async function load(server: Server, perSecond: number) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const cookies: string[] = []
  for (let i = 0; i < 20; i++) cookies.push((await ask(port, 'POST', '/sign-in')).cookies)
  const began = performance.now()
  const all: Asked[] = []
  const waiting = new Set<Promise<void>>()
  let count = 0
  const one = async () => {
    const number = count++
    const at = performance.now() - began
    const path = number % 5 === 0 ? '/write' : '/me'
    const method = path === '/write' ? 'POST' : 'GET'
    const answer = await ask(port, method, path, cookies[number % cookies.length]).catch(() => null)
    const took = performance.now() - began - at
    const isNobody = answer?.status === 200 && JSON.parse(answer.body).userId === null
    all.push({ at, took, outcome: answer === null ? 'lost' : isNobody ? 'anonymous' : answer.status })
  }
  const timer = setInterval(() => {
    const work = one().finally(() => waiting.delete(work))
    waiting.add(work)
  }, 1_000 / perSecond)
  return {
    now: () => performance.now() - began,
    async stop(): Promise<readonly Asked[]> {
      clearInterval(timer)
      await Promise.all(waiting)
      server.closeAllConnections()
      server.close()
      return all.toSorted((a, b) => a.at - b.at)
    },
  }
}
