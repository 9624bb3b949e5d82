/** The first parts of the paths of all routes: none of them can be that of a base path, or a path could be read in two ways. */
export const OWN_PARTS: ReadonlySet<string> = new Set(
  'account admin api assets dashboard forgot gate healthz login logout readyz reauth reset setup signup verify'.split(
    ' ',
  ),
)
