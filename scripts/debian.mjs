// System programs that tests need: found on the path, or installed where we are root on Debian, or named.
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { capture } from './processes.mjs'

/**
 * @typedef {object} SystemProgram
 * @property {string} name as the tests know it, in the variable COATCHECK_MISSING
 * @property {readonly string[]} commands any one of them will do
 * @property {string} debian the package that has it
 * @property {readonly string[]} suites the tests that need it, as vitest's file filters
 */

/** @type {readonly SystemProgram[]} */
const systemPrograms = [
  {
    name: 'chromium',
    commands: ['chromium-headless-shell', 'chromium', 'chromium-browser'],
    debian: 'chromium-headless-shell',
    suites: ['packages/coatcheck/test/browser/', 'packages/server/test/e2e/', 'packages/server/test/proxies/'],
  },
  {
    name: 'redis',
    commands: ['redis-server'],
    debian: 'redis-server',
    suites: ['packages/coatcheck/test/redis/', 'packages/server/test/redis/', 'packages/server/test/proxies/balancing'],
  },
  { name: 'nginx', commands: ['nginx'], debian: 'nginx-light', suites: ['packages/server/test/proxies/'] },
  { name: 'caddy', commands: ['caddy'], debian: 'caddy', suites: ['packages/server/test/proxies/'] },
  // wsgiref is part of the standard library, which python3-minimal leaves out.
  { name: 'python', commands: ['python3'], debian: 'python3', suites: ['packages/server/test/proxies/'] },
  { name: 'php', commands: ['php'], debian: 'php-cli', suites: ['packages/server/test/proxies/'] },
  {
    name: 'prometheus',
    commands: ['prometheus'],
    debian: 'prometheus',
    suites: ['packages/server/test/monitoring/'],
  },
]

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** dpkg refuses to work without the administrator's folders on the path, and a bare environment has none. */
const fullPath = () => [...new Set([...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders])].join(delimiter)

/** @param {string} command */
function isInstalled(command) {
  return fullPath()
    .split(delimiter)
    .some((folder) => {
      try {
        accessSync(join(folder, command), constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

const missing = () => systemPrograms.filter(({ commands }) => !commands.some(isInstalled))
const isRootOnDebian = () => process.getuid?.() === 0 && existsSync('/etc/debian_version')

/** What Debian asks before a package starts its service; 101 forbids it. */
const policy = '/usr/sbin/policy-rc.d'

/** Forbids services for as long as the work takes; where somebody has a policy of their own, that counts. @param {() => Promise<void>} work */
async function withoutServices(work) {
  if (existsSync(policy)) return await work()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' })
  try {
    await work()
  } finally {
    rmSync(policy)
  }
}

/**
 * Installs what is missing where it may, and answers what is missing still. Starts no system service.
 * @param {import('./progress.mjs').Progress} progress
 * @returns {Promise<readonly SystemProgram[]>}
 */
export async function installSystemPrograms(progress) {
  const names = missing().map(({ debian }) => debian)
  if (names.length === 0) return []
  if (!isRootOnDebian()) {
    progress.say(`not here: ${names.join(', ')}. Install them by the package manager of this system, and run again.`)
    return missing()
  }
  const env = { ...process.env, PATH: fullPath(), DEBIAN_FRONTEND: 'noninteractive' }
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']
  await withoutServices(async () => {
    for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...names]]) {
      progress.say(`apt-get ${args.join(' ')}`)
      const { code, output } = await capture('apt-get', [...options, ...args], { cwd: '/', env })
      if (code === 0) continue
      progress.say(`${output.trim()}\napt-get ended with ${code}`)
      break
    }
  })
  return missing()
}
