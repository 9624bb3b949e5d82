import type { Audit } from '../audit/audit.ts'
import { type Log, noticeOutage } from '../log.ts'
import type { Figures } from '../measuring/figures.ts'
import { type Attempts, LONGEST_WINDOW } from './attempts.ts'
import type { Codes } from './codes.ts'
import type { SentForms } from './sent-forms.ts'

interface Swept {
  readonly codes: Pick<Codes, 'sweep'>
  readonly attempts: Pick<Attempts, 'sweep'>
  readonly audit: Pick<Audit, 'sweep'>
  readonly figures: Pick<Figures, 'sweep'>
  readonly sentForms: Pick<SentForms, 'sweep'>
  readonly log: Log
}

/**
 * Removes codes, attempts, forms that were sent, entries of the audit log and figures that no longer count, again and again, each time after
 * `every` milliseconds give or take a quarter, so that several servers do not act in step. Until the answer is called, which
 * waits for the batch that is under way.
 */
export function startSweeping(
  { codes, attempts, audit, figures, sentForms, log }: Swept,
  every: number,
): () => Promise<void> {
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  const stopping = new AbortController()
  const { signal } = stopping
  const sweep = async () => {
    try {
      await codes.sweep(signal)
      await sentForms.sweep(signal)
      await attempts.sweep(Date.now() - LONGEST_WINDOW, signal)
      await audit.sweep(signal)
      await figures.sweep()
    } catch (error) {
      if (error instanceof Error && !noticeOutage(log, error)) log.fault('sweeping', 'accounts', error)
    }
    schedule()
  }
  const schedule = () => {
    if (signal.aborted) return
    timer = setTimeout(
      () => {
        running = sweep()
      },
      every * (0.75 + Math.random() / 2),
    ).unref()
  }
  schedule()
  return async () => {
    stopping.abort()
    if (timer !== null) clearTimeout(timer)
    await running
  }
}
