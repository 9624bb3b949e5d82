/** The charts of the console's overview. */
export interface ConsoleChartsTexts {
  readonly periods: { readonly hour: string; readonly day: string; readonly month: string }
  readonly period: string
  /** That times are those of UTC. */
  readonly utc: string
  readonly numbers: (title: string) => string
  readonly time: string
  readonly total: string
  readonly most: string
  readonly notYet: string
  readonly alive: {
    readonly title: string
    readonly none: string
    readonly signedIn: string
    readonly anonymous: string
  }
  readonly signIns: { readonly title: string; readonly none: string; readonly good: string; readonly failed: string }
  readonly endings: { readonly title: string; readonly none: string }
  readonly refusals: { readonly title: string; readonly none: string; readonly foreign: string }
  readonly latency: {
    readonly title: string
    readonly none: string
    readonly median: string
    readonly p99: string
    readonly longest: string
  }
  readonly others: string
  readonly happened: string
  readonly happenedNone: string
}
