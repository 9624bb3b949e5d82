// `npm run bench -- outages`: what clients see, second by second, when the Redis behind their sessions is paused, killed and
// started again, out of memory, out of connections, asks for another password, fails over, or moves its keys to another
// machine; beside the peers on the same faults.
// `--pause 20` says how long it is paused, `--only NAME` runs the faults whose names have this in them, `--contender NAME`
// those contenders, `--seconds` prints each second.
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { markdownTable } from './markdown.ts'
import { load } from './outages/asking.ts'
import { faults } from './outages/faults.ts'
import { contenders as ours } from './outages/ours.ts'
import { starts } from './outages/places.ts'
import { bySeconds, head, row, type Seen } from './outages/summary.ts'

const { values } = parseArgs({
  options: {
    pause: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    contender: { type: 'string', default: '' },
    seconds: { type: 'boolean', default: false },
  },
})
const peers = (await import(new URL('./peers/outages.mjs', import.meta.url).href)).contenders as typeof ours
const BEFORE = 2_000
const AFTER = 6_000
const PER_SECOND = 50

type Make = (typeof ours)[string]
type Fault = ReturnType<typeof faults>[string]

async function seen(make: Make, { topology, bring }: Fault): Promise<Seen> {
  const place = await starts[topology]()
  try {
    const { server, close } = await make(place.address)
    const asking = await load(server, PER_SECOND)
    await pause(BEFORE)
    const broken = asking.now()
    await bring(place)
    const able = asking.now()
    await pause(AFTER)
    const all = await asking.stop()
    close()
    return { all, broken, able }
  } finally {
    await place.stop()
  }
}

for (const [name, fault] of Object.entries(faults(Number(values.pause) * 1_000))) {
  if (!name.includes(values.only)) continue
  const all = new Map<string, Seen>()
  for (const [contender, make] of Object.entries({ ...ours, ...peers })) {
    if (!contender.includes(values.contender)) continue
    console.error(`${name}: ${contender}`)
    all.set(contender, await seen(make, fault))
  }
  const rows = [...all].map(([contender, one]) => row(contender, one))
  console.log(`\n${markdownTable(head(name), rows)}`)
  if (!values.seconds) continue
  const columns = [...all.values()].map(bySeconds)
  const lines = Array.from({ length: Math.max(...columns.map(({ length }) => length)) }, (_, i) => [
    i === 0 ? 'before' : String(i - 1),
    ...columns.map((column) => column[i] ?? ''),
  ])
  console.log(`\n${markdownTable(['second', ...all.keys()], lines)}`)
}
process.exit()
