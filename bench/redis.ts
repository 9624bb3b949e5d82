// `npm run bench -- redis`: what sessions in Redis cost. Reads beside the raw GET of the same document, alternating, 32 in
// flight; the feed's lag, and strict reads in three other processes' places, over 2,000 endings; then with as many sessions
// as `--sizes 10000,1000000` says: bytes, reads, a user with 1,000 sessions, and as many expired ones, but at most
// `--expired`, swept while serving.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { DOCUMENT } from './document.ts'
import { markdownTable } from './markdown.ts'
import { inFlight, madeUp, type Opened, privateRedis, signedIn } from './redis/engine.ts'
import { percentile, spreadOf } from './statistics.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,1000000' },
    rounds: { type: 'string', default: '15' },
    endings: { type: 'string', default: '2000' },
    expired: { type: 'string', default: '1000000' },
  },
})
const sizes = values.sizes.split(',').map(Number)
const [rounds, endings, mostExpired] = [Number(values.rounds), Number(values.endings), Number(values.expired)]
const AT_ONCE = 32
const CALLS = 4_000
const say = (text: string) => process.stderr.write(`${text}\n`)
const us = (value: number) => value.toFixed(1)
const ms = (value: number) => value.toFixed(2)

/** Microseconds for each call, of a round with so many in flight. */
async function timed(work: (i: number) => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await inFlight(CALLS, AT_ONCE, work)
  return ((performance.now() - began) * 1_000) / CALLS
}

async function compareReads(one: Opened): Promise<void> {
  const holders = await Promise.all(Array.from({ length: 500 }, (_, i) => signedIn(one, `reader ${i}`)))
  for (const [i] of holders.entries()) await one.client.set(`raw:${i}`, JSON.stringify({ cookie: {}, ...DOCUMENT }))
  const requests = holders.map(({ cookie }) => new Request('https://app.example/', { headers: { cookie } }))
  const steps: Readonly<Record<string, (i: number) => Promise<unknown>>> = {
    'raw GET, JSON.parse': async (i) => JSON.parse((await one.client.get(`raw:${i % 500}`)) ?? ''),
    "the same without the client's timer": async (i) =>
      JSON.parse(String(await one.client.sendCommand(['GET', `raw:${i % 500}`], { timeout: 0 }))),
    'store.read': async (i) => await one.store.read(holders[i % 500]?.id ?? ''),
    'sessions.open': async (i) => await one.sessions.open(requests[i % 500] as Request),
    'sessions.open, data read': async (i) => (await one.sessions.open(requests[i % 500] as Request)).data['role'],
  }
  const took = new Map<string, number[]>(Object.keys(steps).map((name) => [name, []]))
  for (let round = -2; round < rounds; round++) {
    for (const [name, step] of Object.entries(steps)) {
      const one = await timed(step)
      if (round >= 0) took.get(name)?.push(one)
    }
  }
  const floor = spreadOf(took.get('raw GET, JSON.parse') ?? []).median
  const rows = [...took].map(([name, values]) => {
    const { median, low, high } = spreadOf(values)
    return [name, us(median), `${us(low)}–${us(high)}`, (median / floor).toFixed(2)]
  })
  console.log(markdownTable([`read, ${AT_ONCE} in flight`, 'µs', 'middle half', '× raw'], rows))
}

async function followEndings(one: Opened, others: readonly Opened[]): Promise<void> {
  const [watcher] = others
  const told = new Map<string, number>()
  const feed = watcher?.store.watch({
    ended: ({ subject }) => told.set(subject ?? '', performance.now()),
    changed: () => undefined,
    missed: () => undefined,
  })
  while ((feed?.aliveAt ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  const acknowledged = new Map<string, number>()
  let alive = 0
  for (let i = 0; i < endings; i++) {
    const { id, cookie } = await signedIn(one, `ended ${i}`)
    await one.sessions.revoke(id)
    acknowledged.set(id, performance.now())
    const request = new Request('https://app.example/', { headers: { cookie } })
    const seen = await Promise.all(others.map(({ sessions }) => sessions.open(request, { strict: true })))
    alive += seen.filter(({ signedIn }) => signedIn).length
  }
  while (told.size < endings) await new Promise((resolve) => setTimeout(resolve, 10))
  await feed?.stop()
  // The feed may tell before the ending's own answer has come.
  const lags = [...acknowledged].map(([id, at]) => Math.max(0, (told.get(id) ?? 0) - at))
  console.log(
    `\n${endings} endings: ${alive} of ${endings * others.length} strict reads by other connections found one alive; ` +
      `the feed told after p50 ${ms(percentile(lags, 50))}, p99 ${ms(percentile(lags, 99))}, at most ${ms(percentile(lags, 100))} ms\n`,
  )
}

const usedMemory = async ({ client }: Opened) =>
  Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1] ?? Number.NaN)

