import { spawn } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { killWorkers, startWorker } from '../../src/workers/pool.ts'
import { credentials } from './load.ts'
import { environmentOfTests, program, spawnServer } from './process.ts'
import { alive, SOON, serveBy, settings, started, workersOf } from './workers.ts'

describe('several processes', () => {
  it('finish what they have begun where the first one is killed, and then end', async () => {
    const server = await started(2)
    const workers = workersOf(server)
    const form = new URLSearchParams(credentials('alice')).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': form.length }
    const sent = request(`${server.url}signup`, { method: 'POST', headers: { ...headers, expect: '100-continue' } })
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve).once('error', reject)
    })
    sent.flushHeaders()
    await once(sent, 'continue')
    sent.write(form.slice(0, 5))
    await server.end('SIGKILL')
    // The one that has nothing to do ends; the other one has noticed as well.
    await expect.poll(() => alive(workers), SOON).toHaveLength(1)
    sent.end(form.slice(5))
    expect((await answer).statusCode).toBe(303)
    await expect.poll(() => alive(workers), SOON).toEqual([])
  })

  it.each([
    ['SIGTERM', 1],
    ['SIGINT', 1],
    ['SIGTERM', 3],
  ] as const)('that are told to stop while they start do so: %s at process %i', async (signal, count) => {
    const { child, output } = spawnServer(settings(), {}, serveBy(3))
    await expect.poll(() => workersOf(child), { ...SOON, interval: 10 }).toHaveLength(count)
    child.kill(signal)
    expect(await once(child, 'close')).toEqual([0, null])
    expect(output()).not.toMatch(/did not start|\n +at |worker-lost/)
  })

  it('that are told to be replaced while they start are replaced when they serve, and once for all that were told', async () => {
    const { child, output } = spawnServer(settings({ COATCHECK_LOG: 'info' }), {}, serveBy(2))
    await expect.poll(() => workersOf(child), SOON).toHaveLength(1)
    for (let time = 0; time < 3; time++) {
      child.kill('SIGHUP')
      await pause(50)
    }
    await expect.poll(output, SOON).toContain('All workers were replaced.')
    // Another one would have begun: its first process starts at once.
    const [url = ''] = /http:\S+/.exec(output()) ?? []
    expect((await fetch(`${url}healthz`)).status).toBe(200)
    expect(workersOf(child)).toHaveLength(2)
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
    expect(output()).not.toContain('worker-lost')
  })

  it('stop where their terminal is closed', async () => {
    const command = `exec '${process.execPath}' '${program}' ${serveBy(2).join(' ')}`
    const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
      env: { ...environmentOfTests(), HOST: '', ...settings() },
    })
    let output = ''
    terminal.stdout.on('data', (chunk) => {
      output += String(chunk)
    })
    await expect.poll(() => output, SOON).toContain('Coatcheck is ready.')
    const [first = 0] = workersOf(terminal)
    const all = [first, ...workersOf({ pid: first })]
    onTestFinished(() => {
      for (const pid of alive(all)) process.kill(pid, 'SIGKILL')
    })
    expect(all).toHaveLength(3)
    terminal.kill('SIGKILL')
    await expect.poll(() => alive(all), SOON).toEqual([])
  })

  it('may each take the time that their own settings give', async () => {
    for (const [name, value] of Object.entries(settings({ COATCHECK_DRAIN: '7s' }))) vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())
    cluster.setupPrimary({ exec: program, args: ['serve'], silent: true })
    const worker = await startWorker(new AbortController().signal)
    killWorkers()
    expect(worker.longestStop).toBe(7_000 + 20_000)
  })
})
