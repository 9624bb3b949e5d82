/** Headers that protect the client whatever the answer is, or let a page of another origin read it. */
const PROTECTIVE =
  /^(?:content-security-policy(?:-report-only)?|strict-transport-security|x-content-type-options|x-frame-options|referrer-policy|permissions-policy|cross-origin-[a-z-]+|access-control-[a-z-]+)$/

/** Whether an error's answer is to keep a header of the answer that it replaces; `name` in lower case. */
export function isProtective(name: string): boolean {
  return PROTECTIVE.test(name)
}

/** Takes such headers over into the answer that is given instead. */
export function keepProtective(from: Response, to: Response): void {
  for (const [name, value] of from.headers) if (isProtective(name)) to.headers.set(name, value)
}
