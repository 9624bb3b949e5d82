import { DataError } from '../../errors.ts'
import type { Context } from './context.ts'

/** Holds data to the schema that the application gave, if any. @throws DataError with fault `schema` */
export async function validate(ctx: Context, data: Readonly<Record<string, unknown>>): Promise<void> {
  const { schema } = ctx.settings
  if (schema === null) return
  const { issues } = await schema['~standard'].validate({ ...data })
  const issue = issues?.[0]
  if (issue === undefined) return
  const path = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step))
  const where = path.length === 0 ? 'data' : path.join('.')
  throw new DataError('schema', path[0] ?? null, path.join('.'), `session.data: '${where}' does not fit the schema.`)
}
