import { makeApp } from '../src/app.tsx'
import type { Services } from '../src/environment.ts'

/**
 * The paths of the app's own table, so that no route is forgotten, with each of the values in the place of a parameter; of one
 * method where that is said. What middleware is for stands in the table as a pattern: any path will do.
 */
export function pathsOf(
  services: Services,
  values: readonly string[],
  method: string | null = null,
): readonly string[] {
  const rows = makeApp(services).routes.filter((row) => method === null || row.method === method)
  const filled = rows.flatMap(({ path }) =>
    path.includes(':') ? values.map((value) => path.replaceAll(/:\w+(?:\{[^}]*\})?/g, () => value)) : [path],
  )
  return [...new Set(filled.map((path) => path.replaceAll('*', 'any/where')))]
}
