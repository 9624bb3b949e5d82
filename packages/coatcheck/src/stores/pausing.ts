import { runtime } from '#runtime'

/** Milliseconds of real time. `hold`: a caller waits for what follows, so the process has to live until then. */
export async function pause(milliseconds: number, hold: boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    runtime.after(milliseconds, resolve, hold)
  })
}
