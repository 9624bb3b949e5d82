import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import {
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  METRIC_DB_CLIENT_OPERATION_DURATION,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from '@opentelemetry/semantic-conventions'
import { StoreUnavailableError } from 'coatcheck'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client, PASSWORD, runningServer } from '../running.ts'
import { walk } from './walking.ts'

afterEach(() => {
  for (const part of [context, metrics, propagation, trace]) part.disable()
})

async function walkAndAsk(url: string) {
  const client = await walk(url)
  await client.request('/nowhere', { method: 'PROPFIND' })
}

/** A server whose accounts cannot be reached, for answers of 503. */
const brokenServer = () =>
  runningServer(undefined, {
    logLevel: 'silent',
    around: ({ accounts }) => ({
      accounts: { ...accounts, ping: () => Promise.reject(new StoreUnavailableError('ping', 'gone')) },
    }),
  })

describe('spans', () => {
  let exporter: InMemorySpanExporter
  beforeEach(() => {
    exporter = new InMemorySpanExporter()
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    propagation.setGlobalPropagator(new W3CTraceContextPropagator())
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
  })
  const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name)

  it('are there for each answer and each call of the store, by the conventions’ names and without a query', async () => {
    const { url } = await runningServer()
    await walkAndAsk(url)
    expect(named('GET /account/sessions')).toMatchObject([
      {
        kind: SpanKind.SERVER,
        attributes: {
          [ATTR_HTTP_REQUEST_METHOD]: 'GET',
          [ATTR_HTTP_ROUTE]: '/account/sessions',
          [ATTR_HTTP_RESPONSE_STATUS_CODE]: 200,
          [ATTR_URL_PATH]: '/account/sessions',
          [ATTR_URL_SCHEME]: 'http',
        },
      },
    ])
    const [nowhere] = named('GET')
    expect(nowhere?.attributes).toMatchObject({ [ATTR_HTTP_RESPONSE_STATUS_CODE]: 404 })
    expect(Object.keys(nowhere?.attributes ?? {})).not.toContain(ATTR_HTTP_ROUTE)
    expect(named('HTTP')).toMatchObject([{ attributes: { [ATTR_HTTP_REQUEST_METHOD]: '_OTHER' } }])
    const spans = exporter.getFinishedSpans()
    const store = spans.filter(({ attributes }) => attributes[ATTR_DB_SYSTEM_NAME] === 'sqlite')
    expect(new Set(store.map(({ name }) => name))).toEqual(new Set(['userEpoch', 'create', 'read', 'listUser']))
    for (const { kind, name, attributes } of store) {
      expect([kind, attributes[ATTR_DB_OPERATION_NAME]]).toEqual([SpanKind.CLIENT, name])
    }
    const said = JSON.stringify(spans.map(({ name, attributes, events }) => ({ name, attributes, events })))
    for (const secret of ['secret-in-a-query', PASSWORD, 'not the password']) expect(said).not.toContain(secret)
  })

  it('of the store stand below the answer that waited for them, and that below the caller’s', async () => {
    const { url } = await runningServer()
    // The server has looked at its database by itself, before anybody asked.
    exporter.reset()
    const client = new Client(url)
    await client.signUp('alice')
    await client.signIn('alice')
    const [traceId, callersId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
    await client.get('/account/sessions', { traceparent: `00-${traceId}-${callersId}-01` })
    const [answer] = named('GET /account/sessions')
    expect(answer?.spanContext().traceId).toBe(traceId)
    expect(answer?.parentSpanContext?.spanId).toBe(callersId)
    const [list] = named('listUser')
    expect(list?.parentSpanContext?.spanId).toBe(answer?.spanContext().spanId)
    for (const { name, parentSpanContext, attributes } of exporter.getFinishedSpans()) {
      if (attributes[ATTR_DB_SYSTEM_NAME] !== undefined)
        expect([name, parentSpanContext]).toEqual([name, expect.anything()])
    }
  })

  it('of what failed say so', async () => {
    const { url } = await brokenServer()
    await new Client(url).get('/healthz')
    expect(named('GET /healthz')).toMatchObject([
      { status: { code: SpanStatusCode.ERROR }, attributes: { [ATTR_ERROR_TYPE]: '503' } },
    ])
  })
})

const boundariesOf = (value: unknown) => (value as Histogram | undefined)?.buckets.boundaries

describe('metrics', () => {
  async function measured(make: () => Promise<{ readonly url: string }>, act: (url: string) => Promise<unknown>) {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
    const provider = new MeterProvider({ readers: [reader] })
    metrics.setGlobalMeterProvider(provider)
    await act((await make()).url)
    await provider.forceFlush()
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    await provider.shutdown()
    const points = (name: string) => all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? []
    return { all, points }
  }

  it('are the same numbers as Prometheus’s, by the conventions’ names', async () => {
    const { all, points } = await measured(runningServer, walkAndAsk)
    expect(new Set(all.map(({ descriptor }) => descriptor.name))).toEqual(
      new Set([METRIC_HTTP_SERVER_REQUEST_DURATION, METRIC_DB_CLIENT_OPERATION_DURATION, 'coatcheck.events']),
    )
    const answers = points(METRIC_HTTP_SERVER_REQUEST_DURATION)
    const one = { [ATTR_URL_SCHEME]: 'http', [ATTR_HTTP_ROUTE]: '/login', [ATTR_HTTP_REQUEST_METHOD]: 'POST' }
    for (const status of [303, 401]) {
      const attributes = { ...one, [ATTR_HTTP_RESPONSE_STATUS_CODE]: status }
      expect(answers).toContainEqual(
        expect.objectContaining({ attributes, value: expect.objectContaining({ count: 1 }) }),
      )
    }
    const [answer] = answers
    expect(boundariesOf(answer?.value)).toEqual([
      0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ])
    const unrouted = answers.filter(({ attributes }) => !(ATTR_HTTP_ROUTE in attributes))
    expect(new Set(unrouted.map(({ attributes }) => attributes[ATTR_HTTP_REQUEST_METHOD]))).toEqual(
      new Set(['GET', '_OTHER']),
    )
    const [call] = points(METRIC_DB_CLIENT_OPERATION_DURATION)
    expect(call?.attributes).toEqual({ [ATTR_DB_SYSTEM_NAME]: 'sqlite', [ATTR_DB_OPERATION_NAME]: expect.any(String) })
    expect(boundariesOf(call?.value)).toEqual([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10])
    for (const { descriptor } of all) expect(descriptor.unit).toBe(descriptor.name.endsWith('.duration') ? 's' : '')
  })

  it('of answers that failed have a type of error', async () => {
    const { points } = await measured(brokenServer, (url) => new Client(url).get('/healthz'))
    expect(points(METRIC_HTTP_SERVER_REQUEST_DURATION)[0]?.attributes).toMatchObject({ [ATTR_ERROR_TYPE]: '503' })
  })
})
