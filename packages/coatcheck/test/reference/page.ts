// What the pages of docs/reference/ that are made from the source have in common.
import { join } from 'node:path'
import { root } from '../package/workspace.ts'

/** Where a page of the reference stands. */
export const pageAt = (name: string) => join(root, 'docs/reference', name)

/** A table of Markdown; in a cell `|` ends nothing. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line), '']
}
