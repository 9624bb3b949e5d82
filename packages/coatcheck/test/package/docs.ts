// The documents as data, and what can be wrong with them. Pure: texts in, complaints out.
import { dirname, join, normalize } from 'node:path/posix'

/** Path (`docs/concepts/tokens.md`) → text, for every document of the repository. */
export type Documents = ReadonlyMap<string, string>

interface Line {
  readonly text: string
  /** `hidden` stands in a comment that begins with `<!-- ts`: code of the page that readers need not see. */
  readonly kind: 'prose' | 'fence' | 'code' | 'hidden'
  /** Of code: the language that its fence names. */
  readonly language: string
}

function linesOf(text: string): Line[] {
  let fence: { readonly mark: string; readonly language: string } | null = null
  let isHidden = false
  return text.split('\n').map((line): Line => {
    const mark = /^\s*(```+)(\w*)/.exec(line)
    if (isHidden) {
      isHidden = line.trim() !== '-->'
      return { text: line, kind: isHidden ? 'hidden' : 'fence', language: 'ts' }
    }
    if (fence !== null) {
      const { language } = fence
      const closes = mark !== null && mark[1] === fence.mark && mark[2] === ''
      if (closes) fence = null
      return { text: line, kind: closes ? 'fence' : 'code', language }
    }
    if (mark !== null) {
      fence = { mark: mark[1] ?? '', language: mark[2] ?? '' }
      return { text: line, kind: 'fence', language: fence.language }
    }
    isHidden = /^<!-- ts$/.test(line)
    return { text: line, kind: isHidden ? 'fence' : 'prose', language: '' }
  })
}

/**
 * The TypeScript of a page: all its snippets are one module, from top to bottom. Everything else is left empty, so that
 * a line of the module is the same line of the page. Null where there is none.
 */
export function programOf(text: string): string | null {
  const lines = linesOf(text).map(({ text: line, kind, language }) =>
    (kind === 'code' || kind === 'hidden') && language === 'ts' ? line : '',
  )
  return lines.every((line) => line === '') ? null : `${lines.join('\n')}\nexport {}\n`
}

/** The text of all blocks of one language. */
export function blocksOf(text: string, language: string): string {
  const lines = linesOf(text).filter((line) => line.kind === 'code' && line.language === language)
  return lines.map((line) => line.text).join('\n')
}

const proseOf = (text: string): string =>
  linesOf(text)
    .filter(({ kind }) => kind === 'prose')
    .map((line) => line.text)
    .join('\n')

/** What stands between backquotes in running text. */
export const inlineCode = (text: string): string[] =>
  [...proseOf(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)

/** The headings' texts, without marks. */
export const headingsOf = (text: string): string[] =>
  [...proseOf(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => title)

/** The first column of every table, without its head. */
export const rowsOf = (text: string): string[][] =>
  proseOf(text)
    .split('\n')
    .filter((line) => /^\|.*\|$/.test(line) && !/^\|[\s:|-]+\|$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )

/** The anchors of a document, as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const title of headingsOf(text)) {
    const slug = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    let unique = slug
    for (let n = 1; anchors.has(unique); n++) unique = `${slug}-${n}`
    anchors.add(unique)
  }
  return anchors
}

/** The targets of links and pictures. */
function linksOf(text: string): string[] {
  const prose = proseOf(text).replace(/`[^`\n]+`/g, 'code')
  const inline = [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)]
  const html = [...prose.matchAll(/\b(?:src|href)="([^"]+)"/g)]
  return [...inline, ...html].map(([, target = '']) => target)
}

/** Documents to which none of these leads by a link. */
export function* unlisted(documents: Documents, lists: readonly string[]): Generator<string> {
  const listed = new Set(
    lists.flatMap((path) =>
      linksOf(documents.get(path) ?? '').map((link) => normalize(join(dirname(path), link.split('#')[0] ?? ''))),
    ),
  )
  for (const path of documents.keys()) {
    if (!listed.has(path) && !lists.includes(path)) yield `${path} is in no list of documents`
  }
}

/** Links that lead nowhere. `exists` knows the files and folders of the repository. */
export function* brokenLinks(documents: Documents, exists: (path: string) => boolean): Generator<string> {
  for (const [path, text] of documents) {
    for (const link of linksOf(text)) {
      if (/^[a-z]+:/.test(link)) continue
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? path : normalize(join(dirname(path), file))
      if (target.startsWith('..') || !exists(target)) yield `${path}: ${link} leads to no file`
      else if (anchor !== undefined && !anchorsOf(documents.get(target) ?? '').has(anchor)) {
        yield `${path}: ${link} leads to no heading`
      }
    }
  }
}

/** Paths of the repository that are named and not there. Those of the library may begin with `src/` or `test/`. */
export function* missingPaths(documents: Documents, exists: (path: string) => boolean): Generator<string> {
  for (const [path, text] of documents) {
    for (const code of inlineCode(text)) {
      const isPath = /^(?:packages|scripts|bench|docs|examples|src|test|\.ci)\/[\w./-]*$/.test(code)
      const full = /^(?:src|test)\//.test(code) ? `packages/coatcheck/${code}` : code
      if (isPath && !exists(full.replace(/\/$/, ''))) yield `${path}: \`${code}\` is not there`
    }
  }
}

/** Places of somebody's machine. `own` are those of the present one; the root of its file system is none. */
export function* machinePaths(documents: Documents, own: readonly string[]): Generator<string> {
  const usual = '/(?:home|root|Users|work|tmp|mnt|private)/[\\w.-]+'
  const places = own.filter((place) => place.length > 1).map((place) => place.replaceAll(/[^\w]/g, '\\$&'))
  for (const [path, text] of documents) {
    for (const place of [usual, ...places]) {
      const found = new RegExp(`(?<![\\w.:/-])${place}(?![\\w-])`).exec(text)?.[0]
      if (found !== undefined) yield `${path} names ${found}`
    }
  }
}

/** Commands of npm that the package has not. */
export function* unknownCommands(documents: Documents, scripts: ReadonlySet<string>): Generator<string> {
  for (const [path, text] of documents) {
    for (const [, name = ''] of text.matchAll(/\bnpm run (?:--silent )?([a-z-]+)/g)) {
      if (!scripts.has(name)) yield `${path}: npm run ${name} is no command`
    }
  }
}

/** What only one of two lists has, a sentence each. */
export function* differences(documented: Iterable<string>, real: Iterable<string>): Generator<string> {
  const [left, right] = [new Set(documented), new Set(real)]
  for (const name of right) if (!left.has(name)) yield `${name} is not described`
  for (const name of left) if (!right.has(name)) yield `${name} is described and is not there`
}

/** The members of a union of string literals, by the name of its type; those of other unions in it are not followed. */
export function membersOf(source: string, type: string): string[] {
  const [, body = ''] = new RegExp(`export type ${type} =([^\\n]*(?:\\n +[|][^\\n]*)*)`).exec(source) ?? []
  return [...body.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
}
