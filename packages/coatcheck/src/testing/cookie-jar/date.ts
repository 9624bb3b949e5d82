const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** RFC 6265bis 5.1.1: everything between the tokens of a date. */
const DELIMITERS = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/
const DAY = /^(\d{1,2})(?:\D|$)/
const YEAR = /^(\d{2,4})(?:\D|$)/

interface Parts {
  time: readonly [number, number, number] | null
  day: number | null
  month: number | null
  year: number | null
}

/** Epoch milliseconds of a cookie's `Expires`, read as liberally as RFC 6265bis demands; null where it is no date. */
export function parseCookieDate(text: string): number | null {
  const parts: Parts = { time: null, day: null, month: null, year: null }
  for (const token of text.split(DELIMITERS)) takeToken(parts, token)
  const { time, day, month, year } = parts
  if (time === null || day === null || month === null || year === null) return null
  const [hour, minute, second] = time
  if (day < 1 || year < 1601 || hour > 23 || minute > 59 || second > 59) return null
  const at = Date.UTC(year, month, day, hour, minute, second)
  // The 30th of February is no day of March.
  return new Date(at).getUTCDate() === day ? at : null
}

/** The first token that can be a time, a day, a month or a year is it, in this order. */
function takeToken(parts: Parts, token: string): void {
  const time = TIME.exec(token)
  if (parts.time === null && time !== null) {
    parts.time = [Number(time[1]), Number(time[2]), Number(time[3])]
    return
  }
  const day = DAY.exec(token)
  if (parts.day === null && day !== null) {
    parts.day = Number(day[1])
    return
  }
  const month = MONTHS.indexOf(token.slice(0, 3).toLowerCase())
  if (parts.month === null && month !== -1) {
    parts.month = month
    return
  }
  const year = YEAR.exec(token)
  if (parts.year === null && year !== null) parts.year = fullYear(Number(year[1]))
}

function fullYear(year: number): number {
  if (year >= 70 && year <= 99) return year + 1900
  return year <= 69 ? year + 2000 : year
}
