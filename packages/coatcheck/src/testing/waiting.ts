import { runtime } from '#runtime'
import { expectTrue } from './assert.ts'

/** Milliseconds between two looks, and how many there are at most. */
const PAUSE = 5
const LOOKS = 600

/** A moment of real time, whatever the clock of a case says. */
export async function aMoment(milliseconds = PAUSE): Promise<void> {
  await new Promise<void>((resolve) => runtime.after(milliseconds, resolve, true))
}

/** Waits for what happens by itself; fails with `what` where it does not within three seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let look = 0; !condition(); look++) {
    expectTrue(look < LOOKS, what)
    await aMoment()
  }
}
