/** Of how many things a process warns; beyond that somebody makes them up. */
const MOST = 100

export type WarnOnce = (text: string, key?: string) => void

/** Says each text once; of those with one `key`, which hold what came with a request, the first alone. */
export function makeWarnOnce(warn: (text: string) => void): WarnOnce {
  const warned = new Set<string>()
  return function warnOnce(text, key = text) {
    if (warned.has(key) || warned.size >= MOST) return
    warned.add(key)
    warn(text)
  }
}
