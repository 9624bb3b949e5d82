import { describe, expect, it } from 'vitest'
import { StoreTimeoutError } from '../../../../src/errors.ts'
import * as batches from '../../../../src/stores/sqlite/batches.ts'
import { Connection } from '../../../../src/stores/sqlite/connection.ts'
import * as operations from '../../../../src/stores/sqlite/operations.ts'
import { modelStore } from '../../../../src/testing/index.ts'
import { aRecord, ending, START } from '../records.ts'

const shape = modelStore('n')

/** Three hundred sessions of Ada's, more than one batch, and then one that has ended and is to be removed. */
function setUp() {
  const connection = new Connection(':memory:', 'n', 'normal')
  const add = (userId: string | null) => {
    const record = aRecord(shape, { userId })
    connection.write('create', 'usual', (transaction) => operations.create(transaction, record, {}, 1_000))
    return record
  }
  const ada = Array.from({ length: 300 }, () => add('ada'))
  const last = add(null)
  connection.write('end', 'usual', (t) => operations.end(t, last.id, { ...ending, keepUntil: START }))
  const sweep = () =>
    connection.write('sweep', 'usual', (t) => operations.sweep(t, START, { limit: 10, keepFor: 1_000 }))
  const read = (id: string) => connection.read('read', (tables) => tables.read(id))
  /** Runs the steps, and `between` after the first. */
  const writing = (between: () => void): batches.Write => {
    let steps = 0
    return async (step) => {
      steps += 1
      if (steps === 2) between()
      return connection.write('endUser', 'usual', step)
    }
  }
  return { add, ada, last, sweep, read, writing }
}

const calls: readonly (readonly [string, (write: batches.Write) => Promise<unknown>])[] = [
  ['endUser', (write) => batches.endUser(write, 'ada', ending)],
  ['endUser with except', (write) => batches.endUser(write, 'ada', { ...ending, except: 'other' })],
  ['updateUser', (write) => batches.updateUser(write, 'ada', { at: START, set: new Map([['a', '1']]) })],
  ['endAll', (write) => batches.endAll(write, ending)],
]

describe.each(calls)('%s', (_, call) => {
  it('leaves alone what begins between its batches', async () => {
    const { add, ada, read, writing } = setUp()
    let newcomer = ada[0]
    await call(
      writing(() => {
        newcomer = add('ada')
      }),
    )
    expect(read(newcomer?.id ?? '')).toEqual(newcomer)
    expect(read(ada.at(-1)?.id ?? '')).not.toEqual(ada.at(-1))
  })

  it('leaves it alone also where a sweep has removed the last session before', async () => {
    const { add, ada, last, sweep, read, writing } = setUp()
    let newcomer = ada[0]
    await call(
      writing(() => {
        sweep()
        expect(read(last.id)).toBeNull()
        newcomer = add('ada')
      }),
    )
    expect(read(newcomer?.id ?? '')).toEqual(newcomer)
  })

  it('that cannot have the lock a second time has done a part, and says so', async () => {
    const { writing } = setUp()
    const timeout = new StoreTimeoutError('endUser', 'none', 'Another connection held the lock.')
    const work = call(
      writing(() => {
        throw timeout
      }),
    )
    const error = await work.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_STORE_TIMEOUT', operation: 'endUser', outcome: 'unknown', cause: timeout })
  })

  it('that fails in its second batch fails in that way', async () => {
    const { writing } = setUp()
    const failure = new Error('disk I/O error')
    const work = call(
      writing(() => {
        throw failure
      }),
    )
    await expect(work).rejects.toBe(failure)
  })
})
