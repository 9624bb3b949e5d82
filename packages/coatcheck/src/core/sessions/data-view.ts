import { decodeData, encodeValue } from '../record/data.ts'
import type { Context } from './context.ts'
import { readOnlyView } from './read-only.ts'
import { recordOf, type SessionState } from './state.ts'

/** The application's object, made when it is first asked for. */
export function dataOf({ settings }: Context, state: SessionState): Record<string, unknown> {
  const { view } = state
  if (view.object !== null) return view.object
  if (view.unreadable !== null) throw view.unreadable
  const texts = recordOf(state)?.data ?? view.base
  const initial = settings.initial?.() ?? null
  if (initial !== null) {
    const filled = Object.entries(initial).filter(([key, value]) => value !== undefined && !texts.has(key))
    view.initial = new Map(filled.map(([key, value]) => [key, encodeValue(value, key, settings.limits)]))
  }
  view.base = texts
  const object = decodeData(texts, initial)
  view.object = state.readOnly ? readOnlyView(object) : object
  return view.object
}
