import type { SessionRecord } from '../../core/record/record.ts'
import type { Store } from '../../core/store/store.ts'
import { type Bench, type BrokenStore, broken } from './bench.ts'
import { BLANK } from './blank.ts'

type Field = Exclude<keyof SessionRecord, 'id' | 'namespace' | 'ended'>

const FIELDS = (Object.keys(BLANK) as (keyof SessionRecord)[]).filter(
  (field): field is Field => field !== 'id' && field !== 'namespace' && field !== 'ended',
)

/** A call that changes a record, the fields that are its own, and the case that looks at all others. */
interface Change {
  readonly call: string
  readonly own: readonly Field[]
  /** The store whose call forgets: `forget` is to be told of each record that the call has changed. */
  readonly forgetful: (good: Store, forget: (id: string) => void) => Partial<Store>
}

const forgetfulUpdate: Change['forgetful'] = (good, forget) => ({
  async update(id, ...rest) {
    const result = await good.update(id, ...rest)
    if (result.outcome === 'updated') forget(id)
    return result
  },
})

const forgetfulRotation = (authenticates: boolean): Change['forgetful'] => {
  return (good, forget) => ({
    async rotate(id, rotation, options) {
      const result = await good.rotate(id, rotation, options)
      const meant = (rotation.authentication !== undefined) === authenticates
      if (meant && result.outcome === 'rotated') forget(id)
      return result
    },
  })
}

const SECRET = ['generation', 'secretHash', 'predecessor', 'renewedAt'] as const
const LIFETIME = ['minGeneration', 'authenticatedAt', 'lastSeenAt', 'assurance', 'expiresAt', 'idleFor'] as const

const changes: readonly Change[] = [
  { call: 'an update of data', own: ['data', 'version'], forgetful: forgetfulUpdate },
  { call: 'a renewal', own: SECRET, forgetful: forgetfulRotation(false) },
  {
    call: 'an authentication',
    own: [...SECRET, ...LIFETIME, 'persistent', 'data', 'version'],
    forgetful: forgetfulRotation(true),
  },
  {
    call: 'a touch',
    own: ['lastSeenAt'],
    forgetful: (good, forget) => ({
      async touch(id, ...rest) {
        const result = await good.touch(id, ...rest)
        if (result === 'touched') forget(id)
        return result
      },
    }),
  },
  {
    call: 'an updateUser',
    own: ['data', 'version'],
    forgetful: (good, forget) => ({
      async updateUser(...args) {
        const changed = await good.updateUser(...args)
        for (const id of changed) forget(id)
        return changed
      },
    }),
  },
]

function forgetting({ call, own, forgetful }: Change): readonly BrokenStore[] {
  const others = FIELDS.filter((field) => !own.includes(field))
  return others.map((field) => {
    const forgets = ({ good, patch }: Bench) =>
      forgetful(good, (id) => patch(id, (record) => ({ ...record, [field]: BLANK[field] })))
    return broken(`${call} forgets ${field}`, [`whole record: ${call} changes what it names and nothing else`], forgets)
  })
}

/** What else has a case of its own: one store each is enough. */
const others: readonly BrokenStore[] = [
  broken(
    'an update of fields forgets the binding',
    [
      'whole record: an update of the schema changes what it names and nothing else',
      'whole record: an update of the client changes what it names and nothing else',
    ],
    ({ good, patch }) => ({
      update(id, change, ...rest) {
        const { fields } = change
        if (fields && fields.binding === undefined) patch(id, (record) => ({ ...record, binding: null }))
        return good.update(id, change, ...rest)
      },
    }),
  ),

  broken(
    'an update of the binding forgets the client',
    [
      'whole record: an update of the binding changes what it names and nothing else',
      'whole record: an update of all fields changes what it names and nothing else',
    ],
    ({ good, patch }) => ({
      update(id, change, ...rest) {
        if (change.fields?.binding) patch(id, (record) => ({ ...record, client: BLANK.client }))
        return good.update(id, change, ...rest)
      },
    }),
  ),

  broken(
    'a successor seen is an authentication',
    ['whole record: a touch that has seen the successor changes what it names and nothing else'],
    ({ good, patch }) => ({
      touch(id, at, touch, options) {
        if (touch.seen !== undefined) patch(id, (record) => ({ ...record, minGeneration: record.generation }))
        return good.touch(id, at, touch, options)
      },
    }),
  ),

  broken(
    'a rotation without predecessor is an authentication',
    ['whole record: a rotation without predecessor changes what it names and nothing else'],
    ({ good, patch }) => ({
      rotate(id, rotation, options) {
        const bare = rotation.predecessor === null && rotation.authentication === undefined
        if (bare) patch(id, (record) => ({ ...record, authenticatedAt: record.renewedAt }))
        return good.rotate(id, rotation, options)
      },
    }),
  ),

  broken(
    'an ended record forgets how it was authenticated',
    ['end', 'endUser', 'endUser with except', 'endAll', 'the limit', 'a sweep'].map(
      (ending) => `whole record: ${ending} leaves who, when and why, and nothing else`,
    ),
    ({ good }) => ({
      async read(id, options) {
        const record = await good.read(id, options)
        return record?.ended ? { ...record, assurance: null, persistent: true } : record
      },
    }),
  ),
]

export const brokenMemories: readonly BrokenStore[] = [...changes.flatMap(forgetting), ...others]
