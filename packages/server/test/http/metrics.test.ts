import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../../src/config.ts'
import { startServer } from '../../src/server.ts'
import { dataFolder, runningServer, testConfig } from '../running.ts'
import { walk } from './walking.ts'

/** A port that was free a moment ago. */
async function freePort() {
  const { port, stop } = await runningServer()
  await stop()
  return port
}

async function walkAndAsk(url: string) {
  const client = await walk(url)
  await client.get('/healthz')
}

describe('Prometheus', () => {
  it('finds events, answers, calls of the store and sessions at a listener of its own, and no secret', async () => {
    const port = await freePort()
    const { url } = await runningServer(dataFolder(), { metrics: { host: '127.0.0.1', port } })
    await walkAndAsk(url)
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    expect(text).toContain('coatcheck_events_total{type="signed-in",reason="",severity="info"} 1\n')
    expect(text).toContain('coatcheck_sessions{state="signed-in"} 1\n')
    expect(text).toMatch(
      /coatcheck_http_request_duration_seconds_count\{method="GET",route="\/account\/sessions",status="200"\} 1\n/,
    )
    expect(text).toMatch(/coatcheck_http_request_duration_seconds_count\{method="GET",route="",status="404"\} 1\n/)
    expect(text).toMatch(
      /coatcheck_http_request_duration_seconds_count\{method="GET",route="\/healthz",status="200"\} 1\n/,
    )
    expect(text).toMatch(
      /coatcheck_store_call_duration_seconds_count\{store="sqlite",operation="create",outcome="ok"\} 1\n/,
    )
    expect(text).not.toMatch(/nowhere|secret-in-a-query|alice/)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    expect((await fetch(`${url}metrics`)).status).toBe(404)
  })

  it('that finds its port taken says so', async () => {
    const { port } = await runningServer()
    const starting = startServer(testConfig(dataFolder(), { metrics: { host: '127.0.0.1', port } }))
    await expect(starting).rejects.toThrow(/^COATCHECK_METRICS cannot listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\)/)
    await expect(starting).rejects.toBeInstanceOf(ConfigError)
  })

  it.each(['9464', 'localhost:9464', '127.0.0.1', '127.0.0.1:99999', ':9464'])(
    'has an address and a port: %s',
    (text) => {
      expect(() => readConfig({ COATCHECK_METRICS: text })).toThrow(/^COATCHECK_METRICS cannot be used/)
    },
  )
})
