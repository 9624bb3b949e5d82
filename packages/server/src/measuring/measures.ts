import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { type SessionEvent, type Store, StoreTimeoutError } from 'coatcheck'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { answerAttributes, methodAttributes } from './http-attributes.ts'

/** A request that was answered. */
export interface MeasuredRequest {
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** The pattern of the route, such as `/account/sessions/:id/end`, so that there are few; empty for none of ours. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** What is counted and timed, for Prometheus and, where an SDK is registered, for OpenTelemetry. */
export interface Measures {
  readonly request: (request: MeasuredRequest) => void
  readonly event: (event: SessionEvent) => void
  /** Runs one call of the store, and measures it. */
  readonly call: <T>(operation: string, run: () => Promise<T>) => Promise<T>
  /** In Prometheus's text format. `stats` is asked for the sessions that there are. */
  readonly text: (stats: Stats | null) => Promise<string>
  /** The same for another process, which adds up those of several. */
  readonly json: (stats: Stats | null) => Promise<Metrics>
}

type Stats = () => Promise<Readonly<Record<string, number>>>

/** What one process has counted and timed, as `prom-client` adds it up. */
export type Metrics = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

const NAME = 'coatcheck'
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** What OpenTelemetry's conventions advise, so that the numbers of several services can be added. In seconds. */
const BOUNDARIES = {
  requests: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  calls: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
}

const inSeconds = (explicitBucketBoundaries: number[]) => ({ unit: 's', advice: { explicitBucketBoundaries } })

/** `system`: what OpenTelemetry calls the engine of the store. `timed` is told of each call of the store, in seconds. */
export function makeMeasures(system: string, timed: (seconds: number) => void): Measures {
  const registry = new Registry()
  const registers = [registry]
  const events = new Counter({
    name: 'coatcheck_events_total',
    help: 'What happened to sessions, by type, reason and severity (docs/reference/events.md).',
    labelNames: ['type', 'reason', 'severity'],
    registers,
  })
  const requests = new Histogram({
    name: 'coatcheck_http_request_duration_seconds',
    help: 'How long answers took.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  })
  const calls = new Histogram({
    name: 'coatcheck_store_call_duration_seconds',
    help: 'How long the store took, by engine, operation and outcome (ok, timeout, failed).',
    labelNames: ['store', 'operation', 'outcome'],
    buckets: SECONDS,
    registers,
  })
  const sessions = new Gauge({
    name: 'coatcheck_sessions',
    help: 'Records in the store: signed in, anonymous, and ended ones that are kept to say why.',
    labelNames: ['state'],
    // Each process counts the same ones.
    aggregator: 'max',
    registers,
  })
  const countSessions = async (stats: Stats | null) => {
    for (const [state, count] of Object.entries((await stats?.()) ?? {})) sessions.set({ state }, count)
  }
  const meter = metrics.getMeter(NAME)
  const otelRequests = meter.createHistogram('http.server.request.duration', inSeconds(BOUNDARIES.requests))
  const otelCalls = meter.createHistogram('db.client.operation.duration', inSeconds(BOUNDARIES.calls))
  const otelEvents = meter.createCounter('coatcheck.events')
  const tracer = trace.getTracer(NAME)
  return {
    request({ method, scheme, route, status, seconds: took }) {
      requests.observe({ method, route, status: String(status) }, took)
      otelRequests.record(took, {
        ...methodAttributes(method),
        'url.scheme': scheme,
        ...answerAttributes(route, status),
      })
    },
    event(event) {
      const { type, severity } = event
      const reason = 'reason' in event ? event.reason : ''
      events.inc({ type, reason, severity })
      otelEvents.add(1, { 'event.name': `coatcheck.${type}`, reason, severity })
    },
    async call(operation, run) {
      const attributes = { 'db.system.name': system, 'db.operation.name': operation }
      return await tracer.startActiveSpan(operation, { kind: SpanKind.CLIENT, attributes }, async (span) => {
        const began = performance.now()
        let outcome = 'ok'
        try {
          return await run()
        } catch (error) {
          outcome = error instanceof StoreTimeoutError ? 'timeout' : 'failed'
          span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', outcome)
          throw error
        } finally {
          const took = (performance.now() - began) / 1000
          calls.observe({ store: system, operation, outcome }, took)
          timed(took)
          otelCalls.record(took, outcome === 'ok' ? attributes : { ...attributes, 'error.type': outcome })
          span.end()
        }
      })
    },
    async text(stats) {
      await countSessions(stats)
      return await registry.metrics()
    },
    async json(stats) {
      await countSessions(stats)
      return await registry.getMetricsAsJSON()
    },
  }
}

/** The store's own count of what it holds, where it can tell. */
export function statsOf(store: Store): (() => Promise<Readonly<Record<string, number>>>) | null {
  if (!('stats' in store) || typeof store.stats !== 'function') return null
  const { stats } = store
  return async () => {
    const { signedIn, anonymous, ended } = await stats()
    return { 'signed-in': signedIn, anonymous, ended }
  }
}
