// `npm run build`: both packages by tsc, the library first because the server is built against its declarations.
// A package whose sources, settings and compiler have not changed is left as it is.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rightNode, root } from './node.mjs'
import { capture } from './processes.mjs'
import { Progress, Trouble } from './progress.mjs'
import { setUp } from './setup.mjs'
import { alone, filesBelow, fingerprint, readStamp, writeStamp } from './stamps.mjs'

/** Built in this order. */
export const packages = /** @type {const} */ (['coatcheck', 'server'])

export const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** @param {string} file @returns {boolean} a module, not a declaration */
const isSource = (file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts')

/** What tsc writes for one source file, without the ending. @param {string} file @param {string} home */
const outputOf = (file, home) => join(home, 'dist', file.slice(join(home, 'src').length).replace(/\.tsx?$/, ''))

/** @param {string} name @returns {Promise<'built' | 'up to date'>} */
async function buildOne(name) {
  const home = join(root, 'packages', name)
  const sources = filesBelow(join(home, 'src')).filter(isSource)
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package.json'].map((file) => join(home, file))
  const below = name === packages[0] ? '' : (readStamp(`built-${packages[0]}`) ?? '')
  const wanted = fingerprint(
    [...sources, ...settings, join(root, 'tsconfig.base.json'), join(root, 'package-lock.json')],
    [below],
  )
  const outputs = sources.map((file) => outputOf(file, home))
  if (readStamp(`built-${name}`) === wanted && outputs.every((path) => existsSync(`${path}.js`))) return 'up to date'

  const { code, output } = await capture(rightNode(), [tsc, '--project', join(home, 'tsconfig.build.json')], {
    cwd: root,
  })
  if (code !== 0) throw new Trouble(`${output.trim()}\n\nThe package ${name} does not compile.`)
  // What a removed source left behind must not be shipped. Nothing is removed before: a server may run from it.
  const kept = new Set(
    outputs.flatMap((path) => ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((ending) => path + ending)),
  )
  for (const file of filesBelow(join(home, 'dist'))) if (!kept.has(file)) rmSync(file)
  writeStamp(`built-${name}`, wanted)
  return 'built'
}

/** One step. @param {Progress} progress */
export const build = (progress) =>
  progress.step(
    'Build',
    () =>
      alone(
        (text) => progress.say(text),
        async () => {
          const results = []
          for (const name of packages) results.push(`${name} ${await buildOne(name)}`)
          return results.join(', ')
        },
      ),
    (result) => result,
  )

export async function main() {
  const progress = new Progress(2, process.stdout)
  await setUp(progress)
  await build(progress)
  return 0
}
