// Sizes and lives at their limits, and what comes after another, for the same judges.

/** What is held of a line. */
interface Outcome {
  readonly path: string
  readonly hostOnly: boolean
  /** In seconds from when the line came; a date; null for until the browser is closed. */
  readonly life: number | string | null
}

export interface Limit {
  readonly name: string
  readonly line: string
  /** Null where the cookie is refused. */
  readonly outcome: Outcome | null
  readonly except?: { readonly judge: string; readonly reason: string; readonly outcome: Outcome | null }
}

const FOUR_HUNDRED_DAYS = 400 * 24 * 60 * 60
const usual: Outcome = { path: '/', hostOnly: true, life: null }
const tough = (reason: string, outcome: Outcome | null) => ({ except: { judge: 'tough-cookie', reason, outcome } })
const unlimited = (outcome: Outcome | null) =>
  tough('RFC 6265 has no limit of size: it was added by its successor.', outcome)
const endless = (life: number | string) => tough('It keeps cookies for as long as they say.', { ...usual, life })

const sized = (name: string, octets: number, filling = 'v') =>
  `${name}=${filling.repeat((octets - name.length) / Buffer.byteLength(filling))}; Path=/`
const path = (length: number) => `/${'p'.repeat(length - 1)}`
const above = (length: number) => `${'d'.repeat(length - 12)}.app.example`

export const limits: readonly Limit[] = [
  { name: 'name and value of 4096 octets', line: sized('a', 4096), outcome: usual },
  { name: 'name and value of 4097 octets', line: sized('a', 4097), outcome: null, ...unlimited(usual) },
  { name: 'a prefix counts: 4096', line: `${sized('__Host-sid', 4096)}; Secure`, outcome: usual },
  { name: 'a prefix counts: 4097', line: `${sized('__Host-sid', 4097)}; Secure`, outcome: null, ...unlimited(usual) },
  { name: 'a name of 4096 octets, without a value', line: sized('n'.repeat(4096), 4096), outcome: usual },
  { name: 'a name of 4097 octets', line: sized('n'.repeat(4097), 4097), outcome: null, ...unlimited(usual) },
  { name: 'attributes do not count', line: `${sized('a', 4096)}; X=${'x'.repeat(4096)}`, outcome: usual },
  { name: 'a Path of 1024 octets', line: `a=1; Path=${path(1024)}`, outcome: { ...usual, path: path(1024) } },
  {
    name: 'a Path of 1025 octets is ignored, and the cookie kept',
    line: `a=1; Path=${path(1025)}`,
    outcome: { ...usual, path: '/shop' },
    ...unlimited({ ...usual, path: path(1025) }),
  },
  { name: 'a Domain of another host, of 1024 octets', line: `a=1; Path=/; Domain=${above(1024)}`, outcome: null },
  {
    name: 'a Domain of 1025 octets is ignored, whatever it says',
    line: `a=1; Path=/; Domain=${above(1025)}`,
    outcome: usual,
    ...unlimited(null),
  },
  { name: 'until the browser is closed', line: 'a=1; Path=/', outcome: usual },
  { name: 'a minute', line: 'a=1; Path=/; Max-Age=60', outcome: { ...usual, life: 60 } },
  {
    name: '400 days',
    line: `a=1; Path=/; Max-Age=${FOUR_HUNDRED_DAYS}`,
    outcome: { ...usual, life: FOUR_HUNDRED_DAYS },
  },
  {
    name: '400 days and a second are 400 days',
    line: `a=1; Path=/; Max-Age=${FOUR_HUNDRED_DAYS + 1}`,
    outcome: { ...usual, life: FOUR_HUNDRED_DAYS },
    ...endless(FOUR_HUNDRED_DAYS + 1),
  },
  {
    name: 'a date after 400 days is cut, too',
    line: 'a=1; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT',
    outcome: { ...usual, life: FOUR_HUNDRED_DAYS },
    ...endless('2100-01-01T00:00:00Z'),
  },
  {
    name: 'an age counts more than a date',
    line: 'a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    outcome: { ...usual, life: 60 },
  },
  { name: 'no time at all', line: 'a=1; Path=/; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT', outcome: null },
  { name: 'less than no time', line: 'a=1; Path=/; Max-Age=-1', outcome: null },
  { name: 'a date that is over', line: 'a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', outcome: null },
  { name: 'an age that is none is ignored', line: 'a=1; Path=/; Max-Age=60s', outcome: usual },
  {
    name: 'the last of two ages counts',
    line: 'a=1; Path=/; Max-Age=99999; Max-Age=60',
    outcome: { ...usual, life: 60 },
  },
]

/** Lines that come one after the other, and what is sent at last. */
export interface Story {
  readonly name: string
  readonly steps: readonly (readonly [url: string, line: string])[]
  readonly at: string
  readonly header: string
  readonly except?: { readonly judge: string; readonly reason: string; readonly header: string }
}

const HTTPS = 'https://www.app.example/shop/list'
const HTTP = 'http://www.app.example/shop/list'
const ABOVE = 'https://app.example/shop/list'

export const stories: readonly Story[] = [
  {
    name: 'of one name, a partitioned cookie and another are two',
    steps: [
      [HTTPS, 'a=whole; Path=/; Secure'],
      [HTTPS, 'a=part; Path=/; Secure; Partitioned'],
    ],
    at: HTTPS,
    header: 'a=whole; a=part',
    except: { judge: 'tough-cookie', reason: 'It does not know Partitioned.', header: 'a=part' },
  },
  {
    name: 'of one name, that of the host and that of the domain are two',
    steps: [
      [HTTPS, 'a=host; Path=/; Secure'],
      [HTTPS, 'a=domain; Path=/; Secure; Domain=app.example'],
    ],
    at: HTTPS,
    header: 'a=host; a=domain',
  },
  {
    name: 'that of the domain is sent to the host above, that of the host is not',
    steps: [
      [HTTPS, 'a=host; Path=/; Secure'],
      [HTTPS, 'b=domain; Path=/; Secure; Domain=app.example'],
    ],
    at: ABOVE,
    header: 'b=domain',
  },
  {
    name: 'over plain http nobody gets over a secure cookie',
    steps: [
      [HTTPS, 'a=secure; Path=/; Secure'],
      [HTTP, 'a=clear; Path=/'],
      [HTTP, 'a=; Path=/; Max-Age=0'],
    ],
    at: HTTPS,
    header: 'a=secure',
    except: { judge: 'tough-cookie', reason: 'It follows RFC 6265, where the last line wins.', header: '' },
  },
  {
    name: 'a secure cookie is not sent over plain http',
    steps: [
      [HTTPS, 'a=1; Path=/; Secure'],
      [HTTPS, 'b=1; Path=/'],
    ],
    at: HTTP,
    header: 'b=1',
  },
  {
    name: 'the longer path comes first',
    steps: [
      [HTTPS, 'a=root; Path=/'],
      [HTTPS, 'a=shop; Path=/shop'],
    ],
    at: HTTPS,
    header: 'a=shop; a=root',
  },
]
