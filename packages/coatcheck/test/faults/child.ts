// What a program that `children.ts` starts does besides its work.

/** Says that all is prepared, and waits until all the others are. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', () => resolve())
    process.send?.({ ready: true })
  })
}

/** Runs the task that the arguments name, and answers what it answers. */
export async function perform<Input>(tasks: Readonly<Record<string, (input: Input) => Promise<unknown>>>) {
  const [name = '', input = ''] = process.argv.slice(2)
  const task = tasks[name]
  if (task === undefined) throw new Error(`There is no task ${name}.`)
  const answer = await task(JSON.parse(input)).then(
    (result) => ({ result: result ?? null }),
    (error: Error) => ({ failed: String(error.stack) }),
  )
  // A long answer is on its way for a while, and would be cut off.
  await new Promise((resolve) => process.send?.(answer, resolve))
  process.disconnect()
}
