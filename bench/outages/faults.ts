import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'redis'
import { type Redis, startRedis } from '../../scripts/engines.ts'
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
      // This one has the only place.
      const holder = await directly(first(place))
      await holder.sendCommand(['CONFIG', 'SET', 'maxclients', '1'])
      await holder.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
      await pause(3_000)
      await holder.sendCommand(['CONFIG', 'SET', 'maxclients', '1000'])
      holder.destroy()
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
    async bring({ nodes: [master, replica] }) {
      if (master === undefined || replica === undefined) throw new Error('a master without a replica')
      const heir = await directly(replica)
      await master.kill()
      await untilIt(async () => await heir.sendCommand(['SET', 'bench', '1']))
      heir.destroy()
    },
  },
  "Cluster's master killed": {
    topology: 'cluster',
    async bring(place) {
      const { nodes } = place
      const [master, ...others] = nodes
      if (master === undefined) throw new Error('a Cluster without machines')
      const clients = await Promise.all(others.map(directly))
      await master.kill()
      // Those that are left agree that each slot has a master, and one of them is that of the slots of the one that is gone.
      await Promise.all(
        clients.map((one) =>
          untilIt(async () => {
            const info = String(await one.sendCommand(['CLUSTER', 'INFO']))
            const owners = (await one.sendCommand(['CLUSTER', 'SLOTS'])) as unknown as [
              number,
              number,
              [string, number],
            ][]
            if (!info.includes('cluster_state:ok') || owners.some(([, , [, port]]) => port === master.port))
              throw new Error('not yet')
          }),
        ),
      )
      for (const one of clients) one.destroy()
    },
  },
  "a Cluster's master gives all its slots to another": {
    topology: 'cluster',
    async bring({ nodes: [from, to] }) {
      if (from === undefined || to === undefined) throw new Error('a Cluster without machines')
      const [source, target] = [await from.command('CLUSTER', 'MYID'), await to.command('CLUSTER', 'MYID')]
      const plan = ['--cluster-from', source, '--cluster-to', target, '--cluster-slots', '5461', '--cluster-yes']
      await from.command('--cluster', 'reshard', `127.0.0.1:${from.port}`, ...plan)
    },
  },
})

async function directly({ port }: Redis) {
  // Who is promoted closes its connections.
  const client = createClient({
    url: `redis://127.0.0.1:${port}`,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: ASKED_EACH },
  })
  client.on('error', () => undefined)
  return await client.connect()
}

async function untilIt(succeeds: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const done = await succeeds().then(
      () => true,
      () => false,
    )
    if (done) return
    await pause(ASKED_EACH)
  }
}