/** Seconds of a sweep of so many, and milliseconds of each read that four visitors had meanwhile. */
async function sweepWhileServing(one: Opened, serving: Opened, size: number, anyId: () => string) {
  const meanwhile: number[] = []
  let isOver = false
  const visit = async () => {
    while (!isOver) {
      const at = performance.now()
      await serving.store.read(anyId())
      meanwhile.push(performance.now() - at)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const visitors = Promise.all(Array.from({ length: 4 }, visit))
  const began = performance.now()
  const swept = await one.sessions.sweep().finally(() => {
    isOver = true
  })
  const sweptIn = (performance.now() - began) / 1_000
  await visitors
  if (swept.expired < size) throw new Error(`Of ${size} expired ones ${swept.expired} were swept.`)
  return { sweptIn, meanwhile }
}

async function measureSize(size: number): Promise<readonly string[]> {
  const engine = await privateRedis()
  try {
    const one = await engine.open()
    // Without the client's own timer for each command: they pile up at this pace, and after a pause of the machine end some.
    const filler = await engine.open({ timeout: 0 })
    for (const { store } of [one, filler]) await store.read('nobody')
    const before = await usedMemory(one)
    const now = Date.now()
    const idOf = (kind: string, i: number) => `${kind}${String(i).padStart(22 - kind.length, '0')}`
    const began = performance.now()
    await inFlight(size, 256, (i) =>
      filler.store.create(madeUp(idOf('s', i), `user-${String(i).padStart(10, '0')}`, now)),
    )
    const bytes = ((await usedMemory(one)) - before) / size
    say(`${size} sessions made in ${((performance.now() - began) / 1_000).toFixed(0)} s`)

    const cpu = process.cpuUsage()
    const lags: number[] = []
    await inFlight(20_000, AT_ONCE, async () => {
      const at = performance.now()
      await one.store.read(idOf('s', Math.floor(Math.random() * size)))
      lags.push(performance.now() - at)
    })
    const { user, system } = process.cpuUsage(cpu)

    await inFlight(1_000, AT_ONCE, (i) => one.store.create(madeUp(idOf('m', i), 'many', now)))
    const listing = performance.now()
    const { length } = await one.sessions.list('many')
    const listed = performance.now() - listing
    const ending = performance.now()
    const ended = await one.sessions.revokeUser('many')
    if (length !== 1_000 || ended !== 1_000) throw new Error(`Of 1,000 sessions ${length} were listed, ${ended} ended.`)
    const endedIn = performance.now() - ending

    const serving = await engine.open()
    const expiredAt = now - 24 * 60 * 60 * 1_000
    const expired = Math.min(size, mostExpired)
    await inFlight(expired, 256, (i) => filler.store.create(madeUp(idOf('x', i), `gone-${i % 1_000}`, expiredAt)))
    say(`${expired} expired ones made, after ${((performance.now() - began) / 1_000).toFixed(0)} s`)
    const { sweptIn, meanwhile } = await sweepWhileServing(one, serving, expired, () =>
      idOf('s', Math.floor(Math.random() * size)),
    )
    return [
      size.toLocaleString('en'),
      bytes.toFixed(0),
      `${ms(percentile(lags, 50))} / ${ms(percentile(lags, 99))}`,
      us((user + system) / 20_000),
      ms(listed),
      ms(endedIn),
      expired.toLocaleString('en'),
      sweptIn.toFixed(1),
      `${ms(percentile(meanwhile, 50))} / ${ms(percentile(meanwhile, 99))} / ${ms(percentile(meanwhile, 100))}`,
    ]
  } finally {
    await engine.stop()
  }
}

const engine = await privateRedis()
try {
  const [one, ...others] = [await engine.open(), await engine.open(), await engine.open(), await engine.open()]
  console.log(
    `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}, Redis on the same machine\n`,
  )
  await compareReads(one as Opened)
  await followEndings(one as Opened, others)
} finally {
  await engine.stop()
}
const rows: (readonly string[])[] = []
for (const size of sizes) rows.push(await measureSize(size))
console.log(
  markdownTable(
    [
      'sessions',
      'bytes each, index included',
      'read p50 / p99, ms',
      'µs of our CPU for a read',
      'list 1,000, ms',
      'end 1,000, ms',
      'expired',
      'swept in, s',
      'reads meanwhile p50 / p99 / max, ms',
    ],
    rows,
  ),
)
