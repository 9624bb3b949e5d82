import { hasMarks, type StoreMarks } from '../../core/store/capabilities.ts'
import type { Store } from '../../core/store/store.ts'
import { StoreTimeoutError } from '../../errors.ts'
import { modelStore } from '../model-store.ts'
import { type BrokenStore, broken } from './bench.ts'

/** A store whose marks break a sentence; one that has none stays as it is. */
function brokenMarksOf(
  name: string,
  breaks: readonly string[],
  change: (good: StoreMarks, gap: () => Promise<void>) => Partial<StoreMarks>,
): BrokenStore {
  return broken(
    name,
    breaks.map((one) => `marks: ${one}`),
    ({ good, gap }) => (hasMarks(good) ? (change(good, gap) as Partial<Store>) : {}),
  )
}

const RACE = 'of 20 that set one at once one does'
const OVER = 'is set over the text that was expected, and over no other'
const LAPSE = 'one counts until its time, and then as if it were not there'
const REPEATED = 'a call repeated answers the same, and moves nothing'

export const brokenMarks: readonly BrokenStore[] = [
  brokenMarksOf('marks that are set without comparing', [OVER], (good) => ({
    async setMark(name, change, options) {
      return await good.setMark(name, { ...change, ifText: await good.mark(name, change.at, options) }, options)
    },
  })),

  brokenMarksOf('marks that are compared and then set', [RACE], (good, gap) => ({
    async setMark(name, change, options) {
      const present = await good.mark(name, change.at, options)
      if (present !== change.ifText) return present === change.text
      await gap()
      await good.setMark(name, { ...change, ifText: await good.mark(name, change.at, options) }, options)
      return true
    },
  })),

  brokenMarksOf('one mark for all names', ['one is there when it was set, under its own name'], (good) => ({
    mark: (_, ...rest) => good.mark('one', ...rest),
    setMark: (_, ...rest) => good.setMark('one', ...rest),
  })),

  brokenMarksOf('marks that never lapse', [LAPSE], (good) => ({
    setMark: (name, { until: _, ...change }, options) => good.setMark(name, change, options),
  })),

  brokenMarksOf('marks that count a millisecond too long', [LAPSE], (good) => ({
    setMark: (name, { until, ...change }, options) =>
      good.setMark(name, until === undefined ? change : { ...change, until: until + 1 }, options),
  })),

  brokenMarksOf(
    'marks that cannot be prolonged',
    ['one that is set anew over itself counts as long as it says then'],
    (good) => ({
      setMark: async (name, change, options) =>
        change.text === change.ifText || (await good.setMark(name, change, options)),
    }),
  ),

  brokenMarksOf('marks that a repeated call finds taken', [REPEATED], (good) => ({
    async setMark(name, change, options) {
      const present = await good.mark(name, change.at, options)
      return present === change.ifText && (await good.setMark(name, change, options))
    },
  })),

  brokenMarksOf('marks that a repeated call prolongs', [REPEATED], (good) => ({
    async setMark(name, change, options) {
      const present = await good.mark(name, change.at, options)
      return await good.setMark(name, present === change.text ? { ...change, ifText: present } : change, options)
    },
  })),

  brokenMarksOf('marks that are trimmed', ['names and texts are any strings'], (good) => ({
    mark: (name, ...rest) => good.mark(name.trim(), ...rest),
    setMark: (name, ...rest) => good.setMark(name.trim(), ...rest),
  })),

  brokenMarksOf('marks that hear no signal', ['an aborted call is a timeout that changed nothing'], (good) => ({
    mark: (name, at) => good.mark(name, at),
    setMark: (name, change) => good.setMark(name, change),
  })),

  brokenMarksOf(
    'marks whose timeout does not know what it stopped',
    ['an aborted call is a timeout that changed nothing'],
    (good) => ({
      mark: (name, at, options) =>
        good.mark(name, at, options).catch((cause: unknown) => {
          throw new StoreTimeoutError('mark', 'unknown', 'Too late.', { cause })
        }),
    }),
  ),

  {
    name: 'instances with marks of their own',
    breaks: [
      'what one instance has set the other sees at once',
      'a durable store has them when it is opened again',
    ].map((one) => `marks: ${one}`),
    context: ({ open, reopen, ...good }) => ({
      ...good,
      ...(open && { open: async () => withMarksOf(await open(), modelStore()) }),
      ...(reopen && { reopen: async () => withMarksOf(await reopen(), modelStore()) }),
    }),
  },

  {
    name: 'one namespace for all marks',
    breaks: ['marks: a namespace has its own'],
    context: ({ store, openNamespace, ...good }) => ({
      ...good,
      store,
      ...(openNamespace && {
        openNamespace: async (namespace) =>
          hasMarks(store) ? withMarksOf(await openNamespace(namespace), store) : await openNamespace(namespace),
      }),
    }),
  },
]

function withMarksOf(store: Store, { mark, setMark }: StoreMarks): Store {
  return { ...store, mark, setMark } as Store & StoreMarks
}
