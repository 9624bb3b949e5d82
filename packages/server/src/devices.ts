import Bowser from 'bowser'

/** Names that the parser gives besides those of its list. */
const MORE_BROWSERS = ['Miui', 'Opera Touch', 'PlayStation 4', 'SlimerJS']
const BROWSERS: ReadonlySet<string> = new Set([...Object.values(Bowser.BROWSER_MAP), ...MORE_BROWSERS])
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP))

/** Programs that name themselves first, as in `curl/8.5.0`. */
const PROGRAMS = [
  'aiohttp',
  'axios',
  'Bun',
  'curl',
  'Deno',
  'Go-http-client',
  'HTTPie',
  'insomnia',
  'k6',
  'okhttp',
  'PostmanRuntime',
  'python-httpx',
  'python-requests',
  'Python-urllib',
  'Wget',
] as const

/**
 * A readable name for a user agent, such as "Firefox on Windows". Only of names that are known here: it stands in lists of
 * devices and in our mails, where a stranger's own words would be taken for ours.
 */
export function deviceName(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'Unknown device'
  const { browser, os } = Bowser.parse(userAgent)
  const name = browserOf(browser.name) ?? programOf(userAgent) ?? 'Unknown browser'
  return os.name !== undefined && SYSTEMS.has(os.name) ? `${name} on ${os.name}` : name
}

/** What the parser does not know it answers as the first words of the user agent. */
const browserOf = (name = ''): string | null => (BROWSERS.has(name) ? name : null)

const programOf = (userAgent: string): string | null =>
  PROGRAMS.find((name) => userAgent.startsWith(`${name}/`)) ?? null
