import { readSlot, type SessionSlot } from '../http/slots.ts'
import { bearerText, type CookieSet, type RequestLike } from '../http/transport.ts'
import type { Kind, SlotRule } from '../kind.ts'

/** Texts of one slot that a request's cookies hold, and whose they are. */
export interface Candidate {
  readonly kind: Kind
  readonly slot: 'signed-in' | 'anonymous'
  /** Several where somebody tossed a cookie. */
  readonly texts: readonly string[]
  readonly access: readonly string[]
}

/** The kinds of one `createSessions`: the first begins sessions, all open theirs. */
export interface Kinds {
  readonly main: Kind
  /** In the order in which they are asked. */
  readonly candidates: (header: string, cookies: CookieSet) => readonly Candidate[]
  /** The text of `Authorization: Bearer` where a kind owns it; anything else is none of our business. */
  readonly bearer: (request: RequestLike) => { readonly kind: Kind; readonly text: string } | null
  /** Whether a `Cookie` header holds a session's cookie, whatever it is worth. */
  readonly hasCookie: (header: string, cookies: CookieSet) => boolean
  /** Into how many cookies the texts of a slot may be split. */
  readonly chunksOf: (slot: SessionSlot) => number
  /** The slots that go with a session which ends: the signed-in one's, or the anonymous one's. */
  readonly slotsWith: (slot: 'signed-in' | 'anonymous') => readonly SessionSlot[]
}

const NONE: readonly string[] = []
const MAX_CHUNKS = 3

type CarryingRule = SlotRule & { readonly slot: 'signed-in' | 'anonymous' }

function carries(rule: SlotRule): rule is CarryingRule {
  return rule.slot !== 'access'
}

/** The first one begins sessions. */
export function makeKinds(all: readonly Kind[]): Kinds {
  const [main] = all
  if (main === undefined) throw new RangeError('there is no kind of session')
  const chunks = new Map<SessionSlot, number>()
  for (const rule of all.flatMap(({ slots }) => slots)) {
    if (!(rule.chunks >= 1 && rule.chunks <= MAX_CHUNKS)) {
      throw new RangeError(`a text is split into 1 to ${MAX_CHUNKS} chunks`)
    }
    chunks.set(rule.slot, Math.max(rule.chunks, chunks.get(rule.slot) ?? 1))
  }
  const ofSignedIn: readonly SessionSlot[] = chunks.has('access') ? ['signed-in', 'access'] : ['signed-in']
  const isAlone = all.length === 1
  const rules = all.map((kind) => ({
    kind,
    carrying: kind.slots.filter(carries),
    access: kind.slots.find(({ slot }) => slot === 'access'),
  }))

  /** A text that no kind owns is a damaged one of the first kind. */
  function ownerOf(text: string): Kind | undefined {
    return all.find((one) => one.owns(text)) ?? main
  }

  function textsIn(header: string, cookies: CookieSet, kind: Kind, rule: SlotRule): readonly string[] {
    const texts = readSlot(header, cookies.slots[rule.slot].name, rule.chunks)
    return texts.length === 0 || isAlone ? texts : texts.filter((text) => ownerOf(text) === kind)
  }

  return {
    main,
    candidates(header, cookies) {
      const found: Candidate[] = []
      for (const { kind, carrying, access } of rules) {
        for (const rule of carrying) {
          const texts = textsIn(header, cookies, kind, rule)
          if (texts.length === 0) continue
          const beside = access === undefined ? NONE : textsIn(header, cookies, kind, access)
          found.push({ kind, slot: rule.slot, texts, access: beside })
        }
      }
      return found
    },
    bearer(request) {
      const text = bearerText(request)
      const kind = text === null ? undefined : all.find((one) => one.owns(text))
      return text === null || kind === undefined ? null : { kind, text }
    },
    hasCookie: (header, cookies) =>
      rules.some(({ kind, carrying }) => carrying.some((rule) => textsIn(header, cookies, kind, rule).length > 0)),
    chunksOf: (slot) => chunks.get(slot) ?? 1,
    slotsWith: (slot) => (slot === 'signed-in' ? ofSignedIn : [slot]),
  }
}
