import type { Search } from '../../../coatcheck/test/leaks/search.ts'
import { Client, type Fields } from '../running.ts'

/** What a server said, by the kind of thing in which it said it. */
export class Recording {
  readonly #texts = new Map<string, string[]>()

  add(place: string, text: string): void {
    this.#texts.set(place, [...(this.#texts.get(place) ?? []), text])
  }

  get places(): readonly (readonly [place: string, bytes: Buffer])[] {
    return [...this.#texts].map(([place, texts]) => [place, Buffer.from(texts.join('\n'))])
  }
}

/** A client that records whatever it is answered, and has each token that it is given looked for from then on. */
export class RecordedClient extends Client {
  readonly #recording: Recording
  readonly #search: Search
  /** How many tokens it was given. */
  tokens = 0

  constructor(base: string, recording: Recording, search: Search, headers: Fields = {}) {
    super(base, headers)
    this.#recording = recording
    this.#search = search
  }

  override async request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await super.request(path, init)
    for (const line of response.headers.getSetCookie())
      this.#lookFor(line.slice(line.indexOf('=') + 1).split(';')[0] ?? '')
    for (const [name, value] of response.headers) {
      if (name !== 'set-cookie') this.#recording.add('headers', `${name}: ${value}`)
    }
    // Whose end nobody waits for: it is recorded as far as it has come.
    if (response.headers.get('content-type') === 'text/event-stream') return response
    this.#recording.add(path.startsWith('/api/') ? 'api' : 'pages', await response.clone().text())
    return response
  }

  /** The token, and what of it nobody else may know: the secret and the tag. */
  #lookFor(token: string): void {
    if (token === '') return
    this.#search.addText(token)
    // Other cookies than the session's have other parts.
    if (!token.startsWith('cc1.')) return
    this.tokens++
    const [, , random = '', tag = ''] = token.split('.')
    this.#search.addSecret(random.slice(-43))
    this.#search.addSecret(tag)
  }

  async json(method: string, path: string, body?: unknown): Promise<Response> {
    const given =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return await this.request(`/api/${path}`, { method, ...given })
  }
}
