import { decodeText, encodeText } from './text.ts'

/**
 * Data in one column: the header's length, the header (JSON of key, length of its text, key, length, …), then the texts
 * as they were given, one after the other: `10["cart",2][]`. Lengths are in UTF-16 units. No data is the empty text.
 */
export function frameData(data: ReadonlyMap<string, string>): string {
  if (data.size === 0) return ''
  const header: (string | number)[] = []
  let texts = ''
  for (const [key, text] of data) {
    header.push(key, text.length)
    texts += text
  }
  const head = JSON.stringify(header)
  return encodeText(`${head.length}${head}${texts}`)
}

const BRACKET = 0x5b

export function unframeData(framed: string): ReadonlyMap<string, string> {
  const data = new Map<string, string>()
  if (framed === '') return data
  const whole = decodeText(framed)
  let start = 1
  while (whole.charCodeAt(start) !== BRACKET) start += 1
  let from = start + Number(whole.slice(0, start))
  const header = JSON.parse(whole.slice(start, from)) as (string | number)[]
  for (let i = 0; i < header.length; i += 2) {
    const to = from + Number(header[i + 1])
    data.set(String(header[i]), whole.slice(from, to))
    from = to
  }
  return data
}
