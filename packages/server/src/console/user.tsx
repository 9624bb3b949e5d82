import type { SessionInfo } from 'coatcheck'
import type { Context } from 'hono'
import type { Account } from '../accounts/accounts.ts'
import { nameKey, normalizeName } from '../accounts/names.ts'
import { removeAccount, setDisabled, setRole } from '../actions/administering.ts'
import { endSessions, endSessionsOf } from '../actions/ending-sessions.ts'
import { wasRefused } from '../actions/refusals.ts'
import type { Kept } from '../audit/kept.ts'
import { leadTo } from '../base-path.ts'
import type { Config } from '../config.ts'
import type { Environment } from '../environment.ts'
import { readFields, readRepeated } from '../forms.ts'
import { useTexts } from '../pages/frame.tsx'
import { Form, Link } from '../pages/links.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import { Time } from '../pages/time.tsx'
import { answerMessage } from '../routes/messages.tsx'
import { refusalText } from '../routes/refusing.ts'
import type { ServerSession } from '../session-data.ts'
import { EventTable } from './events.tsx'
import { Console, Table, Unseen } from './frame.tsx'
import { administrator } from './guard.ts'
import { type Names, namesOf, peopleOf } from './names.ts'
import { RoleChoice } from './role-choice.tsx'
import { SELECTION, Selecting } from './selecting.tsx'

const EVENTS = 30
const MOST_SELECTED = 1_000

/** One account: what it is, its sessions, what happened to it, and what can be done. */
export async function showUser(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  return await answerUser(c, session, null)
}

async function answerUser(c: Context<Environment>, session: ServerSession, problem: string | null) {
  const { accounts, audit, config, sessions } = c.get('services')
  const id = c.req.param('id') ?? ''
  const account = await accounts.read(id)
  if (account === null) return await answerMessage(c, 'notFound')
  const [list, events] = await Promise.all([sessions.list(id), audit.list({ userId: id }, EVENTS)])
  const done = c.req.query('done') === undefined ? null : textsFor(c).administration.done
  const names = await namesOf(c.get('services'), [id, ...peopleOf(events)])
  const props = { account, list, events, names, roles: config.roles, isSelf: session.userId === id }
  return await renderPage(c, <UserPage {...props} problem={problem} done={done} />, problem === null ? 200 : 400)
}

type Act = (
  c: Context<Environment>,
  account: Account,
  actor: string,
) => Promise<object | { readonly problem: string } | undefined>

/** What an administrator does to an account of somebody else, by the last part of the form's path. */
const ACTS: Readonly<Record<string, Act>> = {
  disable: (c, { name }, actor) => setDisabled(c.get('services'), name, true, actor),
  enable: (c, { name }, actor) => setDisabled(c.get('services'), name, false, actor),
  async role(c, { name }, actor) {
    const { role } = await readFields(c, ['role'])
    return await setRole(c.get('services'), name, role, actor)
  },
  async 'end-sessions'(c, { id }, actor) {
    await endSessionsOf(c.get('services'), id, actor)
    return undefined
  },
  /** One, or those that were selected. */
  async 'end-session'(c, { id }, actor) {
    const ofUser = new Set((await c.get('services').sessions.list(id)).map((info) => info.id))
    const chosen = await readRepeated(c, 'session', MOST_SELECTED)
    await endSessions(
      c.get('services'),
      chosen.filter((one) => ofUser.has(one)),
      actor,
    )
    return undefined
  },
  async delete(c, account, actor) {
    const { name } = await readFields(c, ['name'])
    const isMeant = nameKey(normalizeName(name) ?? '') === nameKey(account.name)
    if (!isMeant) return { problem: textsFor(c).administration.removeWarning(account.name) }
    return await removeAccount(c.get('services'), account.name, actor)
  },
}

