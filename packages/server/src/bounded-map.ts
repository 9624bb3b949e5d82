/**
 * Puts an entry behind all others of a map, and takes out the first where there are more than `most`: so a map of what comes
 * from outside stays bounded, and holds what was put in last.
 */
export function putLast<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [first = key] = map.keys()
  if (map.size > most) map.delete(first)
}
