import { hasMarks, type MarkChange, type StoreMarks } from '../../core/store/capabilities.ts'
import type { Store } from '../../core/store/store.ts'
import { StoreTimeoutError } from '../../errors.ts'
import { expectEqual, expectThrows, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { show } from '../compare.ts'
import { nastyStrings } from '../nasty.ts'
import { kitOf, MINUTE, type StoreContext, together } from './kit.ts'

const NONE = 'The store has no marks.'
const ALONE = 'No second instance can be opened over the same records.'

type Others = Pick<StoreContext, 'open' | 'openNamespace' | 'reopen'>
type Run = (store: StoreMarks, start: number, others: Others) => Promise<void>

/** `needs`: what of the context the case cannot do without, and why it says nothing where that is left out. */
function marksCase(
  name: string,
  run: Run,
  needs?: { readonly what: keyof Others; readonly missing: string },
): Case<StoreContext> {
  const skipFor = (context: StoreContext) => {
    if (!hasMarks(context.store)) return NONE
    return needs === undefined || context[needs.what] !== undefined ? null : needs.missing
  }
  return {
    name: `marks: ${name}`,
    promise: null,
    skipFor,
    run: (context) => run(marksOf(context.store), kitOf(context.store, context.start).start, context),
  }
}

function marksOf(store: Store): StoreMarks {
  expectTrue(hasMarks(store), NONE)
  return store
}

/** Opens another instance for the length of `use`. */
async function beside(open: Promise<Store> | undefined, use: (marks: StoreMarks) => Promise<void>): Promise<void> {
  const store = await open
  expectTrue(store !== undefined, ALONE)
  try {
    await use(marksOf(store))
  } finally {
    await store.close()
  }
}

export const markCases: readonly Case<StoreContext>[] = [
  marksCase('one is there when it was set, under its own name', async (store, at) => {
    expectEqual(await store.mark('a', at), null)
    expectEqual(await store.setMark('a', { text: '1', ifText: null, at }), true)
    expectEqual([await store.mark('a', at), await store.mark('b', at)], ['1', null])
  }),

  marksCase('is set over the text that was expected, and over no other', async (store, at) => {
    const set = (text: string, ifText: string | null) => store.setMark('a', { text, ifText, at })
    expectEqual(await set('2', '1'), false, 'There was none.')
    expectEqual(await store.mark('a', at), null)
    await set('1', null)
    expectEqual([await set('2', null), await set('2', '3')], [false, false])
    expectEqual(await store.mark('a', at), '1')
    expectEqual([await set('2', '1'), await store.mark('a', at)], [true, '2'])
  }),

  marksCase('of 20 that set one at once one does', async (store, at) => {
    const set = (i: number) => store.setMark('a', { text: String(i), ifText: null, at })
    const answers = await together(20, set)
    expectEqual(answers.filter((isSet) => isSet).length, 1, 'How many did?')
    expectEqual(await store.mark('a', at), String(answers.indexOf(true)))
  }),

  marksCase('one counts until its time, and then as if it were not there', async (store, at) => {
    const until = at + MINUTE
    await store.setMark('a', { text: '1', ifText: null, at, until })
    expectEqual([await store.mark('a', until - 1), await store.mark('a', until)], ['1', null])
    const other = { text: '2', ifText: null } as const
    expectEqual(await store.setMark('a', { ...other, at: until - 1 }), false)
    expectEqual(await store.setMark('a', { text: '2', ifText: '1', at: until }), false)
    expectEqual(await store.setMark('a', { ...other, at: until }), true)
    expectEqual(await store.mark('a', until + 1_000 * MINUTE), '2')
  }),

  marksCase('one that is set anew over itself counts as long as it says then', async (store, at) => {
    await store.setMark('a', { text: '1', ifText: null, at, until: at + MINUTE })
    await store.setMark('a', { text: '1', ifText: '1', at, until: at + 3 * MINUTE })
    expectEqual(await store.mark('a', at + 2 * MINUTE), '1')
    await store.setMark('a', { text: '1', ifText: '1', at, until: at })
    expectEqual(await store.mark('a', at), null)
  }),

  marksCase('a call repeated answers the same, and moves nothing', async (store, at) => {
    const change: MarkChange = { text: '1', ifText: null, at, until: at + MINUTE }
    expectEqual([await store.setMark('a', change), await store.setMark('a', change)], [true, true])
    expectEqual(await store.setMark('a', { ...change, until: at + 3 * MINUTE }), true)
    expectEqual(await store.mark('a', at + 2 * MINUTE), null)
  }),

  marksCase('names and texts are any strings', async (store, at) => {
    for (const text of nastyStrings) {
      expectTrue(await store.setMark(text, { text, ifText: null, at }), `The name ${show(text)} was taken.`)
    }
    for (const text of nastyStrings) {
      expectEqual(await store.mark(text, at), text)
      expectEqual(await store.setMark(text, { text: 'another', ifText: `${text}.`, at }), false, show(text))
      expectEqual(await store.setMark(text, { text: '', ifText: text, at }), true, show(text))
      expectEqual(await store.mark(text, at), '')
    }
  }),

  marksCase('an aborted call is a timeout that changed nothing', async (store, at) => {
    const aborted = { signal: AbortSignal.abort() }
    for (const [method, call] of [
      ['mark', () => store.mark('a', at, aborted)],
      ['setMark', () => store.setMark('a', { text: '1', ifText: null, at }, aborted)],
    ] as const) {
      const error = await expectThrows('ERR_STORE_TIMEOUT', call)
      expectTrue(error instanceof StoreTimeoutError, 'The error has another class.')
      expectEqual([error.operation, error.outcome], [method, 'none'])
    }
    expectEqual(await store.mark('a', at), null)
  }),

  marksCase(
    'what one instance has set the other sees at once',
    async (store, at, { open }) => {
      await beside(open?.(), async (second) => {
        await store.setMark('a', { text: '1', ifText: null, at })
        expectEqual(await second.mark('a', at), '1')
        const answers = await together(20, (i) =>
          (i % 2 === 0 ? store : second).setMark('a', { text: `${i}.`, ifText: '1', at }),
        )
        expectEqual(answers.filter((isSet) => isSet).length, 1, 'How many did?')
      })
    },
    { what: 'open', missing: ALONE },
  ),

  marksCase(
    'a namespace has its own',
    async (store, at, { openNamespace }) => {
      await beside(openNamespace?.('another'), async (other) => {
        await store.setMark('a', { text: '1', ifText: null, at })
        expectEqual(await other.mark('a', at), null)
      })
    },
    { what: 'openNamespace', missing: 'No second instance can be opened over another namespace.' },
  ),

  marksCase(
    'a durable store has them when it is opened again',
    async (store, at, { reopen }) => {
      await store.setMark('a', { text: '1', ifText: null, at })
      await beside(reopen?.(), async (again) => expectEqual(await again.mark('a', at), '1'))
    },
    { what: 'reopen', missing: 'The store does not outlive its process.' },
  ),
]
