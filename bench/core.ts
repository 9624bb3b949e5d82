// `npm run bench -- core`: what the core costs per request, in process, beside a hand-written floor of the same step.
// Contenders alternate in short rounds, so that what else the machine does hits all of them alike; medians, spread and
// ratios count, absolute times do not. `--rounds 60` runs longer, `--json` prints the rows.
import { parseArgs } from 'node:util'
import { memoryContenders, sqliteContenders } from './contenders.ts'
import { type Contender, type Measured, measure } from './measure.ts'

interface Line extends Measured {
  readonly name: string
  readonly floor: string
  readonly ratio: number
  readonly target: number | null
}

function linesOf(contenders: readonly Contender[], measured: ReadonlyMap<string, Measured>): Line[] {
  return contenders.flatMap(({ name, floor, target }) => {
    const own = measured.get(name)
    const base = measured.get(floor)
    return own && base ? [{ ...own, name, floor, ratio: own.median / base.median, target: target ?? null }] : []
  })
}

function print(lines: readonly Line[]): void {
  const head = ['step', 'µs median', 'µs min–max', 'bytes', '× floor', 'at most']
  const rows = lines.map(({ name, median, min, max, bytes, ratio, target }) => [
    name,
    median.toFixed(3),
    `${min.toFixed(3)}–${max.toFixed(3)}`,
    bytes.toFixed(0),
    ratio.toFixed(2),
    target === null ? '' : `${target}${ratio <= target ? '' : '  MISSED'}`,
  ])
  const widths = head.map((text, i) => Math.max(text.length, ...rows.map((row) => (row[i] ?? '').length)))
  for (const row of [head, ...rows]) {
    console.log(
      row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  '),
    )
  }
}

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, json: { type: 'boolean' }, quick: { type: 'boolean' } },
})
const rounds = values.quick === true ? 6 : Number(values.rounds ?? '40')
const lines: Line[] = []
for (const make of [memoryContenders, sqliteContenders]) {
  const { contenders, close } = await make()
  lines.push(...linesOf(contenders, await measure(contenders, rounds)))
  await close()
}
if (values.json === true) console.log(JSON.stringify(lines, null, 2))
else print(lines)
