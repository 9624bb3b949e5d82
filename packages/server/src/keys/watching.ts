import { stat } from 'node:fs/promises'
import { readKeyFile } from '../data-folder.ts'

const INTERVAL = 1_000

export interface KeyWatch {
  /** Looks no more; answers when nothing of it is under way. */
  readonly close: () => Promise<void>
}

/**
 * Looks about every second whether the key file was changed, and gives its keys to `takeUp` where they are other ones than
 * `present`. What goes wrong is told to `failed`, and tried again. Keeps no process alive.
 */
export function watchKeys(
  path: string,
  present: string,
  { takeUp, failed }: { readonly takeUp: (keys: string) => Promise<void>; readonly failed: (error: unknown) => void },
  every = INTERVAL,
): KeyWatch {
  let keys = present
  /** Null until the file was looked into once: it may have changed since `present` was read. */
  let stamp: string | null = null
  let looking: Promise<void> | null = null

  async function look(): Promise<void> {
    const seen = await stampOf(path)
    if (seen === stamp) return
    const found = await readKeyFile(path)
    if (found !== keys) {
      await takeUp(found)
      keys = found
    }
    stamp = seen
  }

  const timer = setInterval(() => {
    looking ??= look()
      .catch(failed)
      .finally(() => {
        looking = null
      })
  }, every)
  timer.unref()

  return {
    async close() {
      clearInterval(timer)
      await looking
    },
  }
}

/** What differs where a file was exchanged or written to. */
async function stampOf(path: string): Promise<string> {
  const { ino, size, mtimeMs, ctimeMs } = await stat(path)
  return [ino, size, mtimeMs, ctimeMs].join(' ')
}
