import type { SessionStatus } from 'coatcheck'
import type { FoundSession } from '../audit/session-search.ts'
import { useTexts } from '../pages/frame.tsx'
import type { NoticeText } from '../pages/layout.tsx'
import { Form, Link } from '../pages/links.tsx'
import { Time } from '../pages/time.tsx'
import { Console, Sought, Table, Unseen } from './frame.tsx'
import { SELECTION, Selecting } from './selecting.tsx'
import { reasonText } from './wording.ts'

/** What was asked for, as it was typed; empty texts where nothing was. */
export interface Asked {
  readonly name: string
  readonly address: string
  readonly device: string
  /** `alive`, or the reason of an ending. */
  readonly state: string
}

/** A session that was found, with what else is known of it. */
export interface ListedSession extends FoundSession {
  /** Null where the account is gone. */
  readonly name: string | null
  readonly status: SessionStatus | null
}

interface SessionsPageProps {
  readonly asked: Asked
  /** For the browser to propose. */
  readonly devices: readonly string[]
  readonly listed: readonly ListedSession[]
  readonly next: number | null
  readonly notice: NoticeText | null
  /** Who looks. */
  readonly own: string
  /** What was asked for and which page, as in the address; empty where nothing was. */
  readonly search: string
}

/** The endings that a session can be looked for by, in the order of the choice. */
const REASONS = ['signed-out', 'idle', 'absolute', 'revoked', 'replaced', 'limit', 'reused', 'binding'] as const

export function SessionsPage({ asked, devices, listed, next, notice, own, search }: SessionsPageProps) {
  const { administration, consoleSessions: texts } = useTexts()
  const canSelect = listed.some((one) => isSelectable(one, own))
  const isAny = Object.values(asked).every((text) => text === '')
  return (
    <Console title={administration.sessions} notice={notice}>
      <Search asked={asked} devices={devices} />
      <SessionTable listed={listed} own={own} />
      <div class="row">
        {!canSelect ? null : (
          <Form method="post" action={`/admin/sessions/end${search}`} id={SELECTION}>
            <button type="submit" class="quiet">
              {administration.endSelected}
            </button>
          </Form>
        )}
        {next === null ? null : (
          <Link
            class="button quiet"
            href={`/admin/sessions?${new URLSearchParams({ ...asked, before: String(next) })}`}
          >
            {listed.length === 0 ? texts.lookedOn : administration.next}
          </Link>
        )}
      </div>
      {isAny ? <EndEvery /> : null}
    </Console>
  )
}

function Search({ asked, devices }: Pick<SessionsPageProps, 'asked' | 'devices'>) {
  const { administration, consoleSessions: texts } = useTexts()
  return (
    <Form method="get" action="/admin/sessions" class="card finding">
      <Sought name="name" value={asked.name} label={texts.name} hint={texts.nameHint} maxlength={254} />
      <Sought name="address" value={asked.address} label={texts.address} hint={texts.addressHint} />
      <Sought name="device" value={asked.device} label={texts.device} hint={texts.deviceHint} list="devices" />
      <datalist id="devices">
        {devices.map((device) => (
          <option value={device} />
        ))}
      </datalist>
      <label>
        {texts.state}
        <select name="state">
          <option value="">{texts.any}</option>
          <option value="alive" selected={asked.state === 'alive'}>
            {texts.alive}
          </option>
          {REASONS.map((reason) => (
            <option value={reason} selected={asked.state === reason}>
              {texts.endedWhy(texts.reasons[reason])}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">{administration.find}</button>
    </Form>
  )
}

/** Who looks ends sessions of their own on the page of their devices. */
const isSelectable = ({ status, userId }: ListedSession, own: string) => status?.alive === true && userId !== own

function SessionTable({ listed, own }: Pick<SessionsPageProps, 'listed' | 'own'>) {
  const { administration, consoleSessions: texts, session } = useTexts()
  const canSelect = listed.some((one) => isSelectable(one, own))
  return (
    <Table
      caption={administration.sessions}
      isOnly
      head={[
        ...(canSelect ? [<Unseen>{administration.select}</Unseen>] : []),
        administration.story,
        texts.user,
        session.device,
        session.address,
        session.signedIn,
        texts.state,
      ]}
      rows={listed.map((one) => {
        const { sessionId, userId, name, signedIn, status, ...entries } = one
        const device = signedIn?.detail['device']
        const network = signedIn?.detail['network']
        const shown = typeof device === 'string' ? device : session.unknownDevice
        return [
          ...(canSelect
            ? [
                isSelectable(one, own) ? (
                  <Selecting id={sessionId} what={`${name ?? ''} ${shown} ${sessionId.slice(0, 8)}`} />
                ) : (
                  ''
                ),
              ]
            : []),
          <Link href={`/admin/sessions/${sessionId}`}>{sessionId.slice(0, 8)}</Link>,
          name === null ? texts.noUser : <Link href={`/admin/users/${userId}`}>{name}</Link>,
          shown,
          (status?.alive === true ? status.info.client.address : null) ?? (typeof network === 'string' ? network : '–'),
          signedIn === null ? '–' : <Time at={signedIn.at} />,
          <span class="whole">
            <State status={status} ended={entries.ended} />
          </span>,
        ]
      })}
    />
  )
}

/** How it lives, or why it ended: by the store while it knows, later by the audit log. */
export function State({ status, ended }: Pick<ListedSession, 'status' | 'ended'>) {
  const { consoleSessions: texts, session } = useTexts()
  if (status?.alive === true) {
    return (
      <>
        {texts.alive}, {session.lastActive.toLowerCase()} <Time at={status.info.lastSeenAt} />
      </>
    )
  }
  const reason = status === null ? ended?.detail['reason'] : status.ended.reason
  return <>{typeof reason === 'string' ? texts.endedWhy(reasonText(texts.reasons, reason)) : texts.ended}</>
}

function EndEvery() {
  const { consoleSessions: texts } = useTexts()
  return (
    <details class="card apart">
      <summary>{texts.endEvery}</summary>
      <Form method="post" action="/admin/sessions/end-all" class="stack">
        <p>{texts.endEveryWarning}</p>
        <label class="check">
          <input type="checkbox" name="sure" value="yes" required />
          {texts.confirm}
        </label>
        <button type="submit" class="danger">
          {texts.endEvery}
        </button>
      </Form>
    </details>
  )
}
