import { OptionError } from '../../errors.ts'
import { type Duration, milliseconds } from './duration.ts'

/**
 * Named sets of timeouts: the longest that NIST SP 800-63B-4 (2.1.3, 2.2.3, 2.3.3) recommends or allows for each
 * assurance level. AAL1 asks for no idle timeout.
 */
export const presets = {
  aal1: { idle: 'none', absolute: '30d' },
  aal2: { idle: '1h', absolute: '24h' },
  aal3: { idle: '15m', absolute: '12h' },
} as const satisfies Record<string, { idle: Duration | 'none'; absolute: Duration }>

export type Preset = keyof typeof presets

export interface Timeouts {
  /**
   * Time without activity after which the session is over; counted from the last recorded activity. `'none'`: never.
   * Where it is not given, never longer than `absolute`.
   */
  readonly idle?: Duration | 'none' | undefined
  /** Time after the last authentication (anonymous: after the beginning) when it is over whatever happens. */
  readonly absolute?: Duration | undefined
}

/** Timeouts of anonymous sessions. Each that is not given is that of the policy. */
export interface AnonymousOptions extends Timeouts {
  /** Whether their cookie outlives the browser, for a cart that is to be there next week. Default false. */
  readonly persistent?: boolean | undefined
}

export interface PolicyOptions extends Timeouts {
  /** Where to start from; `idle` and `absolute` beside it win. Default: 30 minutes idle, 12 hours absolute. */
  readonly preset?: Preset | undefined
  /** Age at which the token is replaced on the next navigation. Default `1h`; `'none'`: never. */
  readonly renewal?: Duration | 'none' | undefined
  /**
   * How often activity is recorded at most. Default: a tenth of the idle timeout (of the shortest, where remembered or
   * anonymous sessions have their own), at most `1m`. A session may end this much before the full idle timeout, and never after it. At most
   * half of it; `0ms`: on each request.
   */
  readonly touch?: Duration | undefined
  /**
   * How long a request whose handler has not begun to answer keeps its session alive, such as an upload: activity is recorded
   * once per touch interval. Streams and event streams, whose answers have begun, keep none alive. Default `1h`; `0ms`: the
   * opening of the session alone is activity.
   */
  readonly longestRequest?: Duration | undefined
  /** How long the token before the present one counts after its successor was first presented. Default `30s`, at most `5m`. */
  readonly grace?: Duration | undefined
  /** How long an ended session's record (without data) is kept, to say why it ended. Default `24h`, at least `1m`. */
  readonly keepEnded?: Duration | undefined
  /**
   * What a token does that was replaced long ago: `refuse` (default; browsers restore old cookies after a crash) or
   * `end` its session as `reused`. Within `grace` after the new token it is refused in either case.
   */
  readonly reuse?: 'refuse' | 'end' | undefined
  /**
   * Timeouts of sessions that asked to be remembered, whose cookie outlives the browser. A named deviation from NIST
   * SP 800-63B-4 5.1 (secrets should not survive a restart), so there is no default: without it nobody is remembered. Where it is
   * given, `idle` is `'none'` and `absolute` `30d` unless they are said.
   */
  readonly rememberMe?: Timeouts | undefined
  /** Timeouts of anonymous sessions, where they are others than those of signed-in ones. Default: the same. */
  readonly anonymous?: AnonymousOptions | undefined
  /**
   * What shorter timeouts of today mean for sessions that began with longer ones. `shorten` (default): they hold for these too,
   * each session to the shorter of the two. `keep`: each session keeps the timeouts with which it began, as where two `Sessions`
   * with policies of their own share a cookie.
   */
  readonly existing?: 'shorten' | 'keep' | undefined
}

/** The policy in effect, in milliseconds; null means never. */
export interface Policy {
  readonly idle: number | null
  readonly absolute: number
  readonly renewal: number | null
  readonly touch: number
  /** How often activity of requests under way is recorded: as `touch`, and by default where that is on each request. */
  readonly beat: number
  readonly longestRequest: number
  readonly grace: number
  readonly keepEnded: number
  readonly reuse: 'refuse' | 'end'
  readonly rememberMe: { readonly idle: number | null; readonly absolute: number } | null
  readonly anonymous: { readonly idle: number | null; readonly absolute: number; readonly persistent: boolean }
  readonly existing: 'shorten' | 'keep'
}

/** All defaults of the policy. */
export const policyDefaults = {
  idle: '30m',
  absolute: '12h',
  renewal: '1h',
  touch: '1m',
  longestRequest: '1h',
  grace: '30s',
  keepEnded: '24h',
  reuse: 'refuse',
  existing: 'shorten',
} as const satisfies PolicyOptions

