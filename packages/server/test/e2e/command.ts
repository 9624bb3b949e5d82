import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { environmentOfTests } from './process.ts'

const program = fileURLToPath(new URL('../../dist/coatcheck.js', import.meta.url))

/** Runs the built command to its end, with `input` piped in. */
export async function coatcheck(data: string, args: readonly string[], input = '', settings: NodeJS.ProcessEnv = {}) {
  const env = { ...environmentOfTests(), COATCHECK_DATA: data, ...settings }
  const child = spawn(process.execPath, [program, ...args], { env })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    texts.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    texts.err += String(chunk)
  })
  child.stdin.end(input)
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, ...texts }
}
