import type { SessionRecord } from '../../core/record/record.ts'
import { ALIVE, broken } from './bench.ts'

const sameJson = (a: string | null, b: string | null) => (a === null || b === null ? a === b : Number(a) === Number(b))

export const brokenUpdates = [
  broken('update creates', ['update: never creates'], ({ good }) => {
    let last: SessionRecord | null = null
    return {
      create(record, ...rest) {
        last = record
        return good.create(record, ...rest)
      },
      async update(id, change, ...rest) {
        const result = await good.update(id, change, ...rest)
        if (last === null || result.outcome !== 'gone' || (await good.read(id)) !== null) return result
        await good.create({ ...last, id, data: new Map(change.set) })
        return { outcome: 'updated', version: 0 }
      },
    }
  }),

  broken(
    'update creates where nothing was ever created',
    ['update: never creates', 'update: gone comes before every condition'],
    ({ good }) => ({
      async update(id, change, conditions, options) {
        const result = await good.update(id, change, conditions, options)
        return (await good.read(id)) === null ? { outcome: 'updated', version: 0 } : result
      },
    }),
  ),

  broken(
    'update revives',
    [
      'update: an ended record stays ended and empty',
      'end: nothing brings an ended record back',
      'race: an update under way does not survive end',
      'race: an update under way does not survive endUser',
      'race: an update under way does not survive endUser with except',
      'race: an update under way does not survive endAll',
      'race: everything at once, and endAll is final',
    ],
    ({ good, patch }) => ({
      async update(id, change, ...rest) {
        const result = await good.update(id, change, ...rest)
        if (result.outcome === 'gone') patch(id, (record) => ({ ...ALIVE(record), data: new Map(change.set) }))
        return result
      },
    }),
  ),

  broken(
    'update puts a revived record back into the list alone',
    ['end: nothing brings an ended record back'],
    ({ good }) => {
      const listed = new Map<string, SessionRecord>()
      return {
        async update(id, ...rest) {
          const result = await good.update(id, ...rest)
          const record = await good.read(id)
          if (result.outcome === 'gone' && record?.ended) listed.set(id, { ...record, ended: null })
          return result
        },
        async listUser(userId, ...rest) {
          const { items, cursor } = await good.listUser(userId, ...rest)
          return { items: [...items, ...[...listed.values()].filter((one) => one.userId === userId)], cursor }
        },
      }
    },
  ),

  broken(
    'version ignored',
    [
      'update: a condition that does not hold refuses it, in order, and nothing is written',
      'update: of parallel ones with the same ifVersion one is applied',
    ],
    ({ good }) => ({
      update: (id, change, conditions, options) =>
        good.update(id, change, { ...conditions, ifVersion: undefined }, options),
    }),
  ),

  broken(
    'generation ignored',
    [
      'update: a condition that does not hold refuses it, in order, and nothing is written',
      'rotate: after an authentication the old generation writes no more',
    ],
    ({ good }) => ({
      update: (id, change, conditions, options) =>
        good.update(id, change, { ...conditions, ifGeneration: undefined }, options),
    }),
  ),

  broken(
    'value ignored',
    [
      'update: a condition that does not hold refuses it, in order, and nothing is written',
      'update: of parallel ones that expect no value one is applied',
      'update: a counter by ifValue, raised 100 times in parallel, is 100',
      'opaque: a key is itself and no other',
    ],
    ({ good }) => ({
      update: (id, change, conditions, options) =>
        good.update(id, change, { ...conditions, ifValue: undefined }, options),
    }),
  ),

  broken(
    'value compared as JSON',
    ['update: a condition that does not hold refuses it, in order, and nothing is written'],
    ({ good }) => ({
      async update(id, change, conditions = {}, options = {}) {
        const { ifValue } = conditions
        if (ifValue === undefined) return good.update(id, change, conditions, options)
        const text = (await good.read(id))?.data.get(ifValue.key) ?? null
        const same = sameJson(text, ifValue.text)
        return good.update(id, change, same ? { ...conditions, ifValue: { ...ifValue, text } } : conditions, options)
      },
    }),
  ),

  broken(
    'no value taken for the text null',
    [
      'update: a condition that does not hold refuses it, in order, and nothing is written',
      'update: conditions that hold let it pass',
    ],
    ({ good }) => ({
      async update(id, change, conditions = {}, options = {}) {
        const { ifValue } = conditions
        if (ifValue?.text !== 'null') return good.update(id, change, conditions, options)
        return good.update(id, change, { ...conditions, ifValue: { ...ifValue, text: null } }, options)
      },
    }),
  ),

  broken(
    'version compared before the generation',
    ['update: a condition that does not hold refuses it, in order, and nothing is written'],
    ({ good }) => ({
      async update(id, change, conditions = {}, options = {}) {
        const { ifVersion } = conditions
        const version = (await good.read(id))?.version
        if (ifVersion !== undefined && version !== ifVersion) return { outcome: 'stale' }
        return good.update(id, change, conditions, options)
      },
    }),
  ),

  broken('conditions before the record', ['update: gone comes before every condition'], ({ good }) => ({
    async update(id, change, conditions, options) {
      const record = await good.read(id)
      const stale = conditions?.ifVersion !== undefined && record?.version !== conditions.ifVersion
      return stale ? { outcome: 'stale' } : good.update(id, change, conditions, options)
    },
  })),

  broken(
    'version compared before the write',
    ['update: of parallel ones with the same ifVersion one is applied'],
    ({ good, gap }) => ({
      async update(id, change, conditions = {}, options = {}) {
        const version = (await good.read(id))?.version
        if (conditions.ifVersion !== undefined && version !== conditions.ifVersion) return { outcome: 'stale' }
        await gap()
        return good.update(id, change, { ...conditions, ifVersion: undefined }, options)
      },
    }),
  ),

  broken(
    'value compared before the write',
    [
      'update: of parallel ones that expect no value one is applied',
      'update: a counter by ifValue, raised 100 times in parallel, is 100',
    ],
    ({ good, gap }) => ({
      async update(id, change, conditions = {}, options = {}) {
        const { ifValue } = conditions
        const text = (await good.read(id))?.data.get(ifValue?.key ?? '') ?? null
        if (ifValue !== undefined && text !== ifValue.text) return { outcome: 'stale' }
        await gap()
        return good.update(id, change, { ...conditions, ifValue: undefined }, options)
      },
    }),
  ),

  broken(
    'value guarded by the version of the whole',
    ['update: a counter by ifValue is not held up by writes of other keys'],
    ({ good, gap }) => ({
      async update(id, change, conditions = {}, options = {}) {
        if (conditions.ifValue === undefined) return good.update(id, change, conditions, options)
        const ifVersion = (await good.read(id))?.version
        await gap()
        return good.update(id, change, { ...conditions, ifVersion }, options)
      },
    }),
  ),

  broken(
    'update writes all the data that it has read',
    [
      'update: 50 parallel changes of different keys are 50 keys',
      'update: setting one key and removing others in parallel loses nothing',
      'updateUser: loses no change that a session makes of other keys',
      'race: an update of data and an updateUser at once lose nothing',
      'shared: 50 parallel changes of different keys are 50 keys',
    ],
    ({ good, gap }) => {
      const keys = new Set<string>()
      return {
        async update(id, change, conditions, options) {
          const data = new Map((await good.read(id))?.data)
          for (const key of change.unset ?? []) data.delete(key)
          for (const [key, text] of change.set ?? []) data.set(key, text)
          await gap()
          for (const key of data.keys()) keys.add(key)
          const unset = [...keys].filter((key) => !data.has(key))
          return good.update(id, { ...change, set: data, unset }, conditions, options)
        },
      }
    },
  ),

  broken(
    'update never removes a key',
    [
      'update: sets and removes the keys it names, and moves the version by one',
      'opaque: a key is itself and no other',
    ],
    ({ good }) => ({
      update: (id, change, ...rest) => good.update(id, { ...change, unset: [] }, ...rest),
    }),
  ),

  broken('update ignores the fields', ['update: changes the fields it names'], ({ good }) => ({
    update: (id, { fields: _, ...change }, ...rest) => good.update(id, change, ...rest),
  })),

  broken(
    'update writes data and fields one after the other',
    ['update: changes data and fields in one step'],
    ({ good }) => ({
      async update(id, { fields, ...change }, ...rest) {
        const result = await good.update(id, change, ...rest)
        return fields === undefined || result.outcome !== 'updated'
          ? result
          : good.update(id, { at: change.at, fields })
      },
    }),
  ),

  broken(
    'update refuses to remove what is not there',
    ['update: removing a key that is not there does no harm'],
    ({ good }) => ({
      async update(id, change, ...rest) {
        const data = (await good.read(id))?.data
        const missing = (change.unset ?? []).some((key) => data?.has(key) === false)
        return missing ? { outcome: 'stale' } : good.update(id, change, ...rest)
      },
    }),
  ),

  broken(
    'update answers a version it did not write',
    ['update: an empty change changes no data and answers the version'],
    ({ good }) => ({
      async update(id, change, ...rest) {
        const result = await good.update(id, change, ...rest)
        return result.outcome === 'updated' ? { ...result, version: result.version + 1 } : result
      },
    }),
  ),

  broken(
    'update a millisecond after the deadline',
    ['update: both sides of the idle timeout', 'update: both sides of the absolute timeout'],
    ({ good }) => ({
      update: (id, change, ...rest) => good.update(id, { ...change, at: change.at - 1 }, ...rest),
    }),
  ),
]
