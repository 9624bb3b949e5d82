import type { SessionRecord } from '../../core/record/record.ts'
import type { Rotation } from '../../core/store/store.ts'
import { boolean, integer, listOf, nullable, oneOf, optional, partial, record } from './generators.ts'
import { levelled, named } from './state.ts'
import {
  anyText,
  change,
  client,
  data,
  epoch,
  HOUR,
  id,
  idle,
  key,
  life,
  limit,
  request,
  text,
  time,
  user,
} from './values.ts'
import { commandOf, epochFor, timeFor } from './world.ts'

const creation = record({
  id,
  userId: nullable(user),
  data,
  idleFor: idle,
  life,
  client,
  persistent: boolean,
  binding: nullable(anyText),
  limit: optional(limit),
  epoch,
  repeated: boolean,
})

export const create = commandOf('create', creation, async (given, { model, now, unique, used }) => {
  const fresh: SessionRecord = {
    id: given.id,
    namespace: '',
    kind: 'opaque',
    userId: given.userId,
    generation: 0,
    minGeneration: 0,
    secretHash: unique(32),
    predecessor: null,
    data: given.data,
    schema: 1,
    createdAt: now,
    authenticatedAt: given.userId === null ? null : now,
    renewedAt: now,
    lastSeenAt: now,
    idleFor: given.idleFor,
    persistent: given.persistent,
    expiresAt: now + given.life,
    assurance: given.userId === null ? null : { level: 1, methods: ['pwd', '\ud800'] },
    client: given.client,
    binding: given.binding,
    version: 0,
    ended: null,
  }
  const present = await model.read(given.id)
  if (present === null && used.has(given.id)) return async () => null
  used.add(given.id)
  // A call that is repeated is for the same user.
  const again = given.repeated &&
    present !== null && { ...fresh, secretHash: present.secretHash, userId: present.userId }
  const most = given.limit && { ...given.limit, keepUntil: now + HOUR }
  return async (subject) => {
    const one = { ...(again || fresh), namespace: subject.store.namespace }
    const ifUserEpoch = await epochFor(subject, one.userId, given.epoch)
    const result = await subject.store.create(one, { ifUserEpoch, limit: most })
    return result.outcome === 'created' ? { ...result, ended: levelled(result.ended) } : result
  }
})

const fields = partial({ schema: integer(0, 9), client, binding: nullable(anyText) })

const updating = record({
  id,
  change,
  fields: optional(fields),
  at: time,
  generation: optional(integer(-1, 1)),
  version: optional(oneOf(0, 0, 0, 1)),
  value: optional(record({ key, text: oneOf('present', 'spaced', 'other', 'none'), other: text })),
})

/** What is there, what means the same to a parser, another text, or the absence of one. */
function textFor(present: string | null, { text: choice, other }: { readonly text: string; readonly other: string }) {
  if (choice === 'none') return null
  if (choice === 'other' || present === null) return other
  return choice === 'present' ? present : ` ${present}`
}

export const update = commandOf('update', updating, async (given, { model, now }) => {
  const present = await model.read(given.id)
  const { generation, version, value } = given
  const conditions = {
    ifGeneration: generation === undefined ? undefined : (present?.minGeneration ?? 0) + generation,
    ifVersion: version === undefined ? undefined : (present?.version ?? 0) + version,
    ifValue: value && { key: value.key, text: textFor(present?.data.get(value.key) ?? null, value) },
  }
  const asked = { at: timeFor(now, present, given.at), ...given.change, ...(given.fields && { fields: given.fields }) }
  return ({ store }) => store.update(given.id, asked, conditions)
})

const authentication = record({
  change,
  idleFor: idle,
  life,
  persistent: boolean,
  methods: listOf(anyText, 2),
})

const rotating = record({
  id,
  from: oneOf<'present' | 'predecessor' | 'wrong' | 'repeated'>(
    'present',
    'present',
    'present',
    'predecessor',
    'wrong',
    'repeated',
  ),
  at: time,
  step: oneOf(1, 1, 1, 1, 1, 1, 0, 2),
  keep: boolean,
  authentication: optional(authentication),
  epoch,
})

export const rotate = commandOf('rotate', rotating, async (given, { now, unique, rotations, model }) => {
  const present = await model.read(given.id)
  const hashes = { present: present?.secretHash, predecessor: present?.predecessor?.hash, wrong: undefined }
  const again = given.authentication
  const fresh: Rotation = {
    at: timeFor(now, present, given.at),
    from: (given.from === 'repeated' ? undefined : hashes[given.from]) ?? unique(32),
    to: unique(32),
    generation: (present?.generation ?? 0) + given.step,
    predecessor: again || !given.keep ? null : { nonce: unique(16), keyId: 'k1' },
    authentication: again && {
      ...again.change,
      assurance: { level: 2, methods: again.methods },
      expiresAt: now + again.life,
      idleFor: again.idleFor,
      persistent: again.persistent,
    },
  }
  const rotation = (given.from === 'repeated' && rotations.get(given.id)) || fresh
  rotations.set(given.id, rotation)
  return async (subject) => {
    const ifUserEpoch = await epochFor(subject, present?.userId ?? null, given.epoch)
    const result = await subject.store.rotate(given.id, { ...rotation, ifUserEpoch })
    return { ...result, record: result.record && named(result.record) }
  }
})

const touching = record({
  id,
  interval: oneOf<'none' | 'exact' | 'one more' | 'long'>('none', 'exact', 'one more', 'long'),
  at: time,
  seen: optional(oneOf(0, 0, -1, 1)),
})

export const touch = commandOf('touch', touching, async (given, { model, now }) => {
  const present = await model.read(given.id)
  const at = timeFor(now, present, given.at)
  const since = Math.max(0, at - (present?.lastSeenAt ?? now))
  const interval = { none: 0, exact: since, 'one more': since + 1, long: HOUR }[given.interval]
  const seen = given.seen === undefined ? undefined : (present?.generation ?? 0) + given.seen
  return ({ store }) => store.touch(given.id, at, { interval, seen })
})

export const end = commandOf('end', record({ id, request }), (given, { now }) => {
  const { reason, note, keep } = given.request
  return async ({ store }) => {
    const result = await store.end(given.id, { at: now, reason, note, keepUntil: now + keep })
    return result.outcome === 'missing' ? result : { ...result, record: named(result.record) }
  }
})

export const read = commandOf('read', id, (given) => async ({ store }) => {
  const found = await store.read(given)
  return found && named(found)
})
