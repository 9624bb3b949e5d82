// What a run says about itself: numbered steps with the seconds they took.

/** A failure that one sentence explains; it is shown without a stack. */
export class Trouble extends Error {}

/** @param {number} from milliseconds of `performance.now()` */
export const secondsSince = (from) => `${((performance.now() - from) / 1000).toFixed(1)} s`

/**
 * Prints `[2/6] Title`, runs the step, and prints how it went and how long it took.
 * The caller names the number of steps, so that a reader knows how far it is.
 */
export class Progress {
  #total
  #stream
  #current = 0

  /**
   * @param {number} total
   * @param {NodeJS.WriteStream} stream where to print; standard error where standard output belongs to a program
   */
  constructor(total, stream) {
    this.#total = total
    this.#stream = stream
  }

  /** @param {string} text */
  say(text) {
    this.#stream.write(`${text.replaceAll(/^(?=.)/gm, '      ')}\n`)
  }

  /** @param {string} text printed as it comes, by a step whose output is of interest while it runs */
  pass(text) {
    this.#stream.write(text)
  }

  /**
   * @template T
   * @param {string} title
   * @param {() => Promise<T>} work a thrown error ends the step as failed and is thrown on
   * @param {(result: T) => string} [describe] how it went, in a few words; `ok` without it
   * @returns {Promise<T>}
   */
  async step(title, work, describe = () => 'ok') {
    this.#current += 1
    this.#stream.write(`[${this.#current}/${this.#total}] ${title}\n`)
    const from = performance.now()
    try {
      const result = await work()
      this.say(`${describe(result)} (${secondsSince(from)})`)
      return result
    } catch (error) {
      this.say(`failed (${secondsSince(from)})`)
      throw error
    }
  }
}
