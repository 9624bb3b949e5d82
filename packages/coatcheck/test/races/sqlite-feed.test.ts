import { expect, test } from 'vitest'
import { freshFile } from '../unit/stores/folder.ts'
import { expectChangesToArrive, expectNoneToBeMissed, expectToKnowThatItWasStopped } from './following.ts'

const place = () => ({ engine: 'sqlite', file: freshFile() }) as const

test('another process on the file is told of every change, with what tokens are compared with', async () => {
  await expectChangesToArrive(place(), null)
})

test('another process on the file misses none of many changes at once', async () => {
  await expectNoneToBeMissed(place())
})

test('a process on the file that was stopped for ten seconds knows that it does not know', async () => {
  await expectToKnowThatItWasStopped(place(), 10_000)
  expect.assertions(3)
})
