// `npm run bench -- feeds`: what it would cost to tell 50 processes what becomes of sessions in Redis, at 20,000 changes a
// second, of which a hundredth are endings and as many removals: by blocking reads of the log, by keyspace events, by client
// tracking. `--listeners`, `--writes` and `--seconds` say otherwise. Redis is measured by its own count of CPU time.
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from 'redis'
import { startRedis } from '../scripts/engines.ts'
import { markdownTable } from './markdown.ts'
import { spreadOf } from './statistics.ts'

const { values } = parseArgs({
  options: {
    listeners: { type: 'string', default: '50' },
    writes: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
  },
})
const [listeners, writes, seconds, rounds] = [values.listeners, values.writes, values.seconds, values.rounds].map(
  Number,
) as [number, number, number, number]
const KEYS = 10_000
const VALUE = 'x'.repeat(400)
/** Milliseconds between two batches of changes. */
const TICK = 10
const LATER = String(Date.now() + 86_400_000)

/** A connection that counts what it is sent. It speaks the third version of the protocol, as tracking needs. */
class Listener {
  readonly #socket: Socket
  bytes = 0

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').on('data', (part) => {
      this.bytes += part.length
    })
    this.say('HELLO', '3')
  }

  say(...command: readonly string[]): void {
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
    this.#socket.write(`*${command.length}\r\n${parts.join('')}`)
  }

  /** Says it again as soon as it was answered. */
  sayAgain(...command: readonly string[]): void {
    this.say(...command)
    this.#socket.on('data', () => this.say(...command))
  }

  close(): void {
    this.#socket.destroy()
  }
}

const keyOf = (i: number) => `{ab}cc.s${i % KEYS}`
const EVENTS = ['del', 'expired', 'evicted', 'rename_from', 'move_from'].map((event) => `__keyevent@0__:${event}`)

/** How each listener is told, and what has to be set for it. */
const ways: Readonly<Record<string, { flags?: string; begin?: (listener: Listener, number: number) => void }>> = {
  'nobody listens': {},
  'nobody listens, events are on': { flags: 'Egxe' },
  'blocking reads of the log': {
    begin: (listener) => listener.sayAgain('XREAD', 'COUNT', '100', 'BLOCK', '250', 'STREAMS', '{aa}cc.l', '$'),
  },
  'keyspace events of removals': { flags: 'Egxe', begin: (listener) => listener.say('SUBSCRIBE', ...EVENTS) },
  'tracking, of what each has read': {
    // As many reads as changes, spread over all.
    begin: (listener, number) => {
      listener.say('CLIENT', 'TRACKING', 'ON')
      let i = number
      const count = (writes / listeners / 1_000) * TICK
      const timer = setInterval(() => {
        for (let done = 0; done < count; done++) {
          i += 7_919
          listener.say('GET', keyOf(i))
        }
      }, TICK)
      timer.unref()
      reading.push(timer)
    },
  },
  'tracking, of all keys of a prefix': {
    begin: (listener) => listener.say('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', '{ab}cc.s'),
  },
}
const reading: NodeJS.Timeout[] = []

interface Seen {
  /** Of one core, in percent. */
  readonly cpu: number
  readonly perSecond: number
  /** Kilobytes a second for each listener. */
  readonly told: number
}

async function seen({ flags, begin }: (typeof ways)[string]): Promise<Seen> {
  const redis = await startRedis({ options: ['--notify-keyspace-events', flags ?? ''] })
  const client = createClient({ url: `redis://127.0.0.1:${redis.port}` })
  await client.connect()
  for (let i = 0; i < KEYS; i++) void client.sendCommand(['SET', keyOf(i), VALUE, 'PXAT', LATER])
  await client.sendCommand(['PING'])
  const all = Array.from({ length: listeners }, () => new Listener(redis.port))
  await pause(200)
  for (const [number, listener] of all.entries()) begin?.(listener, number)
  await pause(500)
  const used = async () => {
    const info = String(await client.sendCommand(['INFO', 'cpu']))
    return ['user', 'sys'].reduce((sum, kind) => sum + Number(new RegExp(`used_cpu_${kind}:(.+)`).exec(info)?.[1]), 0)
  }
  const bytes = () => all.reduce((sum, listener) => sum + listener.bytes, 0)
  const [usedBefore, bytesBefore, began] = [await used(), bytes(), performance.now()]
  const done = await write(client)
  const took = (performance.now() - began) / 1_000
  const result = {
    cpu: ((await used()) - usedBefore) / took,
    perSecond: done / took,
    told: (bytes() - bytesBefore) / took / listeners / 1_000,
  }
  for (const timer of reading.splice(0)) clearInterval(timer)
  for (const listener of all) listener.close()
  client.destroy()
  await redis.stop()
  return result
}

/** Changes as many keys as there are to be in the seconds; each hundredth time one ends, and one is removed. */
async function write(client: { sendCommand(args: readonly string[]): Promise<unknown> }): Promise<number> {
  const until = performance.now() + seconds * 1_000
  let done = 0
  for (let tick = performance.now(); tick < until; tick += TICK) {
    const batch: Promise<unknown>[] = []
    for (let i = 0; i < (writes / 1_000) * TICK; i++, done++) {
      batch.push(client.sendCommand(['SET', keyOf(done * 31), VALUE, 'PXAT', LATER]))
      if (done % 100 !== 0) continue
      batch.push(client.sendCommand(['XADD', '{aa}cc.l', 'MAXLEN', '~', '10000', '*', 'e', 'session of a user']))
      batch.push(client.sendCommand(['DEL', `{ab}cc.s${KEYS + done}`, keyOf(done * 31)]))
    }
    await Promise.all(batch)
    await pause(Math.max(0, tick + TICK - performance.now()))
  }
  return done
}

const rows = new Map<string, Seen[]>(Object.keys(ways).map((name) => [name, []]))
for (let round = 0; round < rounds; round++) {
  for (const [name, way] of Object.entries(ways)) {
    rows.get(name)?.push(await seen(way))
    process.stderr.write(`round ${round + 1} of ${rounds}: ${name}\n`)
  }
}
const text = (all: readonly number[], scale: number, digits: number) => {
  const { median, low, high } = spreadOf(all.map((value) => value * scale))
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}
console.log(
  markdownTable(
    [`${listeners} listeners, ${writes} changes a second`, 'CPU of Redis, %', 'changes a second', 'kB/s to each'],
    [...rows].map(([name, all]) => [
      name,
      text(
        all.map(({ cpu }) => cpu),
        100,
        0,
      ),
      text(
        all.map(({ perSecond }) => perSecond),
        1,
        0,
      ),
      text(
        all.map(({ told }) => told),
        1,
        1,
      ),
    ]),
  ),
)
process.exit()
