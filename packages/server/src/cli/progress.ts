/** How far something is that takes long. */
export interface Progress {
  /** `total` 0: nobody knows how much it will be. */
  readonly at: (done: number, total: number) => void
  /** Takes the bar away. */
  readonly end: () => void
}

const WIDTH = 30
const CLEAR = '\r\u001B[K'

/** Draws on a terminal, over itself; elsewhere it is silent. */
export function openProgress(what: string, stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>): Progress {
  let drawn = ''
  const draw = (text: string) => {
    if (!stream.isTTY || text === drawn) return
    drawn = text
    stream.write(`${CLEAR}${text}`)
  }
  return {
    at(done, total) {
      if (total <= 0) return draw(`${what}  ${done}`)
      const share = Math.min(1, Math.max(0, done / total))
      const filled = Math.round(share * WIDTH)
      draw(`${what}  [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${Math.floor(share * 100)} %`)
    },
    end() {
      if (drawn !== '') stream.write(CLEAR)
      drawn = ''
    },
  }
}
