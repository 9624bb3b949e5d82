import { AggregatorRegistry } from 'prom-client'
import type { Metrics } from '../measuring/measures.ts'

/** The metrics of all processes as one, in Prometheus's text format. */
export async function addedUp(all: readonly Metrics[]): Promise<string> {
  return await AggregatorRegistry.aggregate(all.map((one) => [...one])).metrics()
}
