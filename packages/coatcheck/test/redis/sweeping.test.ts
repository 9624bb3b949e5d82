import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../../../../scripts/engines.ts'
import { expectOneToSweep } from '../races/sweeping.ts'

test('of three processes on one Redis one sweeps, and another one when that is killed', async () => {
  const { port, stop, command } = await startRedis()
  onTestFinished(stop)
  await expectOneToSweep({ port })
  expect(Number(await command('DBSIZE'))).toBe(1)
})
