import type { MarkChange } from '../../core/store/capabilities.ts'
import { isOver } from '../rules.ts'
import type { Engine } from './clients.ts'
import type { Keys } from './keys.ts'
import type { Scripts } from './running.ts'
import { decodeOptional, encodeOptional, SEPARATOR } from './text.ts'

/** Marks: each a string, until when it counts and its text. */
export class Marks {
  readonly #engine: Engine
  readonly #scripts: Scripts
  readonly #keys: Keys

  constructor(engine: Engine, scripts: Scripts, keys: Keys) {
    this.#engine = engine
    this.#scripts = scripts
    this.#keys = keys
  }

  async textOf(name: string, at: number): Promise<string | null> {
    const key = this.#keys.mark(name)
    const value = await this.#engine.send(key, 'GET', key)
    if (value === null) return null
    const [until = '', text = ''] = String(value).split(SEPARATOR)
    return isOver(until === '' ? null : Number(until), at) ? null : decodeOptional(text)
  }

  async set(name: string, { text, ifText, at, until }: MarkChange): Promise<boolean> {
    const args = [String(at), encodeOptional(ifText), encodeOptional(text), until === undefined ? '' : String(until)]
    const [outcome] = await this.#scripts.run('setMark', [this.#keys.mark(name)], args)
    return outcome !== 'other'
  }
}
