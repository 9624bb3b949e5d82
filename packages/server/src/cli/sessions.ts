import type { SessionInfo, SessionStatus } from 'coatcheck'
import { endAllSessions, endSessionsOf } from '../actions/ending-sessions.ts'
import { COMMAND, tellAct } from '../actions/telling.ts'
import type { Services } from '../environment.ts'
import { type Command, command } from './command.ts'
import { CliError } from './faults.ts'
import { accountNamed, shownTime } from './finding.ts'
import type { Row } from './output.ts'
import { withServices } from './with-services.ts'

const note = { takes: 'TEXT', summary: 'why, for the record and for whoever held it; 200 characters are kept' } as const

/** Who did it, where nothing else was said. */
const BY = 'by command'

/** `coatcheck sessions …`. */
export const sessions: readonly Command[] = [
  command({
    name: 'sessions list',
    takes: ['NAME'],
    summary: "an account's sessions that are alive, newest first",
    examples: ['coatcheck sessions list alice', 'coatcheck sessions list alice --json'],
    run: ({ names: [name = ''], output }) =>
      withServices(async (services) => {
        const { id } = await accountNamed(services, name)
        output.rows((await services.sessions.list(id)).map(rowOf))
      }),
  }),
  command({
    name: 'sessions show',
    takes: ['ID'],
    summary: 'one session: how it lives, or why and when it ended',
    details: 'The id is the public one, of lists and logs. It signs nobody in.',
    examples: ['coatcheck sessions show 3q2-7wAAAAAAAAAAAAAAAA'],
    run: ({ names: [id = ''], output }) =>
      withServices(async (services) => {
        const status = await services.sessions.find(id)
        if (status === null) throw noSession()
        output.facts(await factsOf(services, id, status))
      }),
  }),
  command({
    name: 'sessions revoke',
    takes: ['ID'],
    options: { note },
    summary: 'end one session for ever',
    details:
      'Its holder is told at the next request, and may sign in again. A record that is damaged (coatcheck doctor names it) is removed.',
    examples: ['coatcheck sessions revoke 3q2-7wAAAAAAAAAAAAAAAA --note "laptop stolen"'],
    run: ({ names: [id = ''], value, output }) =>
      withServices(async (services) => {
        let isDamaged = false
        services.sessions.on((event) => {
          if (event.type === 'record-damaged') isDamaged = true
        })
        const status = await services.sessions.find(id)
        if (status === null && !isDamaged) throw noSession()
        const outcome = await services.sessions.revoke(id, value('note') ?? BY)
        if (outcome === 'missing' && !isDamaged) throw noSession()
        if (outcome !== 'already') {
          const userId = status === null ? null : status.alive ? status.info.userId : status.userId
          await tellAct(services, userId, { type: 'sessions-ended', sessionId: id }, COMMAND)
        }
        output.rows([{ id, outcome: outcome === 'missing' ? 'removed' : outcome }])
      }),
  }),
  command({
    name: 'sessions revoke-user',
    takes: ['NAME'],
    options: { note },
    summary: 'end all sessions of an account',
    details:
      'Sign-ins that are under way do not count either. The account may sign in again: users disable prevents that.',
    examples: ['coatcheck sessions revoke-user alice'],
    run: ({ names: [name = ''], value, output }) =>
      withServices(async (services) => {
        const account = await accountNamed(services, name)
        const ended = await endSessionsOf(services, account.id, COMMAND, value('note') ?? BY)
        output.rows([{ name: account.name, ended }])
      }),
  }),
  command({
    name: 'sessions revoke-all',
    options: { note },
    summary: 'end every session there is',
    asks: 'everybody has to sign in again',
    examples: ['coatcheck sessions revoke-all', 'coatcheck sessions revoke-all --yes --note "database copied"'],
    run: ({ value, output, confirm }) =>
      withServices(async (services) => {
        await confirm('End every session, so that everybody has to sign in again?')
        output.rows([{ ended: await endAllSessions(services, COMMAND, value('note') ?? BY) }])
      }),
  }),
  command({
    name: 'sessions sweep',
    summary: 'remove what has expired',
    details: 'A server does so every minute by itself.',
    examples: ['coatcheck sessions sweep'],
    run: ({ output }) =>
      withServices(async ({ sessions: all }) => {
        const progress = output.progress('Swept')
        let swept = 0
        all.on((event) => {
          if (event.type !== 'swept') return
          swept += event.expired + event.removed
          progress.at(swept, 0)
        })
        const { expired, removed } = await all.sweep()
        progress.end()
        output.rows([{ expired, removed }])
      }),
  }),
  command({
    name: 'sessions stats',
    summary: 'how many there are',
    details:
      'Those that have expired count until they are swept. Ended ones are kept for a day, to say why they ended.',
    examples: ['coatcheck sessions stats --json'],
    run: ({ output }) =>
      withServices(async ({ stats }) => {
        const { 'signed-in': signedIn = null, anonymous = null, ended = null } = await stats()
        if (signedIn === null)
          throw new CliError(
            'Sessions are not counted while they move from one store to another (COATCHECK_STORE_MOVING_FROM).',
          )
        output.facts({ signedIn, anonymous, ended })
      }),
  }),
]

const noSession = () => new CliError('There is no such session, or none of an account.')

function rowOf({ id, client, createdAt, lastSeenAt, endsAt }: SessionInfo): Row {
  return {
    id,
    device: client.label,
    address: client.address,
    createdAt: shownTime(createdAt),
    lastSeenAt: shownTime(lastSeenAt),
    endsAt: shownTime(endsAt),
  }
}

async function factsOf({ accounts }: Services, id: string, status: SessionStatus): Promise<Row> {
  const userId = status.alive ? status.info.userId : status.userId
  const name = (await accounts.read(userId))?.name ?? null
  if (!status.alive) {
    const { reason, at, note: why } = status.ended
    return { id, state: 'ended', name, reason, endedAt: at === null ? null : shownTime(at), note: why }
  }
  const { authenticatedAt, client } = status.info
  return {
    ...rowOf(status.info),
    state: 'alive',
    name,
    authenticatedAt: authenticatedAt === null ? null : shownTime(authenticatedAt),
    userAgent: client.userAgent,
  }
}
