import { writeFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../programs.ts'
import { dataFolder } from '../running.ts'
import { ask, credentials, oneConnection, signedInBy } from './load.ts'
import { endedStart, type ServerProcess, startProcess } from './process.ts'
import { SOON, started, workersOf } from './workers.ts'

const WORKERS = 3

async function signedIn({ url }: ServerProcess): Promise<string> {
  const agent = oneConnection()
  for (const path of ['signup', 'login']) {
    const answer = await ask(agent, url + path, { method: 'POST', form: credentials('alice') })
    const cookie = signedInBy(answer)
    if (cookie !== null) return cookie
  }
  throw new Error('Nobody was signed in.')
}

/** Asks again and again, over connections kept open and over new ones, until told to stop; answers the statuses. */
function asking(url: string, cookie: string | null = null) {
  let isOver = false
  const statuses: (number | string)[] = []
  const visitor = async (agent: Agent) => {
    while (!isOver) {
      const answer = await ask(agent, url, cookie === null ? {} : { headers: { cookie } }).catch(String)
      statuses.push(typeof answer === 'string' ? answer : answer.status)
      // The processes that start meanwhile want a turn, too.
      await pause(20)
    }
  }
  const visitors = [oneConnection(), oneConnection(), new Agent(), new Agent()].map(visitor)
  return {
    statuses,
    async stop() {
      isOver = true
      await Promise.all(visitors)
      return [...new Set(statuses)]
    },
  }
}

describe('several processes on one port', () => {
  it('are one server: who signs in at one is known to all, their metrics are added up, and one that is killed is replaced', async () => {
    const port = await freePort()
    const server = await started(WORKERS, { COATCHECK_METRICS: `127.0.0.1:${port}` })
    expect(workersOf(server)).toHaveLength(WORKERS)
    expect(server.output().match(/Coatcheck is ready/g)).toHaveLength(1)
    expect(server.output()).toContain(`Workers ${WORKERS}`)
    const cookie = await signedIn(server)
    const agent = new Agent()
    for (let i = 0; i < 4 * WORKERS; i++) {
      expect((await ask(agent, `${server.url}dashboard`, { headers: { cookie } })).text).toContain('Welcome, alice!')
    }
    const { text } = await ask(agent, `http://127.0.0.1:${port}/metrics`)
    expect(text).toMatch(
      new RegExp(`duration_seconds_count\\{method="GET",route="/dashboard",status="200"\\} ${4 * WORKERS}\n`),
    )
    expect(text).toMatch(/coatcheck_sessions\{state="signed-in"\} 1\n/)

    // One that is killed is replaced, and all sessions go on.
    const before = workersOf(server)
    process.kill(before[0] ?? 0, 'SIGKILL')
    await expect.poll(() => workersOf(server).filter((pid) => !before.includes(pid)), SOON).toHaveLength(1)
    expect(workersOf(server)).toHaveLength(WORKERS)
    await expect.poll(() => server.output(), SOON).toContain('worker-lost')
    expect((await ask(agent, `${server.url}dashboard`, { headers: { cookie } })).status).toBe(200)

    expect(await server.end('SIGTERM')).toBe(0)
    expect(workersOf(server)).toEqual([])
  })

  it('write an ending into the audit log once, however many of them are asked for it', async () => {
    const data = dataFolder()
    const server = await started(4, { COATCHECK_DATA: data })
    const [laptop, phone, tablet] = [await signedIn(server), await signedIn(server), await signedIn(server)]
    const everywhere = async (path: string, cookie: string) => {
      const headers = { cookie }
      const answers = Array.from({ length: 12 }, () =>
        ask(new Agent(), server.url + path, { method: 'POST', headers, form: {} }),
      )
      expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([303]))
    }
    await everywhere('logout', tablet)
    await everywhere('account/sessions/end-others', laptop)
    await everywhere('logout', laptop)
    const { headers } = await ask(new Agent(), `${server.url}dashboard`, { headers: { cookie: phone } })
    expect(headers.location).toContain('/login')
    // What waits to be written is written before they end.
    expect(await server.end('SIGTERM')).toBe(0)
    const db = new DatabaseSync(join(data, 'coatcheck.db'), { readOnly: true })
    onTestFinished(() => db.close())
    const rows = db.prepare("SELECT session_id, detail FROM happenings WHERE type = 'ended' ORDER BY id").all()
    expect(new Set(rows.map((row) => row['session_id'])).size).toBe(3)
    expect(rows.map((row) => JSON.parse(String(row['detail'])))).toEqual([
      { reason: 'signed-out', note: null },
      { reason: 'revoked', note: null },
      { reason: 'signed-out', note: null },
    ])
  })

  // One that hangs is killed after a minute.
  it('that cannot have the port say so once and end by themselves', { timeout: 45_000 }, async () => {
    const { port } = new URL((await startProcess({ PORT: '0', COATCHECK_DATA: dataFolder() })).url)
    const { code, output } = await endedStart({ PORT: port, COATCHECK_DATA: dataFolder(), COATCHECK_WORKERS: '2' })
    expect(code).toBe(1)
    expect(output.match(/Coatcheck did not start/g)).toHaveLength(1)
    expect(output).toContain(`Port ${port} is taken`)
  })

  it('are replaced one after the other at SIGHUP: no request is lost, and the server is ready all along', async () => {
    const server = await started(WORKERS, { COATCHECK_DRAIN: '1s', COATCHECK_LOG: 'info' })
    const cookie = await signedIn(server)
    const before = workersOf(server)
    const load = asking(`${server.url}dashboard`, cookie)
    const balancers = asking(`${server.url}readyz`)
    process.kill(server.pid, 'SIGHUP')
    await expect.poll(() => workersOf(server).filter((pid) => before.includes(pid)), { timeout: 60_000 }).toEqual([])
    const { length } = load.statuses
    await expect.poll(() => load.statuses.length, SOON).toBeGreaterThan(length + 20)
    expect(await load.stop()).toEqual([200])
    expect(await balancers.stop()).toEqual([200])
    expect(workersOf(server)).toHaveLength(WORKERS)
    await expect.poll(() => server.output(), SOON).toContain('All workers were replaced.')
  })

  it('stay as many where one dies while it is being replaced, and none ends by a SIGHUP of its own', async () => {
    const server = await started(2, { COATCHECK_LOG: 'info' })
    const before = workersOf(server)
    // As it comes to the whole group of processes.
    for (const pid of before) process.kill(pid, 'SIGHUP')
    expect((await fetch(`${server.url}healthz`)).status).toBe(200)
    expect(workersOf(server)).toEqual(before)

    process.kill(server.pid, 'SIGHUP')
    await expect.poll(() => workersOf(server), SOON).toHaveLength(3)
    // The one that started first is replaced first.
    process.kill(Math.min(...before), 'SIGKILL')
    await expect.poll(() => server.output(), SOON).toContain('All workers were replaced.')
    await expect.poll(() => workersOf(server), SOON).toHaveLength(2)
  })

  // One that hangs is killed after a minute.
  it('that cannot read their settings any more end at once, and are tried again', { timeout: 45_000 }, async () => {
    const file = `${dataFolder()}.env`
    writeFileSync(file, '')
    const server = await started(2, { COATCHECK_CONFIG: file })
    writeFileSync(file, 'COATCHECK_IDLE=never')
    process.kill(workersOf(server)[0] ?? 0, 'SIGKILL')
    const attempts = () => (server.output().match(/COATCHECK_IDLE cannot be used/g) ?? []).length
    await expect.poll(attempts, { timeout: 30_000 }).toBeGreaterThan(1)
  })

  it('are there again where all have died at once, and a stop in the midst of replacing them is not called its end', async () => {
    const server = await started(2, { PORT: String(await freePort()), COATCHECK_LOG: 'info' })
    const gone: number[] = []
    const newOnes = () => workersOf(server).filter((pid) => !gone.includes(pid))
    // Those that serve, and then those that are about to.
    for (let time = 0; time < 2; time++) {
      await expect.poll(newOnes, SOON).toHaveLength(2)
      for (const pid of newOnes()) {
        gone.push(pid)
        process.kill(pid, 'SIGKILL')
      }
    }
    await expect.poll(newOnes, SOON).toHaveLength(2)
    await expect.poll(async () => (await fetch(server.url).catch(() => null))?.status, SOON).toBe(200)

    process.kill(server.pid, 'SIGHUP')
    await expect.poll(newOnes, SOON).toHaveLength(3)
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.output()).not.toContain('All workers were replaced.')
    expect(workersOf(server)).toEqual([])
  })

  it.each([
    ['serve', '--workers', '0'],
    ['serve', '--workers', '65'],
    ['serve', '--workers', 'many'],
    ['serve', '--workers', '2', '--demo'],
  ])('are refused where nobody could mean it: %s %s %s %s', async (...args) => {
    const { code, output } = await endedStart({ PORT: '0', COATCHECK_DATA: dataFolder() }, {}, args.filter(Boolean))
    expect([code, output]).toEqual([2, expect.stringMatching(/--workers.*\ncoatcheck serve --help shows how\.\n$/)])
  })
})
