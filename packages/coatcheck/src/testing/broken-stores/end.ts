import type { Ending, SessionRecord } from '../../core/record/record.ts'
import type { Change } from '../../core/store/store.ts'
import { allOf, broken } from './bench.ts'

export const brokenEndings = [
  broken(
    'end deletes without a trace',
    [
      'read: an ended record is read with its reason',
      'end: what the application put in goes, what tells its holder why stays',
      'end: the first ending counts',
      'race: an update under way does not survive end',
    ],
    ({ good }) => {
      const deleted = new Set<string>()
      return {
        async end(id, request, options) {
          if (deleted.has(id)) return { outcome: 'missing' }
          deleted.add(id)
          return good.end(id, request, options)
        },
        read: async (id, options) => (deleted.has(id) ? null : good.read(id, options)),
      }
    },
  ),

  broken(
    'end keeps the data',
    [
      'end: what the application put in goes, what tells its holder why stays',
      'race: everything at once, and end is final',
    ],
    ({ good, patch }) => ({
      async end(id, request, options) {
        const before = await good.read(id)
        const result = await good.end(id, request, options)
        if (result.outcome === 'ended' && before !== null) {
          patch(id, (record) => ({ ...before, ended: record.ended }))
        }
        return result
      },
    }),
  ),

  broken('end by a later reason', ['end: the first ending counts'], ({ good, patch }) => ({
    async end(id, request, options) {
      const result = await good.end(id, request, options)
      if (result.outcome === 'already') patch(id, (record) => ({ ...record, ended: request }))
      return result
    },
  })),

  broken('end, for the second time, is an ending again', ['end: the first ending counts'], ({ good }) => ({
    async end(...args) {
      const result = await good.end(...args)
      return result.outcome === 'already' ? { outcome: 'ended', record: result.record } : result
    },
  })),

  broken(
    'end writes a tombstone for what never was',
    ['end: a missing record is missing, and nothing is written'],
    ({ good }) => {
      const tombstones: Change[] = []
      return {
        async end(id, request, options) {
          const result = await good.end(id, request, options)
          const { at, reason, keepUntil } = request
          const what = { kind: 'ended', scope: 'session', subject: id, count: 1 } as const
          if (result.outcome === 'missing')
            tombstones.push({ seq: tombstones.length + 1, ...what, at, reason, keepUntil })
          return result
        },
        changes: async (...args) => [...(await good.changes(...args)), ...tombstones],
      }
    },
  ),

  broken('end leaves what has expired', ['end: an expired record is ended like a live one'], ({ good }) => ({
    async end(id, request, options) {
      const record = await good.read(id)
      return record !== null && record.expiresAt <= request.at ? { outcome: 'missing' } : good.end(id, request, options)
    },
  })),

  broken('end knows but one reason', ['end: every reason is kept'], ({ good }) => ({
    end: (id, request, options) => good.end(id, { ...request, reason: 'revoked' }, options),
  })),

  broken('end is not in the log yet', ['end: it is in the change log as soon as it is answered'], ({ good }) => {
    let late = 0
    return {
      end(...args) {
        late = 1
        return good.end(...args)
      },
      async changes(...args) {
        const entries = await good.changes(...args)
        const hidden = late
        late = 0
        return entries.slice(0, entries.length - hidden)
      },
    }
  }),

  broken("end takes the user's others with it", ['end: no other record is touched'], ({ good }) => ({
    async end(id, request, options) {
      const result = await good.end(id, request, options)
      const userId = result.outcome === 'ended' ? result.record.userId : null
      for (const other of userId === null ? [] : await allOf(good, userId)) await good.end(other.id, request)
      return result
    },
  })),

  broken(
    'end looks before it writes',
    ['end: of parallel ones the first counts, for all of them'],
    ({ good, patch, gap }) => ({
      async end(id, request, options) {
        const before = await good.read(id)
        await gap()
        const result = await good.end(id, request, options)
        if (result.outcome !== 'already' || before?.ended) return result
        const record: SessionRecord = { ...result.record, ended: request satisfies Ending }
        patch(id, () => record)
        return { outcome: 'ended', record }
      },
    }),
  ),
]
