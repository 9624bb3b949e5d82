import { isIP } from 'node:net'

/** How much of an IPv6 address is kept, in groups of 16 bits: what a provider gives to one customer. */
const GROUPS = 3

/**
 * The network of an address, which tells a person enough and is less than the address: `203.0.113.0/24`,
 * `2001:db8:1::/48`. Null for what is no address.
 */
export function networkOf(address: string | null): string | null {
  const bare = address?.replace(/^::ffff:(?=[\d.]+$)/i, '') ?? ''
  if (isIP(bare) === 4) return `${bare.split('.').slice(0, 3).join('.')}.0/24`
  if (isIP(bare) !== 6) return null
  const [before = '', after = ''] = bare.split('::')
  const head = before === '' ? [] : before.split(':')
  const missing = bare.includes('::') ? 8 - head.length - (after === '' ? 0 : after.split(':').length) : 0
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(after === '' ? [] : after.split(':'))]
  const kept = groups.slice(0, GROUPS).map((group) => Number.parseInt(group, 16).toString(16))
  return `${kept.join(':')}::/${GROUPS * 16}`
}
