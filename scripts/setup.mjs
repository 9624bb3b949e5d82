// Makes a fresh clone ready: the dependencies exactly as the lockfile has them, Node among them.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { rightEnvironment, rightNode, root } from './node.mjs'
import { capture } from './processes.mjs'
import { secondsSince, Trouble } from './progress.mjs'
import { alone, fingerprint, readStamp, writeStamp } from './stamps.mjs'

const stamp = 'installed'
const wanted = (folder = root) => fingerprint([join(folder, 'package-lock.json')], [process.platform, process.arch])

/**
 * What has a folder and a lockfile of its own, because it is no dependency of the project.
 * @type {Readonly<Record<'peers' | 'nodes', { folder: string, title: string, size: string }>>}
 */
const extras = {
  peers: { folder: join(root, 'bench'), title: 'The peers, into bench/node_modules alone', size: '5 MB' },
  nodes: {
    folder: join(root, 'scripts', 'nodes'),
    title: 'The versions of Node that the packages are tried under, into scripts/nodes alone',
    size: '150 MB',
  },
}

/** The npm that called us, so that the user's own version and settings count; else the one on the path. */
export function npm() {
  const path = process.env['npm_execpath']
  return path !== undefined && /npm-cli\.[cm]?js$/.test(path)
    ? { command: process.execPath, first: [path], shell: false }
    : { command: 'npm', first: [], shell: process.platform === 'win32' }
}

/**
 * @param {import('./progress.mjs').Progress} progress
 * @param {string} size what the first time downloads
 * @param {{ cwd: string, command?: string, env?: NodeJS.ProcessEnv }} where `command`: a Node other than that of the caller
 */
async function install(progress, size, where) {
  const { first, shell, ...own } = npm()
  // Without the path of npm's own file there is only the command npm, and the environment says which Node it runs on.
  const command = first.length > 0 ? (where.command ?? own.command) : own.command
  // Whatever the environment says (NODE_ENV=production, omit), the tools of the project are needed;
  // and the strictness of engines is ours: npm runs on the old Node that the installed one replaces.
  const args = [
    ...first,
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-engine-strict',
    '--ignore-scripts',
    '--loglevel=error',
  ]
  progress.say(`npm ci, by the committed lockfile; the first time it downloads about ${size}`)
  const from = performance.now()
  const pulse = setInterval(() => progress.say(`still installing after ${secondsSince(from)}`), 15_000)
  try {
    const { code, output } = await capture(command, args, {
      cwd: where.cwd,
      shell,
      ...(where.env && { env: where.env }),
    })
    progress.say(output.trim())
    if (code !== 0)
      throw new Trouble(
        `The dependencies could not be installed: npm ci ended with ${code}, and its own words stand above.`,
      )
  } finally {
    clearInterval(pulse)
  }
}

/** @param {import('./progress.mjs').Progress} progress @returns {Promise<'installed' | 'up to date'>} */
async function dependencies(progress) {
  if (readStamp(stamp) === wanted()) return 'up to date'
  return await alone(
    (text) => progress.say(text),
    async () => {
      if (readStamp(stamp) === wanted()) return 'up to date'
      await install(progress, '170 MB', { cwd: root })
      const { code, output } = await capture(rightNode(), ['--version'], { cwd: root }).catch((error) => ({
        code: 1,
        output: String(error),
      }))
      if (code !== 0)
        throw new Trouble(
          `The Node that the repository brings does not run here (${output.trim()}): install Node 22.18 or newer and run again.`,
        )
      writeStamp(stamp, wanted())
      return 'installed'
    },
  )
}

/** One step. @param {import('./progress.mjs').Progress} progress */
export const setUp = (progress) =>
  progress.step(
    'Dependencies',
    () => dependencies(progress),
    (result) => result,
  )

/** @param {keyof typeof extras} name @param {import('./progress.mjs').Progress} progress @returns {Promise<'installed' | 'up to date'>} */
async function extra(name, progress) {
  const { folder, size } = extras[name]
  const isThere = () => readStamp(`installed-${name}`) === wanted(folder) && existsSync(join(folder, 'node_modules'))
  if (isThere()) return 'up to date'
  return await alone(
    (text) => progress.say(text),
    async () => {
      if (isThere()) return 'up to date'
      await install(progress, size, { cwd: folder, command: rightNode(), env: rightEnvironment() })
      writeStamp(`installed-${name}`, wanted(folder))
      return 'installed'
    },
  )
}

/**
 * One step, for those that need what the project does not.
 * @param {keyof typeof extras} name
 * @param {import('./progress.mjs').Progress} progress
 */
export const setUpExtra = (name, progress) =>
  progress.step(
    extras[name].title,
    () => extra(name, progress),
    (result) => result,
  )
