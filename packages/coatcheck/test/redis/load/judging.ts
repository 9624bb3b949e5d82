import { type Facts, FIRST_ROLE, type Left, type RoleChange } from './facts.ts'

/** Every promise that the facts of all processes and what is left contradict, one sentence each. */
export function complaintsAbout(all: readonly Facts[], left: readonly Left[]): readonly string[] {
  return [
    ...all.flatMap(({ faults }) => faults),
    ...endedSessions(all, left),
    ...endedUsers(all, left),
    ...oldTokens(all),
    ...lostUpdates(all, left),
    ...oldRoles(all, left),
    ...lists(left),
  ]
}

/** Promise 4: nothing is alive after its acknowledged ending. */
function endedSessions(all: readonly Facts[], left: readonly Left[]): readonly string[] {
  const live = new Set(left.filter(({ isLive }) => isLive).map(({ id }) => id))
  return all
    .flatMap(({ ended }) => ended)
    .flatMap(({ id, ack }) => {
      const seen = lastSeen(all, id)
      if (live.has(id)) return [`${id} was ended and is alive.`]
      return seen > ack ? [`${id} was alive ${seen - ack} ms after its ending.`] : []
    })
}

/** Promise 4: whatever had begun to sign in before the ending of its user is over when that is acknowledged. */
function endedUsers(all: readonly Facts[], left: readonly Left[]): readonly string[] {
  const live = new Set(left.filter(({ isLive }) => isLive).map(({ id }) => id))
  const signedIn = all.flatMap((facts) => facts.signedIn)
  return all
    .flatMap(({ usersEnded }) => usersEnded)
    .flatMap(({ user, start, ack }) =>
      signedIn
        .filter((one) => one.user === user && one.begunAt < start)
        .filter(({ id }) => live.has(id) || lastSeen(all, id) > ack)
        .map(({ id }) => `${id} of ${user} was alive after all sessions of the user were ended.`),
    )
}

/** Promise 3: a token of before an authentication is dead when that is acknowledged. */
function oldTokens(all: readonly Facts[]): readonly string[] {
  return all
    .flatMap(({ reauthenticated }) => reauthenticated)
    .flatMap(({ id, generation, ack }) =>
      Array.from({ length: generation }, (_, older) => older)
        .filter((older) => Math.max(0, ...all.map(({ generations }) => generations[`${id} ${older}`] ?? 0)) > ack)
        .map((older) => `${id}: a token of generation ${older} counted after the authentication of ${generation}.`),
    )
}

/** Promise 5: each acknowledged change is there. */
function lostUpdates(all: readonly Facts[], left: readonly Left[]): readonly string[] {
  return left
    .filter(({ isLive }) => isLive)
    .flatMap(({ id, data }) => {
      const wrote = all.flatMap((facts) => Object.entries(facts.wrote[id] ?? {}))
      const lost = wrote.filter(([key, value]) => data[key] !== value).map(([key]) => `${id} has lost ${key}.`)
      const counted = all.reduce((sum, facts) => sum + (facts.counted[id] ?? 0), 0)
      const n = data['n'] ?? 0
      return n === counted ? lost : [...lost, `${id} counted ${counted} times and says ${String(n)}.`]
    })
}

/** A role that was replaced by a later change is in no session. */
function oldRoles(all: readonly Facts[], left: readonly Left[]): readonly string[] {
  const changes = all.flatMap(({ roles }) => roles)
  const first = (user: string): RoleChange => ({ user, role: FIRST_ROLE, start: 0, ack: 0 })
  return left
    .filter(({ isLive }) => isLive)
    .flatMap(({ id, user, data }) => {
      const ofUser = [first(user), ...changes.filter((one) => one.user === user)]
      const own = ofUser.find(({ role }) => role === data['role'])
      if (own === undefined) return [`${id} has the role ${String(data['role'])}, which nobody gave.`]
      return ofUser.some(({ start }) => start > own.ack) ? [`${id} has the old role ${own.role}.`] : []
    })
}

/** The list of a user has what is live. */
function lists(left: readonly Left[]): readonly string[] {
  return left
    .filter(({ isLive, isListed }) => isLive !== isListed)
    .map(({ id, isLive }) => `${id} is ${isLive ? 'live and not listed' : 'over and listed'}.`)
}

function lastSeen(all: readonly Facts[], id: string): number {
  return Math.max(0, ...all.map(({ alive }) => alive[id] ?? 0))
}
