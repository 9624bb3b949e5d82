import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { Given } from '../../../src/cli/command.ts'
import { copySessions } from '../../../src/cli/store-copying.ts'
import { openPlace } from '../../../src/cli/store-place.ts'
import { dataFolder } from '../../running.ts'

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
  const place = await openPlace(from, { mayBeNew: true })
  await place.store.updateUser('ada', { at: 1 })
  await place.close()
  const first = given({ from, to })
  await copySessions(first)
  expect(first.facts).toHaveBeenCalledWith({ copied: 0, there: 0, users: 1, behind: 0 })
  const target = await openPlace(to)
  expect(await target.store.userEpoch('ada')).toBe(1)
  await target.close()
})

it('what cannot be copied from or to is said, and nothing is made', async () => {
  const folder = newFolder()
  const own = `sqlite:${join(folder, 'own.db')}`
  const there = await openPlace(own, { mayBeNew: true })
  await there.store.userEpoch('ada')
  await there.close()
  const missing = join(folder, 'missing.db')
  const refusals = [
    [{}, 2, '--to has to say where the sessions move to.'],
    [
      { from: own, to: 'http://user:secret@127.0.0.1' },
      2,
      'The address of a store is sqlite:PATH, redis://HOST:PORT or rediss://HOST:PORT.',
    ],
    [{ from: own, to: 'redis:' }, 2, 'The address of a store is sqlite:PATH, redis://HOST:PORT or rediss://HOST:PORT.'],
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

it('an address is shown without name and password', async () => {
  const place = await openPlace('redis://name:secret@127.0.0.1:1/2')
  expect(place.shown).toBe('redis://127.0.0.1:1/2')
  await place.close()
})
