import { type Log, noticeOutage } from './log.ts'

/** Work that nobody waits for, so that how long it takes tells nobody what it was. */
export interface Background {
  /** Begins it when there is room. It may fail: that is the operator's to know, and nobody else's. */
  readonly run: (name: string, task: () => Promise<void>) => void
  /** Answers when nothing is left to do, or after so many milliseconds. */
  readonly settled: (longest: number) => Promise<void>
}

const AT_ONCE = 4
/** By then the answer is on its way, and is not late by what the work costs. In milliseconds. */
const DELAY = 50
const LONGEST_QUEUE = 200

export function makeBackground(log: Log): Background {
  const waiting: (() => Promise<void>)[] = []
  const idle = new Set<() => void>()
  let running = 0
  const next = () => {
    const task = running < AT_ONCE ? waiting.shift() : undefined
    if (task !== undefined) {
      running++
      void task().finally(() => {
        running--
        next()
      })
    }
    if (running === 0) for (const tell of idle) tell()
  }
  return {
    run(name, task) {
      if (waiting.length >= LONGEST_QUEUE) return log.notice('background-full', name)
      waiting.push(async () => {
        try {
          await task()
        } catch (error) {
          if (error instanceof Error && !noticeOutage(log, error)) log.fault('background', name, error)
        }
      })
      setTimeout(next, DELAY)
    },
    async settled(longest) {
      if (running === 0 && waiting.length === 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longest)
        idle.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    },
  }
}
