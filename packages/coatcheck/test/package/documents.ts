// The documents of the repository, read once.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Documents } from './docs.ts'
import { filesBelow, root, textOf } from './workspace.ts'

const paths = [
  ...readdirSync(root),
  ...filesBelow('docs'),
  ...filesBelow('examples'),
  ...readdirSync(join(root, 'packages')).flatMap((name) =>
    readdirSync(join(root, 'packages', name)).map((file) => `packages/${name}/${file}`),
  ),
].filter((path) => path.endsWith('.md'))
export const documents: Documents = new Map(paths.map((path) => [path, textOf(path)]))
/** Empty where there is no such document. */
export const textAt = (path: string) => documents.get(path) ?? ''
