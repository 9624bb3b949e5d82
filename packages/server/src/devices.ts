import Bowser from 'bowser'

/** A readable name for a user agent, such as "Firefox on Windows". */
export function deviceName(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'Unknown device'
  const { browser, os } = Bowser.parse(userAgent)
  // Programs name themselves first, as in `curl/8.5.0`; what the parser does not know it answers as an empty name.
  const name = browser.name || /^([A-Za-z][\w.-]{0,31})\//.exec(userAgent)?.[1] || 'Unknown browser'
  return os.name ? `${name} on ${os.name}` : name
}
