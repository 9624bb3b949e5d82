import type { Duration, Freshness } from 'coatcheck'
import { nameKey } from '../accounts/names.ts'

/** What a path asks for. */
export interface GateRule {
  /** In lower case, as the paths are that it is compared with; `/admin` is for `/admin` and all below it. */
  readonly prefix: string
  /** Whoever comes; else somebody who is signed in. */
  readonly anyone: boolean
  /** One of these roles; empty: any. */
  readonly roles: readonly string[]
  /** All of these permissions. */
  readonly permissions: readonly string[]
  readonly fresh: Freshness | null
  /** Unsafe requests of other sites' pages are let through (CSRF): for what has a defence of its own. */
  readonly anySite: boolean
}

const NOTHING: GateRule = { prefix: '/', anyone: false, roles: [], permissions: [], fresh: null, anySite: false }

/** One thing a rule can ask for → what it changes in the rule; null where it is not written like that. */
const NEEDS: Readonly<Record<string, (value: string, rule: GateRule) => Partial<GateRule> | null>> = {
  anyone: (value) => (value === '' ? { anyone: true } : null),
  'signed-in': (value) => (value === '' ? {} : null),
  'any-site': (value) => (value === '' ? { anySite: true } : null),
  role: (value) => (/^[\w-]+(\|[\w-]+)*$/.test(value) ? { roles: value.split('|') } : null),
  permission: (value, { permissions }) =>
    /^[\w:.*-]{1,64}$/.test(value) ? { permissions: [...permissions, value] } : null,
  fresh: (value) => (/^[1-9]\d{0,6}[smhd]$/.test(value) ? { fresh: { maxAge: value as Duration } } : null),
}

/**
 * Reads `/admin=role:admin; /payments=role:editor|admin,fresh:5m; /public=anyone`. Null where it is not written like that,
 * or a prefix is there twice.
 */
export function parseGateRules(text: string): readonly GateRule[] | null {
  const rules: GateRule[] = []
  for (const entry of text.split(';').map((one) => one.trim())) {
    if (entry === '') continue
    const rule = ruleOf(entry)
    if (rule === null || rules.some(({ prefix }) => prefix === rule.prefix)) return null
    rules.push(rule)
  }
  // The longest prefix that fits is the rule, so it is looked for first.
  return rules.toSorted((a, b) => b.prefix.length - a.prefix.length)
}

function ruleOf(entry: string): GateRule | null {
  const [, path = '', needs = ''] = /^(\/[\w./~-]*)\s*=\s*(.+)$/.exec(entry) ?? []
  if (path === '' || plainPath(path) !== path) return null
  let rule: GateRule = { ...NOTHING, prefix: path.toLowerCase().replace(/(?<=.)\/$/, '') }
  for (const need of needs.split(',').map((one) => one.trim())) {
    const [, name = '', value = ''] = /^([a-z-]+)(?::(.*))?$/.exec(need) ?? []
    const change = Object.hasOwn(NEEDS, name) ? NEEDS[name]?.(value, rule) : null
    if (change === null || change === undefined) return null
    rule = { ...rule, ...change }
  }
  return rule
}

/**
 * The rule for a path as `plainPath` answers it; where none is written, whoever is signed in. Null where an application that
 * compares without regard to case could read it as a path with another rule: ſ is an s to many, and ı an i.
 */
export function ruleFor(path: string, rules: readonly GateRule[]): GateRule | null {
  const asWritten = ruleAt(path.toLowerCase(), rules)
  return ruleAt(folded(path), rules) === asWritten ? asWritten : null
}

function ruleAt(path: string, rules: readonly GateRule[]): GateRule {
  const fits = ({ prefix }: GateRule) => prefix === '/' || path === prefix || path.startsWith(`${prefix}/`)
  return rules.find(fits) ?? NOTHING
}

/** As names are folded, and without the dot that İ leaves above its i. */
const folded = (path: string): string => nameKey(path).replaceAll('i\u0307', 'i')

/**
 * The path as every application reads it; null where two could read it differently (dots, empty parts, encoded slashes
 * and question marks, a fragment and the like, also in other forms that Unicode has of them), since one that the rules take
 * for public might be another one's private.
 */
export function plainPath(path: string): string | null {
  if (!/^\/[\x21-\x7e]*$/.test(path) || /%(?![0-9a-f]{2})/i.test(path)) return null
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return null
  }
  if (/%2f/i.test(path)) return null
  return [decoded, decoded.normalize('NFKC')].some(isAmbiguous) ? null : decoded
}

/** What is a sign of the syntax to one program and a letter to another one. */
function isAmbiguous(path: string): boolean {
  return /[\\;#?%\p{Cc}]|\/\//u.test(path) || path.split('/').some((part) => /^\.+$/.test(part))
}
