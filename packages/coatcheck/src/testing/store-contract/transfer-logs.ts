import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { nastyStrings } from '../nasty.ts'
import { DAY, HOUR, MINUTE, type StoreContext, unnumbered } from './kit.ts'
import { transferCase } from './transfer-case.ts'

/** What becomes of the change log in a move. */
export const transferredLogs: readonly Case<StoreContext>[] = [
  transferCase('lastChange: the last number, that of entries that are gone included', 4, async (kit) => {
    const { store, add, log, request, start } = kit
    expectEqual(await store.lastChange(), 0)
    for (let i = 0; i < 3; i++) await store.end((await add()).id, request({ keepUntil: start + MINUTE }))
    const last = (await log()).at(-1)?.seq ?? 0
    expectEqual(await store.lastChange(), last)
    await store.sweep(start + HOUR, { limit: 10, keepFor: DAY })
    expectEqual([await log(), await store.lastChange()], [[], last])
  }),

  transferCase('adoptChanges: entries with their numbers, and what comes is numbered above', 4, async (kit) => {
    const { store, add, log, request, start } = kit
    const { at, reason, keepUntil } = request()
    const entries = [
      { seq: 3, kind: 'ended', scope: 'session', subject: 'a\0b', at, reason, count: 7, keepUntil },
      { seq: 4, kind: 'ended', scope: 'user', subject: '', at, reason: 'limit', count: at, keepUntil: start + DAY },
      { seq: 5, kind: 'changed', scope: 'user', subject: 'ada', at, reason: 'updated', count: at + 1, keepUntil },
      { seq: 11, kind: 'ended', scope: 'all', subject: null, at, reason, count: at + 2, keepUntil },
    ] as const
    expectEqual(await store.adoptChanges({ entries: entries.slice(0, 2), last: 0 }), 4)
    expectEqual(await store.adoptChanges({ entries, last: 20 }), 20)
    expectEqual(await store.adoptChanges({ entries, last: 7 }), 20)
    expectEqual(await log(), entries)
    const { id } = await add()
    await store.end(id, request())
    const [next, ...others] = await log(11)
    expectEqual(others, [])
    expectTrue((next?.seq ?? 0) > 20, 'Its number is not above those that were taken in.')
    expectEqual(next && unnumbered([next]), [{ kind: 'ended', scope: 'session', subject: id, at, reason, keepUntil }])
  }),

  transferCase('adoptChanges: an ending that was taken in is not noted again while it is kept', 4, async (kit) => {
    const { store, log, start } = kit
    const of = { at: start, reason: 'signed-out', count: 3, keepUntil: start + DAY } as const
    const notes = nastyStrings.flatMap((subject) => [
      { ...of, scope: 'session', subject } as const,
      { ...of, scope: 'token', subject } as const,
    ])
    const entries = notes.map((note, i) => ({ seq: i + 1, kind: 'ended', ...note }) as const)
    await store.adoptChanges({ entries, last: 0 })
    await store.note(notes)
    expectEqual(await log(), entries)
    const longer = { ...of, scope: 'token', subject: 'a', keepUntil: start + 2 * DAY } as const
    await store.note([longer])
    await store.adoptChanges({ entries, last: 0 })
    await store.note([longer])
    expectEqual(
      (await log(entries.length)).map(({ seq: _, ...entry }) => entry),
      [{ kind: 'ended', ...longer }],
      'What is kept longer than what was taken in is not noted once.',
    )
  }),
]
