import { BlockList, isIP } from 'node:net'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWithin, parseAddress, parseNetwork } from '../../../../src/core/http/addresses.ts'

const ipv4 = fc.ipV4()
const ipv6 = fc.ipV6()

describe('an address', () => {
  test('is what Node takes for one, without zones', async () => {
    const near = fc
      .array(fc.constantFrom(':', '::', '.', '0', '1', 'ff', 'ffff', '10', '255', '256', '01', 'g', '/', '%'))
      .map((all) => all.join(''))
    await fc.assert(
      fc.property(fc.oneof(ipv4, ipv6, near, fc.string()), (text) => {
        fc.pre(!text.includes('%'))
        expect(parseAddress(text) !== null, text).toBe(isIP(text) !== 0)
      }),
      { seed: 5, numRuns: 3_000 },
    )
  })

  test('of version 4 has no part above 255', () => {
    expect(['255.0.2.255', '256.0.2.1', '192.0.2.256', '::ffff:192.0.2.256'].map((text) => parseAddress(text))).toEqual(
      [{ bits: 32, value: 0xff00_02ffn }, null, null, null],
    )
  })

  test('of version 4 is the same when it is written as one of version 6', () => {
    expect(parseAddress('::ffff:192.0.2.1')).toEqual(parseAddress('192.0.2.1'))
    expect(parseAddress('::ffff:c000:201')).toEqual(parseAddress('192.0.2.1'))
    expect(parseAddress('::192.0.2.1')).toEqual({ bits: 128, value: 0xc000_0201n })
  })
})

describe('a network', () => {
  test.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '/8',
    '10.0.0/8',
    '::/129',
    'localhost',
    '',
    '10.0.0.0/ 8',
  ])('is not %j', (text) => {
    expect(parseNetwork(text)).toBe(null)
  })

  test('holds the addresses that it holds for Node', async () => {
    const pair = fc.oneof(
      fc.tuple(ipv4, ipv4, fc.integer({ min: 0, max: 32 })),
      fc.tuple(ipv6, ipv6, fc.integer({ min: 0, max: 128 })),
    )
    await fc.assert(
      fc.property(pair, fc.boolean(), ([base, other, prefix], same) => {
        const version = base.includes(':') ? 'ipv6' : 'ipv4'
        const network = parseNetwork(`${base}/${prefix}`)
        const address = parseAddress(same ? base : other)
        // Mapped addresses are of version 4 for us, and of version 6 for Node's list.
        fc.pre(network !== null && address !== null && network.bits === (version === 'ipv4' ? 32 : 128))
        const list = new BlockList()
        list.addSubnet(base, prefix, version)
        expect(isWithin(address, network)).toBe(
          address.bits === network.bits && list.check(same ? base : other, version),
        )
      }),
      { seed: 6, numRuns: 2_000 },
    )
  })

  test('of one version holds nobody of the other', () => {
    const all = parseNetwork('::/0')
    const address = parseAddress('192.0.2.1')
    expect(all !== null && address !== null && isWithin(address, all)).toBe(false)
  })
})

test('four numbers are an address up to 255 each', () => {
  expect(['10.0.0.255', '10.0.0.256', '10.0.0.999'].map((text) => parseAddress(text) !== null)).toEqual([
    true,
    false,
    false,
  ])
})
