import type { anApp } from './app.ts'

export const OWN = { origin: 'https://app.example' }
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** A client whose requests are forms; `headers` say where they were made. */
export function formsOf(app: ReturnType<typeof anApp>) {
  const client = app.aClient()
  const request = (headers: Readonly<Record<string, string>> = OWN) => {
    const { headers: given } = client.request({ ...FORM, ...headers })
    return new Request('https://app.example/form', { method: 'POST', headers: given })
  }
  const shown = () => client.visit((session) => session.csrfToken())
  const signIn = () => client.visit(async (session) => session.signIn(await app.sessions.begin('ada')))
  const open = async (headers?: Readonly<Record<string, string>>) => await app.sessions.open(request(headers))
  const check = async (token: unknown, headers?: Readonly<Record<string, string>>) =>
    await (await open(headers)).checkCsrf(token)
  const names = () => [...client.jar.keys()]
  return { ...client, request, shown, signIn, open, check, names }
}

export const GOOD = { allowed: true, reason: null }
export const refused = (reason: string) => ({ allowed: false, reason })
