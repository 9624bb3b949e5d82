import type { Context } from 'hono'
import { z } from 'zod'
import type { Environment } from './environment.ts'

const LONGEST_FIELD = 4_096

/** Anything else than one text, a file or a repeated field, counts as nothing typed; of a text that is too long the rest is not read. */
const field = z
  .string()
  .transform((text) => text.slice(0, LONGEST_FIELD))
  .catch('')

/** What was typed into the named fields of a form. Hostile input reads as empty fields. */
export async function readFields<Name extends string>(
  c: Context<Environment>,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const form = await readForm(c)
  const entries = names.map((name) => [name, field.parse(single(form, name))])
  return Object.fromEntries(entries) as Record<Name, string>
}

/** The texts of a field that may be there many times, such as boxes that were ticked; what is beyond `most` is not read. */
export async function readRepeated(c: Context<Environment>, name: string, most: number): Promise<readonly string[]> {
  const form = await readForm(c)
  return form
    .getAll(name)
    .slice(0, most)
    .map((value) => field.parse(value))
}

/** Every field of a form with its text, in order. A file counts as nothing typed. */
export async function readEntries(c: Context<Environment>): Promise<readonly (readonly [string, string])[]> {
  const form = await readForm(c)
  return [...form].map(([name, value]) => [name, typeof value === 'string' ? value : ''])
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
