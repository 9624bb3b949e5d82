/** An IP address as a number; IPv4 addresses also where they are written as IPv6 ones (`::ffff:192.0.2.1`). */
interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

/** A network in CIDR notation: the addresses whose first `prefix` bits are its own. */
export interface Network extends Address {
  readonly prefix: number
}

const MAPPED = 0xffffn

/** Null for anything that is no address. Ports, brackets and zones are not part of one. */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) return parse4(text)
  const value = parse6(text)
  if (value === null) return null
  return value >> 32n === MAPPED ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value }
}

/** Null for anything but an address (then a network of that one) or `address/prefix`. */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/')
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash))
  if (address === null) return null
  if (slash === -1) return { ...address, prefix: address.bits }
  const length = text.slice(slash + 1)
  // Of a mapped network the prefix would count from 96.
  if (!/^\d{1,3}$/.test(length) || Number(length) > address.bits) return null
  return { ...address, prefix: Number(length) }
}

export function isWithin(address: Address, network: Network): boolean {
  const shift = BigInt(network.bits - network.prefix)
  return address.bits === network.bits && address.value >> shift === network.value >> shift
}

function parse4(text: string): Address | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  let value = 0n
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null
    value = (value << 8n) | BigInt(part)
  }
  return { bits: 32, value }
}

function parse6(text: string): bigint | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [front, back] = halves.map((half) => (half === '' ? [] : groupsOf(half)))
  if (front === null || front === undefined || back === null) return null
  const given = front.length + (back?.length ?? 0)
  if (back === undefined ? given !== 8 : given > 7) return null
  const groups = back === undefined ? front : [...front, ...Array<number>(8 - given).fill(0), ...back]
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)
}

/** The 16-bit groups of a part without `::`; an IPv4 address at its end counts for two. */
function groupsOf(text: string): number[] | null {
  const parts = text.split(':')
  const groups: number[] = []
  for (const [i, part] of parts.entries()) {
    const embedded = i === parts.length - 1 && part.includes('.') ? parse4(part) : null
    if (embedded !== null) groups.push(Number(embedded.value >> 16n), Number(embedded.value & 0xffffn))
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}
