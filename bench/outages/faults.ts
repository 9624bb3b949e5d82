import { setTimeout as pause } from 'node:timers/promises'
import { type Redis, startRedis } from '../../scripts/engines.ts'
import { migrate } from './migrating.ts'
import type { Address, Place } from './places.ts'

/** One way in which a Redis fails. */
interface Fault {
  readonly topology: Address['topology']
  /** Brings it, and returns at the moment from which the engine is able again: it answers, and takes writes for every key. */
  readonly bring: (place: Place) => Promise<void>
}

const KEY = ['-a', 'another-password'] as const
const ASKED_EACH = 20

const first = ({ nodes }: Place): Redis => {
  const [redis] = nodes
  if (redis === undefined) throw new Error('a place without a Redis')
  return redis
}

/** `pauseFor`: how long a Redis is paused, in milliseconds. */
export const faults = (pauseFor: number): Readonly<Record<string, Fault>> => ({
  paused: {
    topology: 'single',
    async bring(place) {
      first(place).signal('SIGSTOP')
      await pause(pauseFor)
      first(place).signal('SIGCONT')
    },
  },
  'killed, started 3 s later': {
    topology: 'single',
    async bring(place) {
      const { port, kill } = first(place)
      await kill()
      await pause(3_000)
      place.nodes = [await startRedis({ port, options: place.options })]
    },
  },
  'out of memory for 3 s': {
    topology: 'single',
    async bring(place) {
      await first(place).command('CONFIG', 'SET', 'maxmemory', '1')
      await pause(3_000)
      await first(place).command('CONFIG', 'SET', 'maxmemory', '0')
    },
  },
  'no connections for 3 s': {
    topology: 'single',
    async bring(place) {
      // The bench's own connection has the only place.
      const { port } = first(place)
      await place.ask(port, 'CONFIG', 'SET', 'maxclients', '1')
      await place.ask(port, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await pause(3_000)
      await place.ask(port, 'CONFIG', 'SET', 'maxclients', '1000')
    },
  },
  'another password for 3 s': {
    topology: 'single',
    async bring(place) {
      const { command } = first(place)
      await command('CONFIG', 'SET', 'requirepass', KEY[1])
      await command(...KEY, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await pause(3_000)
      await command(...KEY, 'CONFIG', 'SET', 'requirepass', '')
    },
  },
  'master killed, fail-over by Sentinel': {
    topology: 'sentinel',
    async bring(place) {
      const { master, ports } = place.address
      await first(place).kill()
      // Those who ask Sentinel learn of the new master no sooner.
      await until(async () =>
        isNamed(await place.ask(ports[0] ?? 0, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master), place),
      )
    },
  },
  "Cluster's master killed": {
    topology: 'cluster',
    async bring(place) {
      const [gone, ...others] = place.nodes
      if (gone === undefined) throw new Error('a Cluster without machines')
      await gone.kill()
      await Promise.all(others.map(({ port }) => until(() => isWhole(port, gone, place))))
    },
  },
  "Cluster's master gives its slots to another": {
    topology: 'cluster',
    async bring(place) {
      await migrate(place)
      const [gone, ...others] = place.nodes
      if (gone !== undefined) await Promise.all(others.map(({ port }) => until(() => isWhole(port, gone, place))))
    },
  },
})

/** Whether the one that Sentinel names, `[host, port]`, takes writes. */
async function isNamed(named: unknown, { ask }: Place): Promise<boolean> {
  const [, port] = named as [string, string]
  return (await ask(Number(port), 'SET', 'bench', '1')) === 'OK'
}

/** Whether the machine on this port knows a master for each slot, which is not the one that is gone. */
async function isWhole(port: number, gone: Redis, { ask }: Place): Promise<boolean> {
  const slots = (await ask(port, 'CLUSTER', 'SLOTS')) as readonly [number, number, [host: string, port: number]][]
  if (slots.some(([, , master]) => master[1] === gone.port)) return false
  return String(await ask(port, 'CLUSTER', 'INFO')).includes('cluster_state:ok')
}

/** What fails is not so yet. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await pause(ASKED_EACH)
}