export async function postUser(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const name = c.req.param('act') ?? ''
  const act = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined
  const account = await c.get('services').accounts.read(c.req.param('id') ?? '')
  if (act === undefined || account === null) return await answerMessage(c, 'notFound')
  if (account.id === session.userId) return await answerUser(c, session, textsFor(c).administration.self)
  const outcome = (await act(c, account, session.userId ?? '')) ?? {}
  if ('problem' in outcome) return await answerUser(c, session, String(outcome.problem))
  if (wasRefused(outcome)) return await answerUser(c, session, refusalText(c, outcome))
  return leadTo(c, name === 'delete' ? '/admin/users' : `/admin/users/${account.id}?done`)
}

interface UserProps {
  readonly account: Account
  readonly list: readonly SessionInfo[]
  readonly events: readonly Kept[]
  readonly names: Names
  readonly roles: Config['roles']
  readonly isSelf: boolean
  readonly problem: string | null
  readonly done: string | null
}

function UserPage({ account, list, events, names, roles, isSelf, problem, done }: UserProps) {
  const { administration: texts, session } = useTexts()
  const { id, name, role, email, disabledAt, createdAt } = account
  const good = done === null ? null : ({ kind: 'good', text: done } as const)
  const notice = problem === null ? good : ({ kind: 'bad', text: problem } as const)
  const path = `/admin/users/${id}`
  // Of one session its own button is enough.
  const canSelect = !isSelf && list.length > 1
  return (
    <Console title={name} notice={notice}>
      <Table
        caption={name}
        isOnly
        head={[texts.role, texts.state, texts.email, texts.since]}
        rows={[
          [role, disabledAt === null ? texts.enabled : texts.disabled, email?.address ?? '–', <Time at={createdAt} />],
        ]}
      />
      {isSelf ? (
        <p class="lead">{texts.self}</p>
      ) : (
        <div class="acts">
          <Form method="post" action={`${path}/role`} class="row">
            <RoleChoice roles={roles} chosen={role} />
            <button type="submit">{texts.change}</button>
          </Form>
          <Form method="post" action={`${path}/${disabledAt === null ? 'disable' : 'enable'}`}>
            <button type="submit" class="quiet">
              {disabledAt === null ? texts.disable : texts.enable}
            </button>
          </Form>
          <Form method="post" action={`${path}/end-sessions`}>
            <button type="submit" class="quiet">
              {texts.endAll}
            </button>
          </Form>
        </div>
      )}
      <Table
        caption={texts.sessions}
        head={[
          ...(canSelect ? [<Unseen>{texts.select}</Unseen>] : []),
          session.device,
          session.address,
          session.signedIn,
          session.lastActive,
          texts.story,
          ...(isSelf ? [] : [<Unseen>{texts.endOne}</Unseen>]),
        ]}
        rows={list.map((info) => [
          ...(canSelect ? [<Selecting id={info.id} what={info.client.label ?? info.id} />] : []),
          info.client.label ?? session.unknownDevice,
          info.client.address ?? '–',
          <Time at={info.authenticatedAt ?? info.createdAt} />,
          <Time at={info.lastSeenAt} />,
          <Link href={`/admin/sessions/${info.id}`}>{info.id.slice(0, 8)}</Link>,
          ...(isSelf
            ? []
            : [
                <Form method="post" action={`${path}/end-session`}>
                  <input type="hidden" name="session" value={info.id} />
                  <button type="submit" class="quiet" aria-label={`${texts.endOne} ${info.client.label ?? info.id}`}>
                    {texts.endOne}
                  </button>
                </Form>,
              ]),
        ])}
      />
      {!canSelect ? null : (
        <Form method="post" action={`${path}/end-session`} id={SELECTION}>
          <button type="submit" class="quiet">
            {texts.endSelected}
          </button>
        </Form>
      )}
      <EventTable events={events} names={names} />
      {isSelf ? null : (
        <Form method="post" action={`${path}/delete`} class="card stack">
          <label>
            {texts.removeWarning(name)}
            <input name="name" autocomplete="off" spellcheck={false} required />
          </label>
          <button type="submit" class="danger">
            {texts.remove}
          </button>
        </Form>
      )}
    </Console>
  )
}
