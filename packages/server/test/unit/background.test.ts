import { expect, it, vi } from 'vitest'
import { makeBackground } from '../../src/background.ts'
import { makeLog } from '../../src/log.ts'
import { MailError } from '../../src/mail/mail-error.ts'

function aBackground() {
  const written: string[] = []
  return { written, background: makeBackground(makeLog('warn', { write: (text) => written.push(text) })) }
}

/** A task that goes on until it is released. */
function held() {
  let release: () => void = () => undefined
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  return { task: () => until, release }
}

it('work begins after whoever asked has gone on, four at once, and all of it is done', async () => {
  const { background } = aBackground()
  const { task, release } = held()
  const begun: number[] = []
  for (let i = 0; i < 9; i++) {
    background.run('work', async () => {
      begun.push(i)
      await task()
    })
  }
  expect(begun).toEqual([])
  await vi.waitFor(() => expect(begun).toEqual([0, 1, 2, 3]), 10_000)
  release()
  await background.settled(10_000)
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
})

it('what fails is the operator’s to know, and the rest goes on', async () => {
  const { background, written } = aBackground()
  let done = 0
  background.run('one', async () => Promise.reject(new MailError('EAUTH 535')))
  background.run('two', async () => Promise.reject(new Error('a fault for this test')))
  background.run('three', async () => {
    done++
  })
  await background.settled(10_000)
  expect(done).toBe(1)
  expect(written).toEqual([
    expect.stringContaining('"msg":"mail-failed: EAUTH 535"'),
    expect.stringContaining('"message":"a fault for this test"'),
  ])
})

it('a queue that is full takes no more, and says so', async () => {
  const { background, written } = aBackground()
  let done = 0
  for (let i = 0; i < 205; i++) {
    background.run('work', async () => {
      done++
    })
  }
  await background.settled(10_000)
  expect(done).toBe(200)
  expect(written).toEqual([expect.stringContaining('"msg":"background-full: work"')])
})

it('nobody waits for ever for what does not end', async () => {
  const { background } = aBackground()
  const { task, release } = held()
  background.run('work', task)
  await background.settled(1)
  release()
  await background.settled(10_000)
})
