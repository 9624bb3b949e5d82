import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cookieJar } from 'coatcheck/testing'
import { expect } from 'vitest'

const folder = dirname(dirname(fileURLToPath(import.meta.url)))

/** Every example that there is, by the name that its command takes. */
export const examples = readdirSync(folder)
  .filter((file) => /(?<!\.d)\.c?ts$|\.cjs$/.test(file))
  .map((file) => file.replace(/\.\w+$/, ''))

export interface RunningExample {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Starts an example by its command, on a free port, and waits for the address that it prints. */
export async function startExample(name: string): Promise<RunningExample> {
  const run = join(dirname(folder), 'scripts', 'run.mjs')
  const child = spawn(process.execPath, [run, 'example', name], { env: { ...process.env, PORT: '0' } })
  const url = await addressOf(child)
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const found = /^http:\S+$/m.exec(output)?.[0]
        if (found !== undefined) resolve(found)
      })
    }
    child.once('close', (code) => reject(new Error(`The example ended with ${code}: ${output}`)))
  })
}

export type Fields = Readonly<Record<string, string>>

/** What a browser shows, and what it does not. */
export interface Shown {
  readonly status: number
  readonly text: string
  readonly location: string | null
  readonly headers: Headers
}

/** A person at a browser, who goes to pages and sends forms; redirects are not followed. */
export interface Browser {
  readonly get: (path: string) => Promise<Shown>
  readonly post: (path: string, fields?: Fields) => Promise<Shown>
  /** A page of another site sends a form of its own making with this browser's cookies. */
  readonly lure: (path: string, fields?: Fields) => Promise<Shown>
  /** A thief, who has copied the cookies that are there now. */
  readonly copy: () => Browser
  readonly cookieNames: () => string[]
}

export function browser(url: string, jar = cookieJar()): Browser {
  // A server that has not read all of a body closes the connection, perhaps while the next request is on its way.
  const document = { accept: 'text/html', 'sec-fetch-dest': 'document', connection: 'close' }
  async function send(path: string, headers: Fields, form?: Fields): Promise<Shown> {
    const address = new URL(path, url)
    const cookie = jar.header(address)
    const response = await fetch(address, {
      redirect: 'manual',
      headers: { ...document, ...headers, ...(cookie !== null && { cookie }) },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    expect(jar.take(address, response.headers.getSetCookie())).toEqual([])
    const { status } = response
    return {
      status,
      text: await response.text(),
      location: response.headers.get('location'),
      headers: response.headers,
    }
  }
  const own = { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' }
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  return {
    get: (path) => send(path, { 'sec-fetch-site': 'same-origin' }),
    post: (path, fields = {}) => send(path, own, fields),
    lure: (path, fields = {}) => send(path, foreign, fields),
    copy: () => browser(url, jar.copy()),
    cookieNames: () => jar.cookies().map(({ name }) => name),
  }
}
