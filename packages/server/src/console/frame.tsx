import type { Child } from 'hono/jsx'
import { useFrame, useTexts } from '../pages/frame.tsx'
import { isWithin, Layout, Notice, type NoticeText } from '../pages/layout.tsx'
import { Link } from '../pages/links.tsx'
import { kindOf } from './wording.ts'

interface ConsoleProps {
  readonly title: string
  readonly notice?: NoticeText | null
  readonly children: Child
}

/** The frame of the console's pages. */
export function Console({ title, notice = null, children }: ConsoleProps) {
  const { administration, consoleKeys, consolePolicy } = useTexts()
  const { path } = useFrame()
  const tabs = [
    ['/admin', administration.overview],
    ['/admin/users', administration.users],
    ['/admin/sessions', administration.sessions],
    ['/admin/events', administration.events],
    ['/admin/policy', consolePolicy.tab],
    ['/admin/keys', consoleKeys.tab],
  ] as const
  return (
    <Layout title={`${title} · ${administration.title}`} width="broad">
      <nav class="tabs" aria-label={administration.title}>
        {tabs.map(([href, text]) => (
          <Link href={href} aria-current={isTabOf(path, href) ? 'page' : undefined}>
            {text}
          </Link>
        ))}
      </nav>
      <h1>{title}</h1>
      <Notice notice={notice} />
      {children}
    </Layout>
  )
}

/** A page below another one, such as that of one user, is part of its tab; all are below the first. */
const isTabOf = (path: string, href: string): boolean => (href === '/admin' ? path === href : isWithin(path, href))

interface TableProps {
  readonly caption: string
  /** Whether it is all that the page or the part has, whose heading says the same: then only screen readers hear the caption. */
  readonly isOnly?: boolean
  readonly head: readonly Child[]
  readonly rows: readonly (readonly Child[])[]
}

/** Roles that the elements have anyway: there are browsers that take them from those that are laid out as anything else, as on phones. */
const ROLES = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'cell' },
} as const

/** A table; where the page is narrow, each row is a list with the head beside each cell, and what is wide still scrolls by itself. */
export function Table({ caption, isOnly = false, head, rows }: TableProps) {
  const { administration } = useTexts()
  if (rows.length === 0) return <p class="lead apart">{administration.nothing}</p>
  return (
    // A region that scrolls has to be reachable by keyboard.
    <section class={isOnly ? 'scroll only' : 'scroll'} aria-label={caption} tabindex={0}>
      <table {...ROLES.table}>
        <caption>{caption}</caption>
        <thead {...ROLES.group}>
          <tr {...ROLES.row}>
            {head.map((text) => (
              <th scope="col" {...ROLES.head}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...ROLES.group}>
          {rows.map((row) => (
            <tr {...ROLES.row}>
              {row.map((cell, column) => {
                const label = head[column]
                return (
                  <td data-label={typeof label === 'string' ? label : undefined} {...ROLES.cell}>
                    <div>{cell}</div>
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** What a type of the audit log is called, with its code, by which exports and documents name it. */
export function Kind({ type }: { readonly type: string }) {
  const { happenings } = useTexts()
  const kind = kindOf(happenings, type)
  return (
    <>
      {kind} {kind === type ? null : <code class="kind whole">{type}</code>}
    </>
  )
}

/** What only screen readers need, such as the head of a column of buttons that say what they do. */
export const Unseen = ({ children }: { readonly children: Child }) => <span class="unseen">{children}</span>

interface SoughtProps {
  readonly name: string
  readonly value: string
  readonly label: string
  readonly hint: string
  readonly maxlength?: number
  /** The id of what the browser proposes. */
  readonly list?: string
}

/** A field of a search, with a hint that says how it can be filled in. */
export function Sought({ label, hint, maxlength = 64, ...input }: SoughtProps) {
  const hintId = `${input.name}-hint`
  return (
    <label>
      {label}
      <input {...input} maxlength={maxlength} aria-describedby={hintId} />
      <span class="hint" id={hintId}>
        {hint}
      </span>
    </label>
  )
}
