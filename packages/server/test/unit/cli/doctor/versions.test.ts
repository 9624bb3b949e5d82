import { expect, test } from 'vitest'
import { ownVersion, versionsFindings } from '../../../../src/cli/doctor/versions.ts'

test.each([
  ['22.18.0', 'well'],
  ['22.17.9', 'wrong'],
  ['20.19.0', 'wrong'],
  ['22.100.0', 'well'],
  ['24.0.0', 'well'],
])('Node %s is %s', (node, state) => {
  expect(versionsFindings(node)).toMatchObject([
    { check: 'versions', state, found: expect.stringContaining(ownVersion()) },
  ])
})
