import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { seeded } from 'coatcheck/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Client, dataFolder, PASSWORD } from '../running.ts'
import { type Answer, ask, credentials, oneConnection, percentile } from './load.ts'
import { startProcess } from './process.ts'
import { UserUnderLoad } from './user-under-load.ts'

/** A sign-in that is under way counts as a failure until its outcome is known, and for good where the server is killed. */
const UNLIMITED = {
  COATCHECK_FAILURES_PER_ACCOUNT: '99999',
  COATCHECK_FAILURES_PER_ADDRESS: '99999',
  COATCHECK_SIGN_INS_PER_ACCOUNT: '99999',
  COATCHECK_CHANGES_PER_ACCOUNT: '99999',
}
const KILLS = 20

function integrity(data: string): unknown {
  const database = new DatabaseSync(join(data, 'coatcheck.db'), { timeout: 5_000 })
  try {
    return database.prepare('PRAGMA integrity_check').all()
  } finally {
    database.close()
  }
}

describe('killed under load', () => {
  it('twenty times at any moment, it forgets no sign-in and no ending that it acknowledged', async () => {
    const data = dataFolder()
    const random = seeded('killed under load')
    const users = Array.from({ length: 6 }, (_, i) => new UserUnderLoad(`user-${i}`, random))
    const start = () => startProcess({ PORT: '0', COATCHECK_DATA: data, ...UNLIMITED })
    let server = await start()
    for (const { name } of users) await new Client(server.url).signUp(name)
    for (let kill = 0; kill < KILLS; kill++) {
      const { url, end } = server
      const running = Promise.all(users.map((user) => user.run(url)))
      await pause(50 + random.int(500))
      expect(await end('SIGKILL')).toBe(null)
      await running
      server = await start()
      const wrongs = await Promise.all(users.map((user) => user.wrongs(server.url)))
      expect([kill, wrongs.flat()]).toEqual([kill, []])
      expect([kill, integrity(data)]).toEqual([kill, [{ integrity_check: 'ok' }]])
    }
    const sum = (of: 'checkedSignedIn' | 'checkedEnded') => users.reduce((all, user) => all + user[of], 0)
    const [signedIn, ended] = [sum('checkedSignedIn'), sum('checkedEnded')]
    console.log(`Killed ${KILLS} times: asked for ${signedIn} sign-ins and ${ended} endings, all as acknowledged.`)
    expect(Math.min(signedIn, ended)).toBeGreaterThan(KILLS)
    expect(await server.end('SIGTERM')).toBe(0)
  })
})

/** Asks on one connection until an answer says that it is the last one; answers what it got, and what was wrong. */
async function visitUntilTold(url: string, cookie: string, thinking: () => number) {
  const agent = oneConnection()
  const paths = ['login', 'dashboard', 'account/sessions', 'api/session', 'healthz']
  const wrong: string[] = []
  for (let answers = 1; ; answers++) {
    const isSigningIn = answers % 7 === 3
    const path = isSigningIn ? 'login' : (paths[answers % paths.length] ?? '')
    const sent = isSigningIn ? ({ method: 'POST', form: credentials('alice') } as const) : { headers: { cookie } }
    try {
      const { status, headers, text } = await ask(agent, url + path, sent)
      const isWhole = status === 303 || text.endsWith('</html>') || text.endsWith('}')
      if (status >= 400 || !isWhole) wrong.push(`${path} was answered with ${status}`)
      if (headers.connection === 'close') return { answers, wrong }
    } catch (error) {
      return { answers, wrong: [...wrong, `${path} was not answered: ${String(error)}`] }
    }
    await pause(thinking())
  }
}

