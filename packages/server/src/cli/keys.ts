import { setTimeout as pause } from 'node:timers/promises'
import { COMMAND, tellAct } from '../actions/telling.ts'
import type { Services } from '../environment.ts'
import type { UntoldError } from '../keys/agreeing.ts'
import type { KnownKey } from '../keys/keeping.ts'
import { type Command, command } from './command.ts'
import { CliError } from './faults.ts'
import { shownTime } from './finding.ts'
import type { Output, Row } from './output.ts'
import { withServices } from './with-services.ts'

const UP_TO_DATE = 'A server that runs on the folder takes the change up within a second or two.'

/** `coatcheck keys …`. */
export const keys: readonly Command[] = [
  command({
    name: 'keys list',
    summary: 'the signing keys, newest first, by their fingerprints',
    details:
      'The newest makes tokens. One that is needed may have tokens in use until the time that is told. One that is free can be retired.',
    examples: ['coatcheck keys list', 'coatcheck keys list --json'],
    run: ({ output }) => withServices(async ({ keys: keeper }) => output.rows((await keeper.list()).map(rowOf))),
  }),
  command({
    name: 'keys add',
    summary: 'make a new key that is accepted, and not used yet',
    details: `${UP_TO_DATE} Promote the key then, so that tokens are made with it.`,
    examples: ['coatcheck keys add'],
    run: ({ output }) =>
      withServices(async (services) => {
        const { changed: added, untold } = await changing(services.keys.add())
        await tellAct(services, null, { type: 'key-added', keyId: added.id }, COMMAND)
        output.rows([rowOf(added)])
        if (untold !== null) throw await untoldOf(`Key ${added.id} is added`, untold)
      }),
  }),
  command({
    name: 'keys promote',
    takes: ['ID'],
    summary: 'make tokens with this key from now on',
    details: `It waits until the key has been known for five seconds, so that every server accepts it. ${UP_TO_DATE} Tokens of the other keys go on.`,
    examples: ['coatcheck keys promote f3Kd-0'],
    run: ({ names: [id = ''], output }) =>
      withServices(async (services) => {
        await promote(services, id, output)
        output.rows((await services.keys.list()).map(rowOf))
      }),
  }),
  command({
    name: 'keys retire',
    takes: ['ID'],
    options: { force: { summary: 'also where it is in use: whoever has a token of it has to sign in again' } },
    summary: 'take a key away',
    details:
      'It is refused while tokens of the key may be in use: while it is the newest, and for as long as a session lives after it was used.',
    examples: ['coatcheck keys retire f3Kd-0', 'coatcheck keys retire f3Kd-0 --force'],
    run: ({ names: [id = ''], has, output }) =>
      withServices(async (services) => {
        const forced = has('force')
        const { changed: retiring, untold } = await changing(
          services.keys.retire(id, forced ? 'by force' : 'where free'),
        )
        if (retiring.outcome === 'missing') throw noKey(id)
        if (retiring.outcome === 'only') throw new CliError(`Key ${id} is the only one: add another one first.`)
        if (retiring.outcome === 'in-use') throw inUse(retiring.key)
        await tellAct(services, null, { type: 'key-retired', keyId: id, forced }, COMMAND)
        output.rows((await services.keys.list()).map(rowOf))
        if (untold !== null) throw await untoldOf(`Key ${id} is retired`, untold)
      }),
  }),
  command({
    name: 'keys claim',
    summary: "make this machine's keys those of all servers of the sessions",
    details:
      'For sessions in a Redis, when no server has a key file with the keys that were used. Servers that have other keys are not ready until they have these.',
    asks: 'whoever has a token of another key has to sign in again',
    examples: ['coatcheck keys claim', 'coatcheck keys claim --yes'],
    run: ({ confirm, output }) =>
      withServices(
        async (services) => {
          if (services.agreement.isSole) throw new CliError('The sessions are beside the keys: nobody has others.')
          await confirm("Make this machine's keys those of all servers of the sessions?")
          await services.agreement.claim()
          const all = await services.keys.list()
          await tellAct(services, null, { type: 'keys-claimed', keyIds: all.map(({ id }) => id) }, COMMAND)
          output.rows(all.map(rowOf))
        },
        { isClaiming: true },
      ),
  }),
]

async function promote(services: Services, id: string, output: Output): Promise<void> {
  for (;;) {
    const { changed: promoting, untold } = await changing(services.keys.promote(id))
    if (promoting.outcome === 'missing') throw noKey(id)
    if (promoting.outcome === 'promoted') await tellAct(services, null, { type: 'key-promoted', keyId: id }, COMMAND)
    if (promoting.outcome === 'promoted' && untold !== null) throw await untoldOf(`Key ${id} is promoted`, untold)
    if (promoting.outcome !== 'too-new') return
    output.say('Waiting until every server accepts it.')
    await pause(Math.max(0, promoting.readyAt - Date.now()))
  }
}

/** What a change has made, and why the other servers were not told of it, where they were not. */
async function changing<T>(change: Promise<T>): Promise<{ readonly changed: T; readonly untold: UntoldError | null }> {
  try {
    return { changed: await change, untold: null }
  } catch (error) {
    const { UntoldError } = await import('../keys/agreeing.ts')
    if (!(error instanceof UntoldError)) throw error
    return { changed: error.changed as T, untold: error }
  }
}

/** To be thrown when the change is in the audit log. */
async function untoldOf(done: string, { cause }: UntoldError): Promise<CliError> {
  const { storeTrouble } = await import('../session-store/store-trouble.ts')
  return new CliError(
    `${done}; other servers were not told yet, since the store of the sessions failed (${storeTrouble(cause)}): a server that runs on the folder tells them when it answers again.`,
  )
}

const noKey = (id: string) => new CliError(`There is no key ${id}: keys list shows those there are.`)

function inUse({ id, state, lastUsedAt, neededUntil }: KnownKey): CliError {
  const force = '--force takes it away all the same, and whoever has a token of it has to sign in again.'
  if (state === 'newest' || lastUsedAt === null || neededUntil === null) {
    return new CliError(`Key ${id} is the newest, with which tokens are made: promote another one first. ${force}`)
  }
  return new CliError(
    `Key ${id} may be in use: it was last used at ${shownTime(lastUsedAt)}, and sessions of then may live until ${shownTime(neededUntil)}. ${force}`,
  )
}

const timeOrNone = (at: number | null) => (at === null ? null : shownTime(at))

function rowOf({ id, state, addedAt, newestAt, lastUsedAt, neededUntil }: KnownKey): Row {
  return {
    id,
    state,
    addedAt: shownTime(addedAt),
    newestAt: timeOrNone(newestAt),
    lastUsedAt: timeOrNone(lastUsedAt),
    neededUntil: timeOrNone(neededUntil),
  }
}
