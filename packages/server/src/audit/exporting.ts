import type { Kept } from './kept.ts'

const COLUMNS = ['id', 'at', 'type', 'severity', 'userId', 'sessionId', 'actor', 'detail'] as const

/** One JSON object a line, times in ISO 8601. */
export async function* asNdjson(happenings: AsyncIterable<Kept>): AsyncGenerator<string> {
  for await (const { at, ...rest } of happenings)
    yield `${JSON.stringify({ at: new Date(at).toISOString(), ...rest })}\n`
}

/** RFC 4180, with a line of names first. A cell that a spreadsheet would take for a formula is made a text (OWASP: CSV injection). */
export async function* asCsv(happenings: AsyncIterable<Kept>): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`
  for await (const happening of happenings) {
    const cells = { ...happening, at: new Date(happening.at).toISOString(), detail: JSON.stringify(happening.detail) }
    yield `${COLUMNS.map((name) => cellOf(cells[name])).join(',')}\r\n`
  }
}

function cellOf(value: string | number | null): string {
  const text = String(value ?? '')
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
