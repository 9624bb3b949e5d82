// A program of several processes by node:cluster; each prints, as a line of JSON, which stores it may use.
import cluster from 'node:cluster'
import { createSessions, type SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'

const file = process.argv[2] ?? ''
const keys = 'a-signing-key-of-several-processes-0123456789'

const tries: Readonly<Record<string, Pick<SessionsOptions<object>, 'store' | 'unshared'>>> = {
  memory: { store: memoryStore() },
  'SQLite in memory': { store: sqliteStore(':memory:') },
  file: { store: sqliteStore(file) },
  unshared: { store: memoryStore(), unshared: true },
}

function outcomeOf(options: (typeof tries)[string]): string {
  try {
    createSessions({ keys, ...options })
    return 'taken'
  } catch (error) {
    return String(error)
  }
}

if (cluster.isPrimary) for (let i = 0; i < 2; i++) cluster.fork()
const outcomes = Object.entries(tries).map(([name, options]) => [name, outcomeOf(options)])
console.log(JSON.stringify({ worker: cluster.isWorker, outcomes: Object.fromEntries(outcomes) }))
if (cluster.isWorker) process.disconnect()
