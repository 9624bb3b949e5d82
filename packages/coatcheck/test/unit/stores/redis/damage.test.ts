import { expect, test } from 'vitest'
import { Damage } from '../../../../src/stores/redis/damage.ts'

test('a damaged record is told once to each listener, until that one has stopped', () => {
  const damage = new Damage()
  const told: string[] = []
  const listener = (id: string) => told.push(id)
  const stops = [damage.follow(listener), damage.follow(listener)]
  damage.found('a')
  damage.found('a')
  expect(told).toEqual(['a', 'a'])
  stops[0]?.()
  damage.found('b')
  stops[1]?.()
  damage.found('c')
  expect(told).toEqual(['a', 'a', 'b'])
})

test('of a thousand that were told each is told once, and after that they are forgotten', () => {
  const damage = new Damage()
  const told: string[] = []
  damage.follow((id) => told.push(id))
  for (let i = 0; i < 1_000; i++) damage.found(`record ${i}`)
  damage.found('record 0')
  expect(told).toHaveLength(1_000)
  damage.found('one more')
  damage.found('record 0')
  expect(told.slice(1_000)).toEqual(['one more', 'record 0'])
})
