import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import { expect, it, vi } from 'vitest'
import type { Given } from '../../../src/cli/command.ts'
import { copySessions } from '../../../src/cli/store-copying.ts'
import { dataFolder } from '../../running.ts'

const NOBODY =
  'The Redis redis://127.0.0.1:1 cannot be reached, since nobody listens there (ECONNREFUSED): start it, or mend its address.'
const ADDRESSES =
  'The address of a store is sqlite:PATH, redis://HOST:PORT, rediss://…, redis+cluster://… or redis+sentinel://….'

function newFolder(): string {
  const folder = dataFolder()
  mkdirSync(folder, { recursive: true })
  return folder
}

function given(options: Readonly<Record<string, string>>): Given & { readonly facts: ReturnType<typeof vi.fn> } {
  const facts = vi.fn()
  const progress = () => ({ at: () => undefined, end: () => undefined })
  return {
    names: [],
    value: (option) => options[option] ?? null,
    has: () => false,
    confirm: async () => undefined,
    output: { rows: () => undefined, say: () => undefined, facts, progress },
    facts,
  }
}

it('one file is copied to another, which may be new', async () => {
  const folder = newFolder()
  const [from, to] = [`sqlite:${join(folder, 'from.db')}`, `sqlite:${join(folder, 'to.db')}`]
  const source = sqliteStore(from.slice('sqlite:'.length))
  await source.updateUser('ada', { at: 1 })
  const raised = await source.userEpoch('ada')
  await source.close()
  const first = given({ from, to })
  await copySessions(first)
  expect(first.facts).toHaveBeenCalledWith({ copied: 0, there: 0, users: 1, behind: 0 })
  const target = sqliteStore(to.slice('sqlite:'.length))
  expect(await target.userEpoch('ada')).toEqual(raised)
  await target.close()
})

it('what cannot be copied from or to is said, and nothing is made', async () => {
  const folder = newFolder()
  const own = `sqlite:${join(folder, 'own.db')}`
  const there = sqliteStore(own.slice('sqlite:'.length))
  await there.userEpoch('ada')
  await there.close()
  const missing = join(folder, 'missing.db')
  const refusals = [
    [{}, 2, '--to has to say where the sessions move to.'],
    [{ from: own, to: 'http://user:secret@127.0.0.1' }, 2, ADDRESSES],
    [{ from: own, to: 'redis:' }, 2, ADDRESSES],
    [{ from: own, to: 'redis://name:secret@127.0.0.1:1' }, 1, NOBODY],
    [{ from: `sqlite:${missing}`, to: own }, 1, `There is no file ${missing}.`],
  ] as const
  for (const [options, exitCode, message] of refusals) {
    await expect(copySessions(given(options))).rejects.toMatchObject({ exitCode, message })
  }
  expect(existsSync(missing)).toBe(false)
  await expect(copySessions(given({ from: own, to: own }))).rejects.toMatchObject({
    message: `The sessions are in ${own} already.`,
  })
})
