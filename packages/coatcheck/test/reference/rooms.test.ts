import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { moduleName, type Room, roomOf, rooms } from '../package/arrows.ts'
import { root, sourcesOfAll } from '../package/workspace.ts'
import { tableOf } from './page.ts'

const PATH = join(root, 'ARCHITECTURE.md')
const BEGIN = '<!-- rooms: npm run docs writes this table -->\n\n'
const END = '\n<!-- rooms end -->'

const modules = [...sourcesOfAll().keys()].filter((path) => path.startsWith('packages/coatcheck/')).map(moduleName)
const isThere = (room: Room) => modules.some((name) => roomOf(name) === room)

function mayOf({ may, mayModules = [], mayType = [], packages = [] }: Room): string {
  const there = rooms.filter(isThere).map(({ name }) => name)
  const single = modules.filter((name) => mayModules.some((one) => one.test(name)) && !may.includes(name))
  const parts = [
    ...may.filter((name) => there.includes(name)).map((name) => `\`${name}\``),
    ...single.map((name) => `\`${name}\``),
    ...packages.map((name) => `the package \`${name}\``),
    ...(mayType.length === 0 ? [] : ['types of all of `core`']),
  ]
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

function document(): string {
  const text = readFileSync(PATH, 'utf8')
  const rows = rooms.filter(isThere).map((room) => [`\`${room.name}\``, room.holds, mayOf(room)])
  const table = tableOf(['room', 'holds', 'may import'], rows).join('\n')
  return text.slice(0, text.indexOf(BEGIN) + BEGIN.length) + table + text.slice(text.indexOf(END))
}

test('the table of rooms in ARCHITECTURE.md is that of the test (npm run docs writes it)', async () => {
  await expect(document()).toMatchFileSnapshot(PATH)
})