function optional(value: Duration | 'none', option: string): number | null {
  return value === 'none' ? null : positive(value, option)
}

function positive(value: Duration, option: string): number {
  const length = milliseconds(value, option)
  if (length === 0) throw new OptionError(option, "more than zero, or 'none' where that is allowed.")
  return length
}

function within(value: Duration, option: string, least: number, most: number, range: string): number {
  const length = milliseconds(value, option)
  if (length < least || length > most) throw new OptionError(option, range)
  return length
}

function timeouts(
  given: Timeouts,
  base: { readonly idle: Duration | 'none'; readonly absolute: Duration },
  option: string,
): { idle: number | null; absolute: number } {
  const absolute = positive(given.absolute ?? base.absolute, `${option}.absolute`)
  if (given.idle === undefined && base.idle !== 'none') {
    return { idle: Math.min(milliseconds(base.idle, `${option}.idle`), absolute), absolute }
  }
  const idle = optional(given.idle ?? base.idle, `${option}.idle`)
  checkOrder(idle, absolute, option)
  return { idle, absolute }
}

function checkOrder(idle: number | null, absolute: number, option: string): void {
  if (idle !== null && idle > absolute)
    throw new OptionError(`${option}.idle`, 'at most as long as the absolute timeout.')
}

/** Timeouts that are not given are those of signed-in sessions; the idle timeout is then never longer than the absolute one. */
function anonymousTimeouts(
  given: AnonymousOptions | undefined,
  { idle, absolute }: { readonly idle: number | null; readonly absolute: number },
): Policy['anonymous'] {
  const option = 'policy.anonymous'
  const total = given?.absolute === undefined ? absolute : positive(given.absolute, `${option}.absolute`)
  const usual = idle === null ? null : Math.min(idle, total)
  const idleFor = given?.idle === undefined ? usual : optional(given.idle, `${option}.idle`)
  checkOrder(idleFor, total, option)
  return { idle: idleFor, absolute: total, persistent: given?.persistent ?? false }
}

function touchInterval(given: Duration | undefined, ...idles: readonly (number | null | undefined)[]): number {
  const idle = Math.min(...idles.map((each) => each ?? Number.POSITIVE_INFINITY))
  if (given !== undefined) {
    return within(given, 'policy.touch', 0, Math.floor(idle / 2), 'at most half of the shortest idle timeout.')
  }
  return Math.min(milliseconds(policyDefaults.touch, 'policy.touch'), Math.floor(idle / 10))
}

/** @throws OptionError for a preset that is none, or for times that contradict each other. */
export function makePolicy(given: PolicyOptions | Preset | undefined): Policy {
  const options: PolicyOptions = typeof given === 'string' ? { preset: given } : (given ?? {})
  if (options.preset !== undefined && !Object.hasOwn(presets, options.preset)) {
    throw new OptionError('policy.preset', `one of ${Object.keys(presets).join(', ')}.`)
  }
  const base = options.preset === undefined ? policyDefaults : presets[options.preset]
  const { idle, absolute } = timeouts(options, base, 'policy')
  const rememberMe =
    options.rememberMe === undefined
      ? null
      : timeouts(options.rememberMe, { idle: 'none', absolute: '30d' }, 'policy.rememberMe')
  const anonymous = anonymousTimeouts(options.anonymous, { idle, absolute })
  const existing = options.existing ?? policyDefaults.existing
  if (existing !== 'shorten' && existing !== 'keep') throw new OptionError('policy.existing', "'shorten' or 'keep'.")
  const reuse = options.reuse ?? policyDefaults.reuse
  if (reuse !== 'refuse' && reuse !== 'end') throw new OptionError('policy.reuse', "'refuse' or 'end'.")
  const idles = [idle, rememberMe?.idle, anonymous.idle]
  const touch = touchInterval(options.touch, ...idles)
  return {
    idle,
    absolute,
    renewal: optional(options.renewal ?? policyDefaults.renewal, 'policy.renewal'),
    touch,
    beat: touch === 0 ? touchInterval(undefined, ...idles) : touch,
    longestRequest: milliseconds(options.longestRequest ?? policyDefaults.longestRequest, 'policy.longestRequest'),
    grace: within(options.grace ?? policyDefaults.grace, 'policy.grace', 0, 300_000, 'at most 5m.'),
    keepEnded: within(
      options.keepEnded ?? policyDefaults.keepEnded,
      'policy.keepEnded',
      60_000,
      Number.POSITIVE_INFINITY,
      'at least 1m.',
    ),
    reuse,
    rememberMe,
    anonymous,
    existing,
  }
}
