import Bowser from 'bowser'

/** A readable name for a user agent, such as "Firefox on Windows". */
export function deviceName(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'Unknown device'
  const parsed = Bowser.parse(userAgent)
  const browser = parsed.browser.name ?? (/^([\w.-]{1,32})\//.exec(userAgent)?.[1] || 'Unknown browser')
  return parsed.os.name === undefined ? browser : `${browser} on ${parsed.os.name}`
}
