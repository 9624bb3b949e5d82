import { createContext, useContext } from 'hono/jsx'
import type { Language, Theme } from '../accounts/preferences.ts'
import { type Texts, textsIn } from '../texts/index.ts'

/** What every page needs to know of its visitor. */
export interface Frame {
  readonly language: Language
  /** Null: as the browser prefers. */
  readonly theme: Theme | null
  /** Who is signed in; null where nobody is. */
  readonly name: string | null
  readonly role: string | null
  readonly now: number
  /** Of the page's address, without the base path. */
  readonly path: string
  /** The base path, which the addresses of all pages begin with. */
  readonly base: string
}

const frames = createContext<Frame>({
  language: 'en',
  theme: null,
  name: null,
  role: null,
  now: 0,
  path: '/',
  base: '',
})

export const FrameProvider = frames.Provider

export const useFrame = (): Frame => useContext(frames)

/** The texts in the visitor's language. */
export const useTexts = (): Texts => textsIn(useFrame().language)
