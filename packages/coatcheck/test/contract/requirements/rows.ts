import { describe, test } from 'vitest'
import { memoryStore } from '../../../src/stores/memory.ts'
import type { AdapterKit, Received, Sent } from '../../../src/testing/adapter-contract/kit.ts'
import { type AdapterContext, type Case, runCase } from '../../../src/testing/index.ts'
import { adapters } from '../adapters/servers.ts'

/** Every row of a table of requirements as a test of its own, named after it, through each adapter. */
export function testRows(rows: readonly Case<AdapterContext>[]): void {
  describe.each(Object.entries(adapters))('%s', (_, adapter) => {
    test.for(rows)('$name', async (row) => {
      await runCase(row, () => ({ store: memoryStore(), ...adapter }))
    })
  })
}

export const HTTPS = { origin: 'https://app.example' } as const
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const

/** A browser's way through all that sets or deletes a cookie; answers what it was sent. */
export async function everyCookie({ visitor }: AdapterKit): Promise<readonly string[]> {
  const one = visitor()
  const post = (path: string): Sent => ({ method: 'POST', path })
  const answers: Received[] = [
    await one.visit('/form'),
    await one.visit(post('/note')),
    await one.visit(post('/sign-in')),
    await one.visit(post('/rotate')),
    await one.visit(post('/sign-out')),
  ]
  return answers.flatMap(({ headers }) => headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value))
}
