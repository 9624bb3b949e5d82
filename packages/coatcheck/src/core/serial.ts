/** Runs tasks of one key one after the other, in the order of arrival; tasks of different keys at once. */
export interface Serial {
  readonly run: <T>(key: string, task: () => Promise<T>) => Promise<T>
}

export function makeSerial(): Serial {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run(key, task) {
      const before = tails.get(key)
      const result = before === undefined ? task() : before.then(task, task)
      tails.set(key, result)
      const forget = () => {
        if (tails.get(key) === result) tails.delete(key)
      }
      result.then(forget, forget)
      return result
    },
  }
}
