import { ALIVE, broken } from './bench.ts'

export const brokenTouches = [
  broken(
    'touch revives what has expired',
    [
      'touch: both sides of the idle timeout, and an expired record is not revived',
      'touch: no activity moves the absolute timeout',
    ],
    ({ good, patch }) => ({
      async touch(id, at, ...rest) {
        const result = await good.touch(id, at, ...rest)
        const record = await good.read(id)
        if (result !== 'gone' || record === null || record.ended !== null) return result
        patch(id, (before) => ({ ...before, lastSeenAt: at, expiresAt: Math.max(before.expiresAt, at + 1) }))
        return 'touched'
      },
    }),
  ),

  broken(
    'touch revives what has ended',
    [
      'touch: an ended record is gone and unchanged',
      'race: a touch under way does not survive end',
      'race: a touch under way does not survive endUser',
      'race: a touch under way does not survive endUser with except',
      'race: a touch under way does not survive endAll',
    ],
    ({ good, patch }) => ({
      async touch(id, ...rest) {
        const result = await good.touch(id, ...rest)
        if (result === 'gone') patch(id, ALIVE)
        return result
      },
    }),
  ),

  broken('touch creates', ['touch: a missing record is gone, and none is made'], ({ good }) => ({
    async touch(id, ...rest) {
      const result = await good.touch(id, ...rest)
      return (await good.read(id)) === null ? 'touched' : result
    },
  })),

  broken('touch goes backward', ['touch: only forward'], ({ good, patch }) => ({
    async touch(id, at, touch, options) {
      const before = await good.read(id)
      const result = await good.touch(id, at, touch, options)
      if (before === null || result === 'gone' || before.lastSeenAt - at < touch.interval || at === before.lastSeenAt) {
        return result
      }
      patch(id, (record) => ({ ...record, lastSeenAt: at }))
      return 'touched'
    },
  })),

  broken(
    'touch ignores the interval',
    ['touch: both sides of the interval', 'touch: of 50 parallel ones in an interval one is applied'],
    ({ good }) => ({
      touch: (id, at, touch, options) => good.touch(id, at, { ...touch, interval: 0 }, options),
    }),
  ),

  broken('touch waits a millisecond too long', ['touch: both sides of the interval'], ({ good }) => ({
    touch: (id, at, { interval, ...touch }, options) =>
      good.touch(id, at, { ...touch, interval: interval === 0 ? 0 : interval + 1 }, options),
  })),

  broken('touch takes an interval of 0 for none', ['touch: an interval of 0 is each millisecond'], ({ good }) => ({
    async touch(id, at, touch, options) {
      const before = await good.read(id)
      const result = await good.touch(id, at, touch, options)
      return result === 'kept' && touch.interval === 0 && before?.lastSeenAt === at ? 'touched' : result
    },
  })),

  broken(
    'touch looks before it writes',
    ['touch: of 50 parallel ones in an interval one is applied'],
    ({ good, gap }) => ({
      async touch(id, at, touch, options) {
        const record = await good.read(id)
        const early = record !== null && at - record.lastSeenAt < touch.interval
        await gap()
        return good.touch(id, at, early ? touch : { ...touch, interval: 0 }, options)
      },
    }),
  ),

  broken('touch moves the version', ['touch: moves lastSeenAt and nothing else'], ({ good, patch }) => ({
    async touch(id, ...rest) {
      const result = await good.touch(id, ...rest)
      if (result === 'touched') patch(id, (record) => ({ ...record, version: record.version + 1 }))
      return result
    },
  })),

  broken('touch moves the absolute timeout', ['touch: no activity moves the absolute timeout'], ({ good, patch }) => ({
    async touch(id, at, ...rest) {
      const result = await good.touch(id, at, ...rest)
      if (result === 'touched') patch(id, (record) => ({ ...record, expiresAt: record.expiresAt + 1 }))
      return result
    },
  })),

  broken(
    'touch never marks the predecessor',
    [
      'touch: the successor seen marks the predecessor and erases the nonce',
      'touch: seen and the interval over are one step',
    ],
    ({ good }) => ({
      touch: (id, at, { interval }, options) => good.touch(id, at, { interval }, options),
    }),
  ),

  broken(
    'touch marks the predecessor or the activity',
    ['touch: seen and the interval over are one step'],
    ({ good }) => ({
      async touch(id, at, touch, options) {
        const seen = await good.touch(id, at, { ...touch, interval: Number.MAX_SAFE_INTEGER }, options)
        return seen === 'kept' ? good.touch(id, at, touch, options) : seen
      },
    }),
  ),

  broken(
    'touch leaves the nonce',
    ['touch: the successor seen marks the predecessor and erases the nonce'],
    ({ good, patch }) => ({
      async touch(id, ...rest) {
        const nonce = (await good.read(id))?.predecessor?.nonce ?? null
        const result = await good.touch(id, ...rest)
        patch(id, (record) => ({ ...record, predecessor: record.predecessor && { ...record.predecessor, nonce } }))
        return result
      },
    }),
  ),

  broken(
    'touch marks the predecessor again and again',
    ['touch: what has been seen is not marked again'],
    ({ good, patch }) => ({
      async touch(id, at, touch, options) {
        const result = await good.touch(id, at, touch, options)
        if (touch.seen === undefined || result === 'gone') return result
        patch(id, (record) => ({ ...record, predecessor: record.predecessor && { ...record.predecessor, seenAt: at } }))
        return 'touched'
      },
    }),
  ),

  broken(
    'touch marks the predecessor by any generation',
    ['touch: another generation seen, or none, marks nothing'],
    ({ good }) => ({
      async touch(id, at, touch, options) {
        return good.touch(id, at, { ...touch, seen: (await good.read(id))?.generation }, options)
      },
    }),
  ),

  broken(
    'touch sees a successor that replaced nothing',
    ['touch: seen without a predecessor does nothing'],
    ({ good }) => ({
      async touch(id, at, touch, options) {
        const result = await good.touch(id, at, touch, options)
        return result === 'kept' && touch.seen !== undefined ? 'touched' : result
      },
    }),
  ),
]
