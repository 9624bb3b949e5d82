import type { Child } from 'hono/jsx'
import { useFrame, useTexts } from '../pages/frame.tsx'
import { Layout, Notice, type NoticeText } from '../pages/layout.tsx'
import { Link } from '../pages/links.tsx'

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
          <Link href={href} aria-current={isWithin(path, href) ? 'page' : undefined}>
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
function isWithin(path: string, href: string): boolean {
  return path === href || (href !== '/admin' && path.startsWith(`${href}/`))
}

interface TableProps {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly Child[])[]
}

/** A table that scrolls by itself where the page is narrow. */
export function Table({ caption, head, rows }: TableProps) {
  const { administration } = useTexts()
  if (rows.length === 0) return <p class="lead">{administration.nothing}</p>
  return (
    // A region that scrolls has to be reachable by keyboard.
    <section class="scroll" aria-label={caption} tabindex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((text) => (
              <th scope="col">{text}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
