import { expect, it } from 'vitest'
import { dataFolder } from '../running.ts'
import { coatcheck, coatcheckJson } from './command.ts'

it('what this machine can do for a password is measured and printed, and never less than the least', async () => {
  const data = dataFolder()
  const rows = await coatcheckJson(data, ['bench-password', '--within', '1'])
  expect(rows).toEqual([{ memoryMiB: 19, passes: 2, lanes: 1, milliseconds: expect.any(Number), isStrongest: true }])
  const { code, out, err } = await coatcheck(data, ['bench-password', '--within', '20'])
  expect([code, out]).toEqual([0, expect.stringMatching(/^19\t2\t1\t\d+\t(?:true|false)\n/)])
  expect(err).toMatch(/^The strongest within 20 ms: \d+ MiB, 2 passes, 1 lane\.\n$|^Even the least that OWASP asks for/)
  for (const wrong of [['--within', '0'], ['--within', 'soon'], ['--within'], ['now']]) {
    expect((await coatcheck(data, ['bench-password', ...wrong])).code).toBe(2)
  }
})
