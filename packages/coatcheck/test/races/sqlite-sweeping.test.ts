import { test } from 'vitest'
import { freshFile } from '../unit/stores/folder.ts'
import { expectOneToSweep } from './sweeping.ts'

test('of three processes on one file one sweeps, and another one when that is killed', async () => {
  await expectOneToSweep({ file: freshFile() })
})
