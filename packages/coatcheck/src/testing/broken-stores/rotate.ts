import type { SessionRecord } from '../../core/record/record.ts'
import { ALIVE, broken } from './bench.ts'
import { BLANK } from './blank.ts'

export const brokenRotations = [
  broken(
    'rotate without compare',
    [
      'rotate: from another secret it answers the record as it is',
      'rotate: of 50 racers one wins, and all are answered its successor',
      'rotate: repeated after another one, it answers kept',
      'shared: of 20 rotations of one secret one wins',
    ],
    ({ good, patch }) => ({
      async rotate(id, rotation, options) {
        const result = await good.rotate(id, rotation, options)
        if (result.outcome !== 'kept') return result
        const { record } = result
        const rotated = { ...record, secretHash: rotation.to, generation: record.generation + 1 }
        patch(id, () => rotated)
        return { outcome: 'rotated', record: rotated }
      },
    }),
  ),

  broken(
    'rotate to any generation',
    ['rotate: to another generation than the next it changes nothing'],
    ({ good }) => ({
      async rotate(id, rotation, options) {
        const present = await good.read(id)
        const mine = present !== null && present.secretHash === rotation.from
        return good.rotate(id, mine ? { ...rotation, generation: present.generation + 1 } : rotation, options)
      },
    }),
  ),

  broken('rotate, repeated, is kept', ['rotate: repeated, it answers rotated and changes nothing'], ({ good }) => ({
    async rotate(id, rotation, options) {
      const before = await good.read(id)
      const result = await good.rotate(id, rotation, options)
      const repeated = result.outcome === 'rotated' && before?.secretHash === rotation.to
      return repeated ? { outcome: 'kept', record: result.record } : result
    },
  })),

  broken(
    'rotate answers the record as it was',
    ['rotate: of 50 racers one wins, and all are answered its successor'],
    ({ good }) => ({
      async rotate(id, rotation, options) {
        const before = await good.read(id)
        const result = await good.rotate(id, rotation, options)
        return result.outcome === 'kept' && before !== null ? { outcome: 'kept', record: before } : result
      },
    }),
  ),

  broken(
    'rotate takes an old success for a repetition',
    ['rotate: repeated after another one, it answers kept'],
    ({ good }) => {
      const done = new Set<string>()
      return {
        async rotate(id, rotation, options) {
          const result = await good.rotate(id, rotation, options)
          if (result.outcome === 'rotated') done.add(rotation.to)
          const known = result.outcome === 'kept' && done.has(rotation.to)
          return known ? { outcome: 'rotated', record: result.record } : result
        },
      }
    },
  ),

  broken(
    'rotate knows a repetition by the secret alone',
    ['rotate: to the present secret at another generation is no repetition'],
    ({ good }) => ({
      async rotate(id, rotation, options) {
        const result = await good.rotate(id, rotation, options)
        const known = result.outcome === 'kept' && result.record.secretHash === rotation.to
        return known ? { outcome: 'rotated', record: result.record } : result
      },
    }),
  ),

  broken(
    'rotate keeps every predecessor',
    ['rotate: without predecessor no earlier secret is left'],
    ({ good, patch }) => ({
      async rotate(id, rotation, options) {
        const before = await good.read(id)
        const result = await good.rotate(id, rotation, options)
        if (result.outcome === 'rotated' && rotation.predecessor === null && before?.predecessor) {
          patch(id, (record) => ({ ...record, predecessor: before.predecessor }))
        }
        return result
      },
    }),
  ),

  broken('rotate drops every predecessor', ['rotate: a new secret, the old one stays as predecessor'], ({ good }) => ({
    rotate: (id, rotation, options) => good.rotate(id, { ...rotation, predecessor: null }, options),
  })),

  broken('rotate is activity', ['rotate: a new secret, the old one stays as predecessor'], ({ good, patch }) => ({
    async rotate(id, rotation, options) {
      const result = await good.rotate(id, rotation, options)
      patch(id, (record) => ({ ...record, lastSeenAt: rotation.at }))
      return result
    },
  })),

  broken(
    'an authentication is no more than a rotation',
    [
      'rotate: an authentication changes all in one step',
      'rotate: an authentication without data leaves data and version alone',
      'rotate: an authentication may take the idle timeout away',
      'sweep: an authentication moves the deadline',
    ],
    ({ good }) => ({
      rotate: (id, { authentication: _, ...rotation }, options) => good.rotate(id, rotation, options),
    }),
  ),

  broken(
    'an authentication always moves the version',
    ['rotate: an authentication without data leaves data and version alone'],
    ({ good, patch }) => ({
      async rotate(id, rotation, options) {
        const result = await good.rotate(id, rotation, options)
        if (rotation.authentication && rotation.authentication.set === undefined) {
          patch(id, (record) => ({ ...record, version: record.version + 1 }))
        }
        return result
      },
    }),
  ),

  broken(
    'an authentication takes no idle timeout for no change',
    ['rotate: an authentication may take the idle timeout away'],
    ({ good }) => ({
      async rotate(id, rotation, options) {
        const { authentication } = rotation
        if (authentication === undefined) return good.rotate(id, rotation, options)
        const idleFor = authentication.idleFor ?? (await good.read(id))?.idleFor ?? null
        return good.rotate(id, { ...rotation, authentication: { ...authentication, idleFor } }, options)
      },
    }),
  ),

  broken(
    'rotate shuts the predecessor out at once',
    ['rotate: after an authentication the old generation writes no more'],
    ({ good }) => ({
      async update(id, change, conditions = {}, options = {}) {
        const { ifGeneration } = conditions
        const record = await good.read(id)
        const superseded = ifGeneration !== undefined && record !== null && ifGeneration < record.generation
        return superseded ? { outcome: 'replaced' } : good.update(id, change, conditions, options)
      },
    }),
  ),

  broken(
    'rotate ignores the user epoch',
    [
      'rotate: user-changed where the epoch was raised, and nothing is written',
      'race: an authentication in place and updateUser at once leave no old role',
    ],
    ({ good }) => ({
      rotate: (id, rotation, options) => good.rotate(id, { ...rotation, ifUserEpoch: undefined }, options),
    }),
  ),

  broken(
    'rotate asks for the user epoch at an authentication only',
    ['rotate: user-changed also where nothing but the secret was to change'],
    ({ good }) => ({
      rotate: (id, rotation, options) =>
        good.rotate(id, rotation.authentication ? rotation : { ...rotation, ifUserEpoch: undefined }, options),
    }),
  ),

  broken('rotate makes what is missing', ['rotate: a missing record is gone, and none is made'], ({ good }) => {
    let last: SessionRecord | null = null
    return {
      async rotate(id, rotation, options) {
        const result = await good.rotate(id, rotation, options)
        if (result.record === null) last = { ...BLANK, id, secretHash: rotation.to }
        return result
      },
      read: async (id, options) => (await good.read(id, options)) ?? (last?.id === id ? last : null),
    }
  }),

  broken(
    'rotate revives',
    [
      'rotate: an ended record is gone, with its reason',
      'race: a renewal under way does not survive end',
      'race: a renewal under way does not survive endUser',
      'race: a renewal under way does not survive endUser with except',
      'race: a renewal under way does not survive endAll',
      'race: an authentication under way does not survive end',
      'race: an authentication under way does not survive endUser',
      'race: an authentication under way does not survive endUser with except',
      'race: an authentication under way does not survive endAll',
      'race: everything at once, and endUser is final',
      'race: everything at once, and endUser with except is final',
    ],
    ({ good, patch }) => ({
      async rotate(id, rotation, options) {
        const result = await good.rotate(id, rotation, options)
        if (result.outcome === 'gone') patch(id, ALIVE)
        return result
      },
    }),
  ),

  broken(
    'rotate a millisecond after the deadline',
    [
      'rotate: both sides of the idle timeout',
      'rotate: both sides of the absolute timeout, and no authentication comes after it',
    ],
    ({ good }) => ({
      rotate: (id, rotation, options) => good.rotate(id, { ...rotation, at: rotation.at - 1 }, options),
    }),
  ),
]
