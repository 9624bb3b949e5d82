// The adapters on which the promises are proven, over real sockets, by the names that the table has.
import { type Adapter, adapters as servers } from '../../packages/coatcheck/test/contract/adapters/servers.ts'

/** Its name in the table → the servers that it is tried in: one adapter may fit several versions of a framework. */
export const adapters: ReadonlyMap<string, readonly Adapter[]> = new Map(
  [...Map.groupBy(Object.entries(servers), ([name]) => name.replace(/ \d+$/, ''))].map(([name, versions]) => [
    name,
    versions.map(([, adapter]) => adapter),
  ]),
)
