import { expect } from 'vitest'
import { startProgram } from '../faults/children.ts'
import type { Place } from './sweeping-child.ts'

/** Of three processes of one store one sweeps; killed, it is followed by one of the others when its lease is over. */
export async function expectOneToSweep(place: Place): Promise<void> {
  const program = new URL('sweeping-child.ts', import.meta.url)
  const children = [0, 1, 2].map(() => startProgram(program, 'sweep', place))
  await Promise.all(children.map(({ ready }) => ready))
  const of = (line: string) => children.map(({ lines }) => lines.filter((one) => one === line).length)
  const sweepers = () => of('sweep ').flatMap((count, i) => (count > 0 ? [i] : []))
  /** Until each of these has asked `times` more for the lease, or swept. */
  const rounds = async (those: readonly number[], times: number) => {
    const asked = () => of('setMark false').map((count, i) => count + (of('sweep ')[i] ?? 0))
    const before = asked()
    await expect
      .poll(() => those.every((i) => (asked()[i] ?? 0) >= (before[i] ?? 0) + times), { timeout: 60_000 })
      .toBe(true)
  }

  await rounds([0, 1, 2], 2)
  const [first = -1, ...more] = sweepers()
  expect([first >= 0, more]).toEqual([true, []])

  children[first]?.kill('SIGKILL')
  await children[first]?.closed
  const others = [0, 1, 2].filter((i) => i !== first)
  await rounds(others, 2)
  expect(sweepers(), 'before the lease is over').toEqual([first])

  for (const i of others) children[i]?.go()
  await expect.poll(() => sweepers().length, { timeout: 60_000 }).toBe(2)
  await rounds(others, 2)
  expect(sweepers().length, 'one of the others').toBe(2)
}
