import type { SessionRecord } from '../../core/record/record.ts'
import { ALIVE, broken } from './bench.ts'

export const brokenSweeps = [
  broken(
    'sweep removes a live one',
    ['sweep: never a live one', 'sweep: both sides of the idle timeout', 'sweep: activity puts the deadline off'],
    ({ good }) => ({
      sweep: (now, ...rest) => good.sweep(now + 1, ...rest),
    }),
  ),

  broken(
    'sweep finds work where there is none',
    ['sweep: nothing to do', 'sweep: both sides of the absolute timeout'],
    ({ good }) => ({
      sweep: async (...args) => ({ ...(await good.sweep(...args)), more: true }),
    }),
  ),

  broken(
    'sweep leaves what expires in this millisecond',
    ['sweep: both sides of the idle timeout', 'sweep: both sides of the absolute timeout', 'sweep: never a live one'],
    ({ good }) => ({
      sweep: (now, ...rest) => good.sweep(now - 1, ...rest),
    }),
  ),

  broken(
    'sweep removes an ended record a millisecond early',
    ['sweep: an ended record goes when its keepUntil has come, not before'],
    ({ good }) => ({
      end: (id, request, options) => good.end(id, { ...request, keepUntil: request.keepUntil - 1 }, options),
    }),
  ),

  broken(
    'sweep keeps an expired record for a day',
    ['sweep: an expired record goes keepFor after its deadline'],
    ({ good }) => ({
      sweep: (now, batch, options) => good.sweep(now, { ...batch, keepFor: batch.keepFor + 86_400_000 }, options),
    }),
  ),

  broken(
    'sweep ends as of now',
    ['sweep: the ending is as of the deadline, however late the sweep'],
    ({ good, patch }) => ({
      async sweep(now, ...rest) {
        const result = await good.sweep(now, ...rest)
        for (const { id } of result.expired) {
          patch(id, (record) => ({ ...record, ended: record.ended && { ...record.ended, at: now } }))
        }
        return result
      },
    }),
  ),

  broken(
    'sweep takes the idle timeout from the first deadline',
    ['sweep: activity puts the deadline off'],
    ({ good }) => ({
      async touch(id, ...rest) {
        const before = await good.read(id)
        const result = await good.touch(id, ...rest)
        if (result === 'touched' && before !== null)
          await good.end(id, { at: 0, reason: 'idle', note: null, keepUntil: 0 })
        return result
      },
    }),
  ),

  broken(
    'sweep takes all at once',
    ['sweep: small batches until there is no more', 'sweep: never a live one'],
    ({ good }) => ({
      sweep: (now, batch, options) => good.sweep(now, { ...batch, limit: batch.limit * 100 }, options),
    }),
  ),

  broken('sweep says too early that it is done', ['sweep: small batches until there is no more'], ({ good }) => ({
    sweep: async (...args) => ({ ...(await good.sweep(...args)), more: false }),
  })),

  broken(
    'sweep leaves the log',
    [
      'sweep: an ended record goes when its keepUntil has come, not before',
      'sweep: entries of users and of all go by their own keepUntil',
    ],
    ({ good }) => {
      const kept: Awaited<ReturnType<typeof good.changes>>[number][] = []
      return {
        async sweep(...args) {
          const before = await good.changes(0)
          const result = await good.sweep(...args)
          const left = new Set((await good.changes(0)).map(({ seq }) => seq))
          kept.push(...before.filter(({ seq }) => !left.has(seq)))
          return result
        },
        async changes(since, ...rest) {
          return [...kept.filter(({ seq }) => seq > since), ...(await good.changes(since, ...rest))]
        },
      }
    },
  ),

  broken('two sweeps expire the same', ['sweep: two at once expire each record once'], ({ good, gap }) => {
    const expired: SessionRecord[] = []
    return {
      async sweep(...args) {
        const result = await good.sweep(...args)
        expired.push(...result.expired)
        await gap()
        return { ...result, expired: [...expired] }
      },
    }
  }),

  broken(
    'sweep looks before it ends',
    ['sweep: against a touch in the last millisecond one of the two wins'],
    ({ good, patch, gap }) => ({
      async touch(id, at, touch, options) {
        const before = await good.read(id)
        await gap()
        const result = await good.touch(id, at, touch, options)
        if (result !== 'gone' || before === null || before.ended !== null) return result
        patch(id, (record) => ({ ...ALIVE(record), lastSeenAt: at }))
        return 'touched'
      },
    }),
  ),
]
