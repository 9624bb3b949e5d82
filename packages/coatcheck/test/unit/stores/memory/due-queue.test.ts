import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Due, DueQueue } from '../../../../src/stores/memory/due-queue.ts'

interface Member extends Due {
  readonly name: number
}

const member = (name: number, dueAt: number): Member => ({ name, dueAt, slot: -1 })

function drained(queue: DueQueue<Member>): number[] {
  const times: number[] = []
  for (let { first } = queue; first !== undefined; { first } = queue) {
    times.push(first.dueAt)
    queue.remove(first)
  }
  return times
}

describe('DueQueue', () => {
  it('has no first while it is empty', () => {
    expect(new DueQueue<Member>().first).toBeUndefined()
  })

  it('answers the earliest first, after any adding, moving and removing', () => {
    const commands = fc.array(
      fc.record({ name: fc.nat(15), dueAt: fc.nat(50), what: fc.constantFrom('add', 'move', 'remove') }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(commands, (steps) => {
        const queue = new DueQueue<Member>()
        const inside = new Map<number, Member>()
        for (const { name, dueAt, what } of steps) {
          const present = inside.get(name)
          if (present === undefined && what === 'add') {
            const added = member(name, dueAt)
            queue.add(added)
            inside.set(name, added)
          } else if (present !== undefined && what === 'move') {
            queue.move(present, dueAt)
          } else if (present !== undefined && what === 'remove') {
            queue.remove(present)
            inside.delete(name)
            expect(present.slot).toBe(-1)
          }
        }
        const expected = [...inside.values()].map(({ dueAt }) => dueAt).sort((a, b) => a - b)
        expect(drained(queue)).toEqual(expected)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})
