import { expect, it, vi } from 'vitest'
import { AccountsOutageError } from '../../../src/accounts/faults.ts'
import { startSweeping } from '../../../src/accounts/sweeping.ts'
import { makeLog } from '../../../src/log.ts'

/** A sweeping that is done again and again; `sweep` is told how often it was done. */
function sweeping(sweep: (times: number) => Promise<void>) {
  const written: string[] = []
  let times = 0
  const stop = startSweeping(
    {
      codes: { sweep: () => sweep(++times) },
      attempts: { sweep: async () => undefined },
      audit: { sweep: async () => undefined },
      figures: { sweep: async () => undefined },
      sentForms: { sweep: async () => undefined },
      log: makeLog('warn', { write: (text) => written.push(text) }),
    },
    1,
  )
  return { stop, written, times: () => times }
}

it('goes on after an outage and after a fault, and the operator is told', async () => {
  const { stop, written, times } = sweeping(async (time) => {
    if (time === 1) throw new AccountsOutageError('SQLITE_FULL', null)
    if (time === 2) throw new Error('a fault for this test')
  })
  await vi.waitFor(() => expect(times()).toBeGreaterThan(3), 10_000)
  await stop()
  expect(written).toEqual([
    expect.stringContaining('accounts-failed: SQLITE_FULL'),
    expect.stringContaining('"message":"a fault for this test"'),
  ])
})

it('is over when the one under way has ended', async () => {
  const order: string[] = []
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const { stop, times } = sweeping(async () => {
    await held
    order.push('swept')
  })
  await vi.waitFor(() => expect(times()).toBe(1), 10_000)
  const stopped = stop().then(() => order.push('stopped'))
  release()
  await stopped
  expect(order).toEqual(['swept', 'stopped'])
})
