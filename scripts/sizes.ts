// `npm run sizes`: writes into the README how large the packages are and what they bring along.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installInto, pack } from './packing.mjs'
import { measureSizes, putSizes } from './sizes/measuring.ts'

const readme = new URL('../README.md', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'coatcheck-sizes-'))
try {
  const packed = { library: await pack('coatcheck', folder), server: await pack('server', folder) }
  const application = join(folder, 'application')
  await installInto(application, { '@coatcheck/server': packed.server.path }, { coatcheck: packed.library.path })
  const text = readFileSync(readme, 'utf8')
  writeFileSync(readme, putSizes(text, await measureSizes(packed, application)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
