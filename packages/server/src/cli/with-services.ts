import type { withServices as open } from './opening.ts'

/** As `opening.ts` has it, which is loaded now: it takes most of a command's start, and no help needs it. */
export const withServices: typeof open = async (work, options) => {
  const opening = await import('./opening.ts')
  await opening.withServices(work, options)
}
