import { expect, test } from 'vitest'
import { spaceFinding } from '../../../../src/cli/doctor/folder.ts'

const MB = 1024 * 1024

test.each([
  [256 * MB, 1, 'well'],
  [256 * MB - 1, 1, 'wrong'],
  [2_000 * MB, 1_000 * MB, 'well'],
  [2_000 * MB - 1, 1_000 * MB, 'wrong'],
])('%i bytes free for a database of %i are %s', (free, size, state) => {
  expect(spaceFinding(free, size)).toMatchObject({ check: 'disk', state })
})
