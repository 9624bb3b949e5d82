// `npm run prove`: runs the cases of every promise on every store, and through every adapter, and prints who keeps what. With `--json` standard
// output is one array of rows and nothing else; with `--markdown` it is docs/promises.md. `--length 1` runs the long proofs at full length (default 0.02).
import { parseArgs } from 'node:util'
import { adapters } from './prove/adapters.ts'
import { prove, proveAdapter, remarksOf, rowsOf } from './prove/proof.ts'
import { stopEngines, stores } from './prove/stores.ts'
import { pageOf, type Row, tableOf } from './prove/table.ts'

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      markdown: { type: 'boolean' },
      store: { type: 'string', multiple: true },
      length: { type: 'string' },
    },
  })
  const length = Number(values.length ?? '0.02')
  if (!(length > 0 && length <= 1)) throw new Error('--length: a number above 0, at most 1')
  const rows: Row[] = []
  for (const name of values.store ?? Object.keys(stores)) {
    const fresh = stores[name]
    if (fresh === undefined) throw new Error(`There is no store '${name}': ${Object.keys(stores).join(', ')}`)
    console.error(`Proving on ${name} …`)
    const proofs = [await prove(name, fresh, length)]
    for (const [adapter, servers] of adapters) {
      console.error(`Proving on ${name}, through ${adapter} …`)
      proofs.push(await proveAdapter(adapter, servers, name, fresh))
    }
    for (const remark of proofs.flatMap(remarksOf)) console.error(remark)
    rows.push(...proofs.flatMap(rowsOf))
  }
  if (values.json === true) console.log(JSON.stringify(rows, null, 2))
  else if (values.markdown === true) process.stdout.write(pageOf(rows))
  else console.log(tableOf(rows))
  return rows.some(({ failed }) => failed > 0) ? 1 : 0
}

try {
  process.exitCode = await main()
} finally {
  await stopEngines()
}
