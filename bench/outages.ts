// `npm run bench -- outages`: what clients see, second by second, when the Redis behind their sessions is paused, killed and
// started again, out of memory, out of connections, or asks for another password; beside the peers on the same faults.
// `--pause 20` says how long it is paused, `--only NAME` runs one fault, `--seconds` prints each second.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from 'redis'
import { type Redis, startRedis } from '../scripts/engines.ts'
import { markdownTable } from './markdown.ts'
import { type Asked, load } from './outages/asking.ts'
import { type Contender, contenders as ours } from './outages/ours.ts'

const { values } = parseArgs({
  options: {
    pause: { type: 'string', default: '20' },
    only: { type: 'string' },
    seconds: { type: 'boolean', default: false },
  },
})
const peers = (await import(new URL('./peers/outages.mjs', import.meta.url).href)).contenders as typeof ours
const BEFORE = 2_000
const AFTER = 6_000
const PER_SECOND = 50

interface Place {
  redis: Redis
  readonly options: readonly string[]
}

const killClients = ({ redis }: Place, ...as: string[]) =>
  redis.command(...as, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
const KEY = ['-a', 'another-password']

/** Brings the fault, and mends it. */
const faults: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  async paused({ redis }) {
    redis.signal('SIGSTOP')
    await pause(Number(values.pause) * 1_000)
    redis.signal('SIGCONT')
  },
  async 'killed, started 3 s later'(place) {
    await place.redis.kill()
    await pause(3_000)
    place.redis = await startRedis({ port: place.redis.port, options: place.options })
  },
  async 'out of memory for 3 s'({ redis }) {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    await pause(3_000)
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
  },
  async 'no connections for 3 s'({ redis }) {
    // This one has the only place.
    const holder = createClient({ url: `redis://127.0.0.1:${redis.port}` })
    await holder.connect()
    await holder.sendCommand(['CONFIG', 'SET', 'maxclients', '1'])
    await holder.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
    await pause(3_000)
    await holder.sendCommand(['CONFIG', 'SET', 'maxclients', '1000'])
    holder.destroy()
  },
  async 'another password for 3 s'(place) {
    await place.redis.command('CONFIG', 'SET', 'requirepass', KEY[1] ?? '')
    await killClients(place, ...KEY)
    await pause(3_000)
    await place.redis.command(...KEY, 'CONFIG', 'SET', 'requirepass', '')
  },
}

async function seen(make: (port: number) => Promise<Contender>, fault: (place: Place) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-outages-'))
  const options = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always']
  const place: Place = { redis: await startRedis({ options }), options }
  try {
    const { server, close } = await make(place.redis.port)
    const asking = await load(server, PER_SECOND)
    await pause(BEFORE)
    const broken = asking.now()
    await fault(place)
    const mended = asking.now()
    await pause(AFTER)
    const all = await asking.stop()
    close()
    return { all, broken, mended }
  } finally {
    await place.redis.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const isGood = ({ outcome }: Asked) => outcome === 200

function counted(all: readonly Asked[]): string {
  const counts = new Map<string, number>()
  for (const { outcome } of all) counts.set(String(outcome), (counts.get(String(outcome)) ?? 0) + 1)
  return [...counts].map(([outcome, count]) => `${outcome}: ${count}`).join(', ')
}

/** Milliseconds after the mending from which on every request that came was answered well; null: never. */
function wellAfter(all: readonly Asked[], mended: number): number | null {
  const bad = all.findLast((one) => !isGood(one))
  if (bad === undefined || bad.at < mended) return 0
  return all.at(-1) === bad ? null : bad.at - mended
}

for (const [name, fault] of Object.entries(faults)) {
  if (values.only !== undefined && !name.startsWith(values.only)) continue
  const rows: string[][] = []
  for (const [contender, make] of Object.entries({ ...ours, ...peers })) {
    const { all, broken, mended } = await seen(make, fault)
    const meanwhile = all.filter(({ at }) => at >= broken)
    const well = wellAfter(all, mended)
    rows.push([
      contender,
      counted(meanwhile),
      Math.max(...meanwhile.map(({ took }) => took)).toFixed(0),
      well === null ? 'not' : (well / 1_000).toFixed(1),
    ])
    if (!values.seconds) continue
    for (let second = 0; second * 1_000 < (all.at(-1)?.at ?? 0); second++) {
      const now = all.filter(({ at }) => Math.floor(at / 1_000) === second)
      console.log(
        `${contender}, second ${second}: ${counted(now)}; longest ${Math.max(0, ...now.map(({ took }) => took)).toFixed(0)} ms`,
      )
    }
  }
  const head = [`Redis ${name}`, 'answers from then on', 'longest, ms', 'well again after, s']
  console.log(`\n${markdownTable(head, rows)}`)
}
process.exit()
