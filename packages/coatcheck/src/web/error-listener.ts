/** The developer's, who has not said whom else to tell. */
export function tellOnConsole(error: unknown): void {
  console.error(error)
}

/** Tells the application of errors. What its listener throws goes to the console: it would end the process, or cost the answer. */
export function telling<Request>(
  onError: (error: unknown, request: Request) => void = tellOnConsole,
): (error: unknown, request: Request) => void {
  return function tell(error, request) {
    try {
      onError(error, request)
    } catch (fault) {
      tellOnConsole(fault)
    }
  }
}
