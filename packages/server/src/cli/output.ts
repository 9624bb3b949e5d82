import { styleText } from 'node:util'
import { openProgress, type Progress } from './progress.ts'

/** What a command prints about one thing: the names are those of its JSON, the values in order its columns. */
export type Row = Readonly<Record<string, string | number | boolean | null>>

/** Where a command prints. Results go to standard output, everything else to standard error. */
export interface Output {
  /** Columns with their names on a terminal, tabs elsewhere, JSON where that was asked for. */
  readonly rows: (rows: readonly Row[]) => void
  /** One thing with many sides: a line for each on a terminal and elsewhere, one JSON object. */
  readonly facts: (row: Row) => void
  /** A sentence for people; programs do not get it. */
  readonly say: (sentence: string) => void
  /** A bar on terminals, nothing elsewhere. */
  readonly progress: (what: string) => Progress
}

type Style = Parameters<typeof styleText>[0]

type Styled = (style: Style, text: string) => string

/** Words that stand out on a terminal. */
const STYLES: Readonly<Record<string, Style>> = {
  wrong: 'red',
  disabled: 'yellow',
  ended: 'yellow',
  newest: 'green',
  well: 'green',
}

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>

/** `isJson`: programs read it. */
export function makeOutput(
  isJson: boolean,
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
): Output {
  const styled = (style: Style, text: string) => styleText(style, text, { stream: stdout })
  let isFirst = true
  const lines = (texts: readonly string[]) => {
    if (texts.length > 0) stdout.write(`${texts.join('\n')}\n`)
  }
  return {
    rows(rows) {
      if (isJson) lines(rows.map((row) => JSON.stringify(row)))
      else if (stdout.isTTY) lines(columns(rows, isFirst, styled))
      else lines(rows.map((row) => Object.values(row).map(shown).join('\t')))
      if (rows.length > 0) isFirst = false
    },
    facts(row) {
      if (isJson) return lines([JSON.stringify(row)])
      const width = Math.max(...Object.keys(row).map((name) => name.length))
      lines(
        Object.entries(row).map(([name, value]) =>
          stdout.isTTY ? `${styled('dim', name.padEnd(width))}  ${shown(value)}` : `${name}\t${shown(value)}`,
        ),
      )
    },
    say(sentence) {
      if (!isJson) stderr.write(`${sentence}\n`)
    },
    progress: (what) => openProgress(what, isJson ? silent : stderr),
  }
}

const silent: Stream = { isTTY: false, write: () => true }

/** Texts may be somebody else's, such as a device's: what would move the cursor or begin another line is not printed. */
function shown(value: string | number | boolean | null): string {
  return value === null ? '-' : String(value).replaceAll(/\p{C}/gu, '\uFFFD')
}

function columns(rows: readonly Row[], withNames: boolean, styled: Styled): readonly string[] {
  const [first] = rows
  if (first === undefined) return []
  const names = Object.keys(first)
  const cells = rows.map((row) => Object.values(row).map(shown))
  const widths = names.map((name, i) => Math.max(name.length, ...cells.map((row) => [...(row[i] ?? '')].length)))
  const coloured = (padded: string) => {
    const style = Object.hasOwn(STYLES, padded.trim()) ? STYLES[padded.trim()] : undefined
    return style === undefined ? padded : styled(style, padded)
  }
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => coloured(text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [...(withNames ? [styled('dim', line(names))] : []), ...cells.map(line)]
}