describe('told to stop under load', () => {
  it('it answers each request on the connections that are open, and one that is under way, and ends with 0', async () => {
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder(), COATCHECK_DRAIN: '3s', ...UNLIMITED })
    const client = new Client(server.url)
    await client.signUp('alice')
    await client.signIn('alice')
    const cookie = `sid=${client.cookies.get('sid')}`
    const random = seeded('told to stop')
    const visits = Array.from({ length: 30 }, () => visitUntilTold(server.url, cookie, () => random.int(300)))
    const body = new URLSearchParams(credentials('alice')).toString()
    const head = `POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n`
    const { port } = new URL(server.url)
    const slow = connect(Number(port), '127.0.0.1')
    slow.write(`${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`)
    const answered = slow.setEncoding('latin1').toArray()
    await pause(500 + random.int(500))
    const ending = server.end('SIGTERM')
    const visited = await Promise.all(visits)
    expect(visited.flatMap(({ wrong }) => wrong)).toEqual([])
    expect(visited.every(({ answers }) => answers > 1)).toBe(true)
    // It takes no more connections: only what is under way is waited for.
    await expect.poll(() => accepts(Number(port)), { timeout: 10_000 }).toBe(false)
    slow.write(body.slice(9))
    expect((await answered).join('')).toMatch(/^HTTP\/1\.1 303 .*location: \/dashboard/s)
    expect(await ending).toBe(0)
    expect(server.output()).toContain('Stopping')
  })

  it('a second time, it ends at once, whatever is under way', async () => {
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })
    const slow = connect(Number(new URL(server.url).port), '127.0.0.1')
    slow.write('POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf')
    slow.on('error', () => undefined)
    await once(slow, 'connect')
    expect((await new Client(server.url).get('/healthz')).status).toBe(200)
    const first = server.end('SIGTERM')
    await expect.poll(server.output).toContain('Stopping')
    // Ended by the signal, not by itself: there is no exit code.
    expect(await server.end('SIGTERM')).toBe(null)
    expect(await first).toBe(null)
  })
})

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).then((accepted) => {
    socket.destroy()
    return accepted as boolean
  })
}

const TICKS = 300
const PER_TICK = 20

describe('flooded with 2,000 sign-ins a second, from many addresses and for many names,', () => {
  it('it answers each by what it can, and serves meanwhile who is signed in', async () => {
    const server = await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder(), COATCHECK_TRUST_PROXY: '1' })
    const random = seeded('flooded')
    const address = () => `10.${random.int(256)}.${random.int(256)}.${random.int(256)}`
    const names = Array.from({ length: 8 }, (_, i) => `user-${i}`)
    for (const name of names) await new Client(server.url).signUp(name)
    const client = new Client(server.url)
    await client.signIn('user-0')
    const cookie = `sid=${client.cookies.get('sid')}`

    const agent = new Agent({ keepAlive: true, maxSockets: 300 })
    onTestFinished(() => agent.destroy())
    const flood: Promise<Answer>[] = []
    let isOver = false
    const wrong: string[] = []
    const served = (async () => {
      const own = oneConnection()
      const took: number[] = []
      while (!isOver) {
        const began = performance.now()
        const { status, text } = await ask(own, `${server.url}dashboard`, { headers: { cookie } })
        took.push(performance.now() - began)
        if (!text.includes('Welcome, user-0!')) wrong.push(`${status} ${text}`)
      }
      own.destroy()
      return took
    })()
    const began = performance.now()
    for (let tick = 1; tick <= TICKS; tick++) {
      for (let i = 0; i < PER_TICK; i++) {
        const name = random.int(2) === 0 ? random.pick(names) : `nobody-${random.int(1_000)}`
        const form = credentials(name, random.int(2) === 0 ? PASSWORD : 'a wrong password of many')
        const headers = { 'x-forwarded-for': address() }
        flood.push(ask(agent, `${server.url}login`, { method: 'POST', form, headers }))
      }
      await pause(Math.max(0, began + tick * 10 - performance.now()))
    }
    const statuses = (await Promise.all(flood)).map(({ status }) => status)
    const seconds = (performance.now() - began) / 1_000
    isOver = true
    const took = await served
    const counted = Object.groupBy(statuses, String)
    const text = Object.entries(counted).map(([status, all]) => `${all?.length} × ${status}`)
    console.log(
      `Flooded: ${statuses.length} sign-ins in ${seconds.toFixed(1)} s (${text.join(', ')}); meanwhile ${took.length} pages for the signed-in, p50 ${percentile(took, 50)} ms, p99 ${percentile(took, 99)} ms.`,
    )
    expect(statuses).toHaveLength(TICKS * PER_TICK)
    expect(Object.keys(counted).filter((status) => !['200', '303', '401', '429', '503'].includes(status))).toEqual([])
    expect(statuses).toContain(303)
    expect(statuses).toContain(503)
    expect([took.length > 0, wrong]).toEqual([true, []])
    // The counters of names are full of failures by now, but for one that nobody has tried.
    const after = new Client(server.url)
    await after.signUp('afterwards')
    expect(await after.signIn('afterwards')).toBe('303 → /dashboard')
    expect(await server.end('SIGTERM')).toBe(0)
  })
})
