import { isIP } from 'node:net'

const isV6 = (address: string): boolean => isIP(address) === 6 && !/^::ffff:[\d.]+$/i.test(address)

/**
 * What an address is counted by: an IPv4 address is one subscriber's, of IPv6 each has at least a network of 64 bits, and
 * could take another address for every attempt.
 */
export function addressKey(address: string): string {
  return isV6(address) ? prefixOf(address, 4) : address
}

/**
 * The larger network that an address is counted by, too, and whose turn its work is where many wait: of IPv6 the 48 bits
 * that a provider gives to one customer, who has 65,536 networks of 64 bits in it. Of IPv4 the address itself.
 */
export function siteKey(address: string): string {
  return isV6(address) ? prefixOf(address, GROUPS) : address
}

/** How much of an IPv6 address is kept, in groups of 16 bits: what a provider gives to one customer. */
const GROUPS = 3

/**
 * The network of an address, which tells a person enough and is less than the address: `203.0.113.0/24`,
 * `2001:db8:1::/48`. Null for what is no address.
 */
export function networkOf(address: string | null): string | null {
  const bare = address?.replace(/^::ffff:(?=[\d.]+$)/i, '') ?? ''
  if (isIP(bare) === 4) return `${bare.split('.').slice(0, 3).join('.')}.0/24`
  return isIP(bare) === 6 ? prefixOf(bare, GROUPS) : null
}

/** The first groups of an IPv6 address, in one spelling. */
function prefixOf(bare: string, groupsKept: number): string {
  const [before = '', after = ''] = bare.split('::')
  const head = before === '' ? [] : before.split(':')
  const missing = bare.includes('::') ? 8 - head.length - (after === '' ? 0 : after.split(':').length) : 0
  const groups = [...head, ...Array<string>(missing).fill('0'), ...(after === '' ? [] : after.split(':'))]
  const kept = groups.slice(0, groupsKept).map((group) => Number.parseInt(group, 16).toString(16))
  return `${kept.join(':')}::/${groupsKept * 16}`
}
