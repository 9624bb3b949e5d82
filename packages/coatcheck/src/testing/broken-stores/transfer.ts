import type { SessionRecord } from '../../core/record/record.ts'
import type { Store } from '../../core/store/store.ts'
import { hasTransfer, type StoreTransfer } from '../../core/store/transfer.ts'
import { type Bench, type BrokenStore, broken } from './bench.ts'

type Transferring = Store & StoreTransfer

/** As `broken`, of a store that can be moved from and to. */
function brokenTransfer(
  name: string,
  breaks: readonly string[],
  change: (bench: Bench & { readonly good: Transferring }) => Partial<Transferring>,
): BrokenStore {
  return broken(name, breaks, ({ good, ...bench }) => (hasTransfer(good) ? change({ ...bench, good }) : {}))
}

async function everyRecord(good: Transferring): Promise<readonly SessionRecord[]> {
  return (await good.scan({ limit: 100_000 })).items
}

export const brokenTransfers: readonly BrokenStore[] = [
  brokenTransfer(
    'scan leaves out what has ended',
    ['scan: every record, live, expired and ended, as it is'],
    ({ good }) => ({
      async scan(...args) {
        const { items, cursor } = await good.scan(...args)
        return { items: items.filter(({ ended }) => ended === null), cursor }
      },
    }),
  ),

  brokenTransfer(
    'scan counts where it is',
    [
      'scan: misses none that stays while others come, change and go',
      'scan: a cursor may be gone on with elsewhere, also where the record it stood at has gone',
    ],
    ({ good }) => ({
      async scan({ cursor, limit = 100 } = {}) {
        const all = await everyRecord(good)
        const end = Number(cursor ?? 0) + limit
        return { items: all.slice(Number(cursor ?? 0), end), cursor: end < all.length ? String(end) : null }
      },
    }),
  ),

  brokenTransfer(
    'adopt begins a record anew',
    ['adopt: a record is there as it was given, whatever it has been through'],
    ({ good }) => ({
      adopt: (records, ...rest) =>
        good.adopt(
          records.map((record) => ({ ...record, generation: 0, minGeneration: 0, predecessor: null, version: 0 })),
          ...rest,
        ),
    }),
  ),

  brokenTransfer(
    'adopt overwrites',
    ['adopt: what is there stays, live or ended, and each is answered for itself'],
    ({ good, patch }) => ({
      async adopt(records, ...rest) {
        const outcomes = await good.adopt(records, ...rest)
        for (const [i, record] of records.entries()) if (outcomes[i] === 'there') patch(record.id, () => record)
        return outcomes
      },
    }),
  ),

  brokenTransfer('adopt looks before it writes', ['adopt: of 20 at once one adopts'], ({ good, patch, gap }) => ({
    async adopt(records, ...rest) {
      const present = await Promise.all(records.map(({ id }) => good.read(id)))
      await gap()
      await good.adopt(records, ...rest)
      for (const [i, record] of records.entries()) if (present[i] === null) patch(record.id, () => record)
      return present.map((one) => (one === null ? 'adopted' : 'there'))
    },
  })),

  brokenTransfer(
    'adopt puts the record into no index',
    ['adopt: an adopted record is listed, limited, ended and swept as others are'],
    ({ good }) => {
      const adopted = new Set<string>()
      return {
        adopt(records, ...rest) {
          for (const { id } of records) adopted.add(id)
          return good.adopt(records, ...rest)
        },
        async listUser(...args) {
          const { items, cursor } = await good.listUser(...args)
          return { items: items.filter(({ id }) => !adopted.has(id)), cursor }
        },
      }
    },
  ),

  brokenTransfer(
    'adopt asks for no epoch',
    [
      'adopt: outdated where endAll came since the epoch was asked for',
      'adopt: an adoption and endAll at once leave nothing alive',
    ],
    ({ good }) => ({ adopt: (records, _, options) => good.adopt(records, {}, options) }),
  ),

  brokenTransfer(
    'adopt compares the epoch before it writes',
    ['adopt: an adoption and endAll at once leave nothing alive'],
    ({ good, gap }) => ({
      async adopt(records, { ifEpochOfAll = 0 } = {}, options = {}) {
        if ((await good.epochOfAll()) > ifEpochOfAll) return records.map(() => 'outdated')
        await gap()
        return good.adopt(records, {}, options)
      },
    }),
  ),

  brokenTransfer(
    'epochs leaves one out',
    ['epochs: every user whose epoch was raised, with what it is'],
    ({ good }) => ({
      async epochs(...args) {
        const { items, cursor } = await good.epochs(...args)
        return { items: items.slice(1), cursor }
      },
    }),
  ),

  brokenTransfer(
    'epochs of those whom nobody ended as a whole',
    ['epochs: with epochOfAll they are at least those of every user'],
    ({ good }) => ({ epochOfAll: async () => 0, epochs: async () => ({ items: [], cursor: null, good }) }),
  ),

  brokenTransfer(
    'raiseEpoch raises nobody',
    ['raiseEpoch: one user or all, never lower, and later endings raise on'],
    () => ({ raiseEpoch: async () => undefined }),
  ),

  brokenTransfer(
    'epochs says that all may be removed now',
    ['epochs: from when on the numbers may be removed is not before it was asked for'],
    ({ good }) => ({
      async epochs(...args) {
        const { items, cursor } = await good.epochs(...args)
        return { items: items.map((one) => ({ ...one, forgetAt: 0 })), cursor }
      },
    }),
  ),

  brokenTransfer(
    'raiseEpoch keeps what it raises for 30 days, whatever was asked for',
    ['raiseEpoch: the numbers are kept until they may be forgotten'],
    ({ good }) => ({
      raiseEpoch: (userId, { epoch, endEpoch }, options) => good.raiseEpoch(userId, { epoch, endEpoch }, options),
    }),
  ),

  brokenTransfer(
    'adoptChanges takes in entries without noting them',
    ['adoptChanges: an ending that was taken in is not noted again while it is kept'],
    ({ good }) => ({
      note: (entries, options) =>
        good.note(
          entries.map((entry) => ({ ...entry, keepUntil: entry.keepUntil + 1 })),
          options,
        ),
    }),
  ),

  brokenTransfer(
    'lastChange is that of the last entry',
    ['lastChange: the last number, that of entries that are gone included'],
    ({ good }) => ({ lastChange: async () => (await good.changes(0)).at(-1)?.seq ?? 0 }),
  ),

  brokenTransfer(
    'adoptChanges numbers anew',
    ['adoptChanges: entries with their numbers, and what comes is numbered above'],
    ({ good }) => ({
      async adoptChanges({ entries, last }, options) {
        const number = await good.lastChange()
        return good.adoptChanges(
          { entries: entries.map((entry, i) => ({ ...entry, seq: number + i + 1 })), last },
          options,
        )
      },
    }),
  ),
]
