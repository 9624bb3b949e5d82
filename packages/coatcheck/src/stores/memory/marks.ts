import type { MarkChange } from '../../core/store/capabilities.ts'
import { isOver, settledMark } from '../rules.ts'

interface Mark {
  readonly text: string
  readonly until: number | undefined
}

/** The marks of a namespace. What is over goes at the next change. */
export class Marks {
  readonly #marks = new Map<string, Mark>()

  textOf(name: string, at: number): string | null {
    const mark = this.#marks.get(name)
    return mark === undefined || isOver(mark.until, at) ? null : mark.text
  }

  set(name: string, change: MarkChange): boolean {
    const settled = settledMark(this.textOf(name, change.at), change)
    if (settled !== null) return settled
    for (const [other, { until }] of this.#marks) if (isOver(until, change.at)) this.#marks.delete(other)
    this.#marks.set(name, { text: change.text, until: change.until })
    return true
  }
}
