// Who is measured over HTTP: each framework without sessions, and with ours and the peers' on one store.

export const STORES = ['memory', 'redis'] as const
export type StoreName = (typeof STORES)[number]

export interface Named {
  readonly name: string
  /** The file that makes it, seen from this folder. */
  readonly module: string
  /** The same framework without sessions; null for that one itself. */
  readonly bare: string | null
}

const OURS = 'ours/http.ts'
const PEERS = 'peers/http.mjs'

interface Framework {
  readonly name: string
  readonly module: string
  /** The peer's sessions on it, where there are any. */
  readonly peer: string | null
}

const FRAMEWORKS: readonly Framework[] = [
  { name: 'node:http', module: OURS, peer: null },
  { name: 'Express', module: OURS, peer: 'express-session' },
  { name: 'Hono', module: OURS, peer: null },
  { name: 'fetch', module: OURS, peer: null },
  { name: 'Fastify', module: PEERS, peer: '@fastify/session' },
]

/** What the names end in that keep sessions there. */
const ENDINGS: Readonly<Record<StoreName, { readonly ours: readonly string[]; readonly peers: string }>> = {
  memory: { ours: ['Coatcheck'], peers: '' },
  redis: { ours: ['Coatcheck, node-redis', 'Coatcheck, ioredis'], peers: ', connect-redis' },
}

export function contendersOn(store: StoreName): readonly Named[] {
  const { ours, peers } = ENDINGS[store]
  return FRAMEWORKS.flatMap(({ name, module, peer }) => [
    { name, module, bare: null },
    ...(module === OURS ? ours.map((ending) => ({ name: `${name}, ${ending}`, module, bare: name })) : []),
    ...(peer === null ? [] : [{ name: `${name}, ${peer}${peers}`, module: PEERS, bare: name }]),
  ])
}

/** Whose added CPU is the measure of the others', and of ours the one that has a goal. */
export const comparedOn = (store: StoreName) => ({
  own: `Express, ${ENDINGS[store].ours[0] ?? ''}`,
  peer: `Express, express-session${ENDINGS[store].peers}`,
})
