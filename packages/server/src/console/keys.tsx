import type { Context } from 'hono'
import { ConfigError } from '../config.ts'
import type { Environment } from '../environment.ts'
import type { KeyKeeper, KnownKey } from '../keys/keeping.ts'
import { useTexts } from '../pages/frame.tsx'
import { renderPage } from '../pages/render.tsx'
import { Time } from '../pages/time.tsx'
import { Console, Table } from './frame.tsx'
import { administrator } from './guard.ts'

/** The signing keys, and how they are changed. */
export async function showKeys(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  return await renderPage(c, <KeysPage keys={await knownKeys(c.get('services').keys)} />)
}

/** Null where the key file cannot be read: servers go on with the keys that they have. */
export async function knownKeys(keys: KeyKeeper): Promise<readonly KnownKey[] | null> {
  try {
    return await keys.list()
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

function KeysPage({ keys }: { readonly keys: readonly KnownKey[] | null }) {
  const { consoleKeys: texts } = useTexts()
  const others = keys?.filter(({ state }) => state !== 'newest') ?? []
  // One that was never used has been made just now; where no other one was ever used, the newest becomes the old one.
  const added = others.find(({ lastUsedAt }) => lastUsedAt === null)?.id ?? 'NEW'
  const old = others.find(({ lastUsedAt }) => lastUsedAt !== null)?.id ?? keys?.[0]?.id ?? 'OLD'
  return (
    <Console title={texts.title}>
      <p class="lead">{texts.lead}</p>
      {keys === null ? (
        <>
          <p class="notice bad" role="alert">
            {texts.unreadable}
          </p>
          <Command text={ownCommand('doctor')} />
        </>
      ) : (
        <Table
          caption={texts.title}
          isOnly
          head={[texts.id, texts.state, texts.added, texts.lastUsed, texts.neededUntil]}
          rows={keys.map(({ id, state, addedAt, lastUsedAt, neededUntil }) => [
            <code class="inline">{id}</code>,
            texts.states[state],
            <Time at={addedAt} />,
            state === 'newest' ? texts.inUse : lastUsedAt === null ? texts.never : <Time at={lastUsedAt} />,
            neededUntil === null ? '–' : <Time at={neededUntil} />,
          ])}
        />
      )}
      <section class="card apart">
        <h2>{texts.change}</h2>
        <p class="lead">{texts.changeLead}</p>
        <ol class="steps">
          <li>
            {texts.steps.add} <Command text={ownCommand('keys add')} />
          </li>
          <li>
            {texts.steps.promote} <Command text={ownCommand(`keys promote ${added}`)} />
          </li>
          <li>
            {texts.steps.retire} <Command text={ownCommand(`keys retire ${old}`)} />
          </li>
        </ol>
      </section>
    </Console>
  )
}

const Command = ({ text }: { readonly text: string }) => <code class="command">{text}</code>

/**
 * How the command is called here: in a clone of the repository by npm, else by its name, which an installation puts on the path.
 */
export function ownCommand(args: string, folder = import.meta.dirname): string {
  return /[\\/]node_modules[\\/]/.test(folder) ? `coatcheck ${args}` : `npm run coatcheck -- ${args}`
}
