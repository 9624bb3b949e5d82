// How long pages and commands take, each several times.
import { rmSync } from 'node:fs'
import { medianOf } from '../statistics.ts'
import type { Filled } from './filling.ts'
import { ADMINISTRATOR } from './serving.ts'

/** In milliseconds. */
export interface Timed {
  readonly name: string
  readonly p50: number
  readonly max: number
}

/** The console's pages, and the administrator's own, as they are asked for on a large site. */
const pagesOf = ({ name, userId, sessionId, event }: Filled): readonly string[] => [
  '/admin?period=hour',
  '/admin',
  '/admin?period=month',
  '/admin/users',
  `/admin/users?search=${name}`,
  `/admin/users?search=${name.slice(0, -3)}`,
  '/admin/users?search=nobody-has-this-name',
  `/admin/users?search=${name}%40example.org`,
  `/admin/users?after=${name}`,
  `/admin/users/${userId}`,
  '/admin/sessions',
  `/admin/sessions?name=${name}`,
  '/admin/sessions?address=203.0.113.7',
  '/admin/sessions?device=Firefox',
  '/admin/sessions?state=alive',
  '/admin/sessions?state=revoked',
  `/admin/sessions/${sessionId}`,
  '/admin/policy',
  '/admin/keys',
  '/admin/events',
  `/admin/events?before=${event}`,
  '/admin/events?type=signed-in',
  '/admin/events?type=role-changed',
  `/admin/events?user=${userId}`,
  `/admin/events?user=${userId}&type=ended`,
  `/admin/events?session=${sessionId}`,
  '/dashboard',
  '/account/sessions',
  '/account/activity',
]

async function timed(name: string, runs: number, once: () => Promise<unknown>): Promise<Timed> {
  const took: number[] = []
  for (let run = 0; run < runs; run++) {
    const began = performance.now()
    await once()
    took.push(performance.now() - began)
  }
  return { name, p50: medianOf(took), max: Math.max(...took) }
}

export async function timePages(url: string, filled: Filled, runs: number): Promise<readonly Timed[]> {
  const form = new URLSearchParams(ADMINISTRATOR)
  const answer = await fetch(new URL('/login', url), { method: 'POST', body: form, redirect: 'manual' })
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const rows: Timed[] = []
  for (const path of pagesOf(filled)) {
    const ask = async () => {
      const { status, ...rest } = await fetch(new URL(path, url), { headers: { cookie }, redirect: 'manual' }).then(
        async (page) => ({ status: page.status, text: await page.text() }),
      )
      if (status !== 200) throw new Error(`${path} answers ${status}: ${rest.text.slice(0, 200)}`)
    }
    rows.push(await timed(shown(path, filled), runs, ask))
  }
  return rows
}

/** The same from run to run. */
const shown = (path: string, { userId, sessionId, event }: Filled) =>
  path.replace(userId, 'ID').replace(sessionId, 'ID').replace(String(event), 'N')

/** `copy`: where a backup may be written, and is removed again. */
export async function timeCommands(
  run: (args: readonly string[]) => Promise<unknown>,
  { name, sessionId }: Filled,
  copy: string,
  runs: number,
): Promise<readonly Timed[]> {
  const commands: readonly (readonly string[])[] = [
    ['--version'],
    ['sessions', 'list', name],
    ['sessions', 'show', sessionId],
    ['sessions', 'stats'],
    ['sessions', 'sweep'],
    ['users', 'list'],
    ['keys', 'list'],
    ['doctor'],
    ['backup', copy],
  ]
  const rows: Timed[] = []
  for (const args of commands) {
    const once = async () => {
      await run(args)
      rmSync(copy, { force: true })
    }
    const known = args.join(' ').replace(sessionId, 'ID').replace(copy, 'FILE')
    // What reads the whole database takes seconds, and says the same each time.
    rows.push(
      await timed(`coatcheck ${known}`, ['doctor', 'backup'].includes(known.split(' ')[0] ?? '') ? 2 : runs, once),
    )
  }
  return rows
}
