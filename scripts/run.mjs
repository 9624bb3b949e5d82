// The entry of every npm script: makes a fresh clone ready, then runs the rest on the right Node.
// This file and the .mjs files beside it are plain JavaScript for Node 20 without dependencies,
// because they have to work before anything is installed.
import { Trouble } from './progress.mjs'

/** Task name → the module that carries it out, by its `main(args, task)`, which answers the exit code. */
const tasks = {
  start: () => import('./start.mjs'),
  coatcheck: () => import('./start.mjs'),
  dev: () => import('./dev.mjs'),
  example: () => import('./example.mjs'),
  build: () => import('./build.mjs'),
  check: () => import('./check.mjs'),
  docs: () => import('./docs.mjs'),
  format: () => import('./format.mjs'),
  test: () => import('./test.mjs'),
  prove: () => import('./program.mjs'),
  mutate: () => import('./program.mjs'),
  soak: () => import('./program.mjs'),
  bench: () => import('./program.mjs'),
  sizes: () => import('./program.mjs'),
}

const [task = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(tasks, task) ? tasks[/** @type {keyof typeof tasks} */ (task)] : undefined

if (load === undefined) {
  console.error(`Unknown task '${task}'. Known: ${Object.keys(tasks).join(', ')}.`)
  process.exitCode = 2
} else {
  try {
    const { main } = await load()
    process.exitCode = await main(args, task)
  } catch (error) {
    // A Trouble is a sentence for the reader; anything else is a fault of these scripts and keeps its stack.
    console.error(error instanceof Trouble ? `\n${error.message}` : error)
    process.exitCode = 1
  }
}
