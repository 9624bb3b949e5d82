import type { Kept } from './kept.ts'

const COLUMNS = ['id', 'at', 'type', 'severity', 'userId', 'sessionId', 'actor', 'detail'] as const

/** One JSON object a line, times in ISO 8601. */
export async function* asNdjson(happenings: AsyncIterable<Kept>): AsyncGenerator<string> {
  for await (const { at, ...rest } of happenings)
    yield `${escaped(JSON.stringify({ at: new Date(at).toISOString(), ...rest }), UNSEEN)}\n`
}

/**
 * RFC 4180, with a line of names first. No cell is a formula to a spreadsheet (OWASP: CSV injection), however the file is
 * split: where commas separate, a cell that begins like one is made a text; where semicolons or tabs do, as in many
 * countries, there is none of them in the file, so each line is one cell. In the detail, which is JSON, they are escaped.
 */
export async function* asCsv(happenings: AsyncIterable<Kept>): AsyncGenerator<string> {
  yield `${COLUMNS.join(',')}\r\n`
  for await (const happening of happenings) {
    const cells = { ...happening, at: new Date(happening.at).toISOString(), detail: JSON.stringify(happening.detail) }
    yield `${COLUMNS.map((name) => cellOf(cells[name])).join(',')}\r\n`
  }
}

/** C1 controls, which terminals obey, separators of lines, and marks that change the direction of what follows. */
const UNSEEN = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
/** And what separates cells, or lines of them. */
const SEPARATING = new RegExp(`${UNSEEN.source}|[\\u0000-\\u001f;]`, 'g')

/** As JSON escapes a character, which means the same there. */
const escaped = (text: string, what: RegExp): string =>
  text.replace(what, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

function cellOf(value: string | number | null): string {
  const text = escaped(String(value ?? ''), SEPARATING)
  // The last four are the same signs in full width, which some spreadsheets take for the others.
  const safe = /^[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
