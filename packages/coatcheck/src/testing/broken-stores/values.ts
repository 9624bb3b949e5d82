import type { SessionRecord } from '../../core/record/record.ts'
import type { Store } from '../../core/store/store.ts'
import { type Bench, type BrokenStore, broken } from './bench.ts'

/** How a store may spoil what passes through it: each is applied on the way in. */
interface Spoiler {
  readonly text?: (text: string) => string
  readonly key?: (key: string) => string
  readonly id?: (id: string) => string
  readonly user?: (userId: string) => string
  readonly other?: (text: string) => string
  readonly time?: (ms: number) => number
}

const same = <T>(value: T): T => value

export const brokenValues: readonly BrokenStore[] = [
  spoiling('values parsed by the engine', ['opaque: JSON texts are returned as they were given'], {
    text: (text) => {
      try {
        return JSON.stringify(JSON.parse(text))
      } catch {
        return text
      }
    },
  }),
  spoiling('values that have to be JSON', ['opaque: texts that are no JSON are returned as they were given'], {
    text: (text) => {
      try {
        JSON.parse(text)
        return text
      } catch {
        return 'null'
      }
    },
  }),
  spoiling('values cut at 32 kB', ['opaque: JSON texts are returned as they were given'], {
    text: (text) => text.slice(0, 32_768),
  }),
  spoiling('values cut at 64 kB', ['opaque: a text of 200 kB'], { text: (text) => text.slice(0, 65_535) }),
  spoiling('values cut at NUL', ['opaque: texts that are no JSON are returned as they were given'], {
    text: (text) => text.split('\0')[0] ?? '',
  }),
  spoiling('keys merged by dots', ['opaque: keys are any strings', 'opaque: a key is itself and no other'], {
    key: (key) => key.split('.')[0] ?? '',
  }),
  spoiling('keys in UTF-8', ['opaque: keys are any strings', 'opaque: a key is itself and no other'], {
    key: (key) => key.toWellFormed(),
  }),
  spoiling('keys of 200 characters', ['opaque: 256 keys of 250 characters'], { key: (key) => key.slice(0, 200) }),
  spoiling('keys in a plain object', ['opaque: keys are any strings'], {
    key: (key) => (key === '__proto__' ? 'constructor' : key),
  }),
  spoiling('ids in UTF-8', ['opaque: ids are any strings'], { id: (id) => id.toWellFormed() }),
  spoiling('ids without case', ['opaque: ids are any strings'], { id: (id) => id.toLowerCase() }),
  spoiling('users cut at NUL', ['opaque: users are any strings'], { user: (userId) => userId.split('\0')[0] ?? '' }),
  spoiling('users normalised', ['opaque: users are any strings'], { user: (userId) => userId.normalize('NFC') }),
  spoiling('notes trimmed', ['opaque: notes, clients, bindings and methods are any strings'], {
    other: (text) => text.trim(),
  }),
  spoiling('times in 32 bits', ['opaque: times and counts are kept to the last digit'], {
    time: (ms) => (ms >= 2 ** 53 - 1 ? 2 ** 31 - 1 : ms),
  }),
]

function spoiling(name: string, breaks: readonly string[], spoiler: Spoiler): BrokenStore {
  return broken(name, breaks, (bench) => spoiled(bench, spoiler))
}

function spoiled({ good }: Bench, spoiler: Spoiler): Partial<Store> {
  const { text = same, key = same, id = same, user = same, other = same, time = same } = spoiler
  const data = (given: ReadonlyMap<string, string> | undefined) =>
    new Map([...(given ?? [])].map(([one, value]) => [key(one), text(value)]))
  const maybe = (value: string | null) => value && other(value)
  const stored = (record: SessionRecord): SessionRecord => ({
    ...record,
    id: id(record.id),
    userId: record.userId && user(record.userId),
    data: data(record.data),
    binding: maybe(record.binding),
    expiresAt: time(record.expiresAt),
  })
  return {
    create: (record, ...rest) => good.create(stored(record), ...rest),
    read: (one, ...rest) => good.read(id(one), ...rest),
    update(one, change, conditions = {}, options = {}) {
      const { set, unset, ...rest } = change
      const ifValue = conditions.ifValue && { ...conditions.ifValue, key: key(conditions.ifValue.key) }
      const spoiledChange = { ...rest, set: data(set), unset: unset?.map(key) }
      return good.update(id(one), spoiledChange, { ...conditions, ifValue }, options)
    },
    touch: (one, ...rest) => good.touch(id(one), ...rest),
    end: (one, request, options) => good.end(id(one), { ...request, note: maybe(request.note) }, options),
    listUser: (userId, ...rest) => good.listUser(user(userId), ...rest),
    userEpoch: (userId, ...rest) => good.userEpoch(user(userId), ...rest),
    endUser: (userId, ...rest) => good.endUser(user(userId), ...rest),
    updateUser: (userId, ...rest) => good.updateUser(user(userId), ...rest),
  }
}
