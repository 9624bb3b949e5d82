import type { SessionRecord } from '../../core/record/record.ts'
import type { Store } from '../../core/store/store.ts'
import { show } from '../compare.ts'
import { allOf, type Bench, type BrokenStore, broken } from './bench.ts'

type Field = keyof SessionRecord

/** Puts back what others have changed in the record since it was read, as a write of the whole record does. */
async function putBack({ good, patch }: Bench, read: SessionRecord | null, own: readonly Field[]): Promise<void> {
  const present = read && (await good.read(read.id))
  if (read === null || present === null || present.ended !== null) return
  const fields = Object.keys(present) as Field[]
  const changed = fields.filter((field) => !own.includes(field) && show(present[field]) !== show(read[field]))
  const old = Object.fromEntries(changed.map((field) => [field, read[field]]))
  patch(read.id, (record) => (record.ended === null ? { ...record, ...old } : record))
}

const SECRET: readonly Field[] = ['generation', 'secretHash', 'predecessor', 'renewedAt']
const LIFETIME: readonly Field[] = ['authenticatedAt', 'lastSeenAt', 'assurance', 'expiresAt', 'idleFor', 'persistent']
const DATA: readonly Field[] = ['data', 'version']

const losing = (one: string, others: readonly string[]) =>
  others.map((pair) => `race: ${pair.replace('*', one)} at once lose nothing`)

const rotating = (authenticates: boolean, own: readonly Field[]) => {
  return (bench: Bench): Partial<Store> => ({
    async rotate(id, rotation, options) {
      const meant = (rotation.authentication !== undefined) === authenticates
      const read = meant ? await bench.good.read(id) : null
      if (meant) await bench.gap()
      const result = await bench.good.rotate(id, rotation, options)
      if (result.outcome === 'rotated') await putBack(bench, read, own)
      return result
    },
  })
}

export const brokenWholeWrites: readonly BrokenStore[] = [
  broken(
    'update writes the whole record that it has read',
    losing('an update of data', [
      '* and an update of all fields',
      '* and a touch',
      '* and a renewal',
      '* and an authentication',
    ]).concat(losing('an update of all fields', ['* and a touch', '* and a renewal', '* and an authentication'])),
    (bench) => ({
      async update(id, change, ...rest) {
        const read = await bench.good.read(id)
        await bench.gap()
        const result = await bench.good.update(id, change, ...rest)
        const own = Object.keys(change.fields ?? {}) as Field[]
        if (result.outcome === 'updated') await putBack(bench, read, [...DATA, ...own])
        return result
      },
    }),
  ),

  broken(
    'touch writes the whole record that it has read',
    losing('a touch', [
      'an update of data and *',
      'an update of all fields and *',
      '* and a renewal',
      '* and an authentication',
      '* and an updateUser',
    ]),
    (bench) => ({
      async touch(id, ...rest) {
        const read = await bench.good.read(id)
        await bench.gap()
        const result = await bench.good.touch(id, ...rest)
        if (result === 'touched') await putBack(bench, read, ['lastSeenAt'])
        return result
      },
    }),
  ),

  broken(
    'a renewal writes the whole record that it has read',
    losing('a renewal', [
      'an update of data and *',
      'an update of all fields and *',
      'a touch and *',
      '* and an updateUser',
    ]),
    rotating(false, SECRET),
  ),

  broken(
    'an authentication writes the client and the binding that it has read',
    losing('an authentication', ['an update of all fields and *']),
    rotating(true, [...SECRET, 'minGeneration', ...LIFETIME, ...DATA]),
  ),

  broken(
    'updateUser writes the whole records that it has read',
    losing('an updateUser', [
      'an update of all fields and *',
      'a touch and *',
      'a renewal and *',
      'an authentication and *',
    ]),
    (bench) => ({
      async updateUser(userId, ...rest) {
        const read = await allOf(bench.good, userId)
        await bench.gap()
        const changed = await bench.good.updateUser(userId, ...rest)
        for (const record of read) await putBack(bench, record, DATA)
        return changed
      },
    }),
  ),

  broken(
    'generation compared before the write',
    ['race: an update by the old generation comes before an authentication or not at all'],
    ({ good, gap }) => ({
      async update(id, change, conditions = {}, options = {}) {
        const { ifGeneration, ...others } = conditions
        const minGeneration = (await good.read(id))?.minGeneration ?? 0
        if (ifGeneration !== undefined && minGeneration > ifGeneration) {
          return good.update(id, change, conditions, options)
        }
        await gap()
        return good.update(id, change, others, options)
      },
    }),
  ),

  broken(
    'touch marks whatever predecessor it finds when it writes',
    ['race: a touch that has seen one successor does not mark the next'],
    ({ good, gap }) => ({
      async touch(id, at, touch, options) {
        const read = await good.read(id)
        await gap()
        const mine = touch.seen !== undefined && read?.generation === touch.seen
        const present = mine ? await good.read(id) : null
        return good.touch(id, at, { ...touch, seen: present?.generation ?? touch.seen }, options)
      },
    }),
  ),
]
