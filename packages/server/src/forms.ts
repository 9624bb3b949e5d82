import type { Context } from 'hono'
import { z } from 'zod'
import type { Environment } from './environment.ts'

const LONGEST_FIELD = 4_096

/** Anything else than one text, a file or a repeated field, counts as nothing typed. */
const field = z.string().max(LONGEST_FIELD).catch('')
const credentials = z.object({ username: field, password: field, next: field })

/** What was typed into a form with name and password. Hostile input reads as empty fields. */
export async function readCredentials(c: Context<Environment>) {
  const form = await readForm(c)
  return credentials.parse(
    Object.fromEntries(['username', 'password', 'next'].map((name) => [name, single(form, name)])),
  )
}

async function readForm(c: Context<Environment>): Promise<FormData> {
  try {
    return await c.req.formData()
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return new FormData()
    throw error
  }
}

function single(form: FormData, name: string): unknown {
  const values = form.getAll(name)
  return values.length === 1 ? values[0] : undefined
}
