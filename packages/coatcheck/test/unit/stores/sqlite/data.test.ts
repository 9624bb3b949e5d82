import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameData, unframeData } from '../../../../src/stores/sqlite/data.ts'
import { nastyData } from '../records.ts'

const anyString = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  maxLength: 20,
})

describe('framed data', () => {
  it('is the header with its length, then the texts', () => {
    expect(
      frameData(
        new Map([
          ['cart', '[]'],
          ['n', '1'],
        ]),
      ),
    ).toBe('16["cart",2,"n",1][]1')
    expect(frameData(new Map())).toBe('')
  })

  it('keeps nasty keys and texts', () => {
    expect(unframeData(frameData(nastyData()))).toEqual(nastyData())
  })

  it('keeps any keys and texts, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyString, anyString)), (entries) => {
        const data = new Map(entries)
        expect([...unframeData(frameData(data))]).toEqual([...data])
      }),
      { seed: 4, numRuns: 1_000 },
    )
  })
})
