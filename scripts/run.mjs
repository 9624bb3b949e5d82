// The entry of every npm script: makes a fresh clone ready, then runs the rest on the right Node.
// This file and the .mjs files beside it are plain JavaScript for Node 20 without dependencies,
// because they have to work before anything is installed.
import { Trouble } from './progress.mjs'

/** Task name → the module that carries it out, by its `main(args)`, which answers the exit code. */
const tasks = {
  start: './start.mjs',
  dev: './dev.mjs',
  build: './build.mjs',
  check: './check.mjs',
  format: './format.mjs',
  test: './test.mjs',
  prove: './program.mjs',
  soak: './program.mjs',
  bench: './program.mjs',
}

const [task = '', ...args] = process.argv.slice(2)
const module = Object.hasOwn(tasks, task) ? tasks[/** @type {keyof typeof tasks} */ (task)] : undefined

if (module === undefined) {
  console.error(`Unknown task '${task}'. Known: ${Object.keys(tasks).join(', ')}.`)
  process.exitCode = 2
} else {
  try {
    const { main } = await import(module)
    process.exitCode = await main(args, task)
  } catch (error) {
    // A Trouble is a sentence for the reader; anything else is a fault of these scripts and keeps its stack.
    console.error(error instanceof Trouble ? `\n${error.message}` : error)
    process.exitCode = 1
  }
}
