import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { SCRIPT } from '../../../src/pages/assets.ts'

type Listener = (this: unknown, event: unknown) => unknown

/** The script of an open page, with a browser around it that does what the test says. */
function aPage(status: number, retryAfter: string | null) {
  const opened: { readyState: number; readonly listeners: Map<string, Listener>; readonly close: () => void }[] = []
  const timers: { readonly run: () => void; readonly delay: number }[] = []
  const asked: (readonly [string, unknown])[] = []
  class EventSource {
    static readonly CLOSED = 2
    readonly listeners = new Map<string, Listener>()
    readyState = 1
    constructor() {
      opened.push(this)
    }
    addEventListener(name: string, listener: Listener) {
      this.listeners.set(name, listener)
    }
    close() {
      this.readyState = 2
    }
  }
  const onPage = new Map<string, Listener>()
  // A script in a context of its own is no module, so its place is put in by hand.
  runInNewContext(SCRIPT.replaceAll('import.meta.url', JSON.stringify('https://shop.example/auth/assets/over.js')), {
    URL,
    EventSource,
    Response,
    document: {
      visibilityState: 'visible',
      getElementById: () => ({ hidden: true, firstElementChild: {} }),
      addEventListener: () => undefined,
    },
    addEventListener: (name: string, listener: Listener) => onPage.set(name, listener),
    setTimeout: (run: () => void, delay: number) => timers.push({ run, delay }),
    clearTimeout: () => undefined,
    fetch: async (url: URL, options: unknown) => {
      asked.push([url.href, options])
      return new Response(null, { status, headers: retryAfter === null ? {} : { 'retry-after': retryAfter } })
    },
  })
  onPage.get('pageshow')?.call(null, {})
  const refuse = async (readyState: number) => {
    const last = opened.at(-1)
    if (last === undefined) throw new Error('no stream was opened')
    last.readyState = readyState
    await last.listeners.get('error')?.call(last, {})
  }
  return { opened, timers, asked, refuse }
}

it('an open page whose stream is refused for now asks again after the time that it is told', async () => {
  const { opened, timers, asked, refuse } = aPage(503, '42')
  await refuse(2)
  expect(asked).toEqual([['https://shop.example/auth/account/events', { method: 'HEAD' }]])
  expect(timers.map(({ delay }) => delay)).toEqual([42_000])
  timers[0]?.run()
  expect(opened).toHaveLength(2)
})

it('and no more where there is nothing to wait for; what was lost, the browser itself asks for again', async () => {
  const over = aPage(204, null)
  await over.refuse(2)
  expect(over.timers).toEqual([])
  const lost = aPage(503, null)
  await lost.refuse(0)
  expect([lost.asked, lost.timers]).toEqual([[], []])
})
