import type { Context } from 'hono'
import type { Account } from '../accounts/accounts.ts'
import type { Config } from '../config.ts'
import type { Environment } from '../environment.ts'
import { useTexts } from '../pages/frame.tsx'
import { Form, Link } from '../pages/links.tsx'
import { renderPage } from '../pages/render.tsx'
import { Time } from '../pages/time.tsx'
import { ORDINARY } from '../roles.ts'
import { Console, Table } from './frame.tsx'
import { administrator } from './guard.ts'
import { RoleChoice } from './role-choice.tsx'

const PAGE = 50
const LONGEST = 254

/** Accounts by the beginning of a name, or by an address. */
export async function showUsers(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const { accounts, config } = c.get('services')
  const search = (c.req.query('search') ?? '').slice(0, LONGEST)
  const after = (c.req.query('after') ?? '').slice(0, LONGEST)
  const found = await accounts.search(search, after, PAGE + 1)
  const page = found.slice(0, PAGE)
  const next = found.length > PAGE ? (page.at(-1)?.name ?? null) : null
  return await renderPage(c, <UsersPage accounts={page} search={search} next={next} config={config} />)
}

interface UsersProps {
  readonly accounts: readonly Account[]
  readonly search: string
  /** The name after which the next page begins; null where there is none. */
  readonly next: string | null
  readonly config: Config
}

function UsersPage({ accounts, search, next, config }: UsersProps) {
  const { administration: texts } = useTexts()
  return (
    <Console title={texts.users}>
      <Form method="get" action="/admin/users" class="row search">
        <label>
          {texts.search}
          <input name="search" value={search} aria-describedby="search-hint" maxlength={LONGEST} />
        </label>
        <button type="submit">{texts.find}</button>
        <p class="hint" id="search-hint">
          {texts.searchHint}
        </p>
      </Form>
      <Table
        caption={texts.users}
        isOnly
        head={[texts.name, texts.role, texts.state, texts.since]}
        rows={accounts.map(({ id, name, role, disabledAt, createdAt }) => [
          <Link href={`/admin/users/${id}`}>{name}</Link>,
          role,
          disabledAt === null ? texts.enabled : texts.disabled,
          <Time at={createdAt} />,
        ])}
      />
      {next === null ? null : (
        <p class="row">
          <Link class="button quiet" href={`/admin/users?${new URLSearchParams({ search, after: next })}`}>
            {texts.next}
          </Link>
        </p>
      )}
      {config.signup === 'closed' ? null : (
        <section class="card apart">
          <h2>{texts.invitation}</h2>
          <Form method="post" action="/admin/invite" class="row">
            <RoleChoice roles={config.roles} chosen={ORDINARY} />
            <button type="submit">{texts.invite}</button>
          </Form>
        </section>
      )}
    </Console>
  )
}
