import type { Judge } from './judges.ts'
import { type Limit, limits, type Story, stories } from './limits.ts'
import { type Combination, combinations, deletionOf, deletions, type Held, heldOf, isSame, lineOf } from './matrix.ts'

/** Browsers hold 180 cookies of one domain, and 10 KiB of one partition. */
const AT_ONCE = 150

/** All combinations of one page, as many as fit into a jar; each with a name of its own. */
function* batches(of: readonly Combination[]): Generator<{ from: string; batch: [name: string, one: Combination][] }> {
  for (const [from, page] of Map.groupBy(of, (one) => one.from)) {
    for (let i = 0; i < page.length; i += AT_ONCE) {
      yield { from, batch: page.slice(i, i + AT_ONCE).map((one, nth) => [`c${nth}`, one]) }
    }
  }
}

async function heldBy(judge: Judge, url: string): Promise<ReadonlyMap<string, Held>> {
  return new Map((await judge.held(url)).map((held) => [held.name, held]))
}

const inOrder = (held: Held | null | undefined) => JSON.stringify(held && Object.entries(held).toSorted())

/** The combinations that the judge holds otherwise than the rules and its differences say; an empty list is agreement. */
export async function disputes(judge: Judge): Promise<readonly string[]> {
  const found: string[] = []
  for (const { from, batch } of batches(combinations)) {
    await judge.clear()
    await judge.take(
      from,
      batch.map(([name, one]) => lineOf(one, name, '1')),
    )
    const held = await heldBy(judge, from)
    for (const [name, one] of batch) {
      const [expected, is] = [heldOf(one, name, '1', judge.differences), held.get(one.prefix + name) ?? null]
      if (inOrder(expected) !== inOrder(is)) found.push(`${from}: ${lineOf(one, name, '1')}: ${inOrder(is)}`)
    }
  }
  return found
}

/** The same for what deletions leave: of each cookie that is held, one with its attributes and one that lacks `missing`. */
export async function deletionDisputes(judge: Judge, missing: keyof typeof deletions): Promise<readonly string[]> {
  const found: string[] = []
  const without = deletions[missing] ?? ((one) => one)
  const holds = (one: Combination, name: string) => heldOf(one, name, '1', judge.differences)
  const concerned = combinations.filter((one) => holds(one, 'c') !== null)
  for (const { from, batch } of batches(concerned)) {
    await judge.clear()
    await judge.take(
      from,
      batch.map(([name, one]) => lineOf(one, name, '1')),
    )
    await judge.take(
      from,
      batch.map(([name, one]) => deletionOf(without(one), name)),
    )
    const left = await heldBy(judge, from)
    for (const [name, one] of batch) {
      const there = holds(one, name)
      const stays = there !== null && !isSame(there, holds(without(one), name), judge.differences)
      if (left.has(one.prefix + name) !== stays) found.push(`${from}: ${lineOf(one, name, '1')}: stays: ${!stays}`)
    }
  }
  return found
}

/** Whether a judge thinks of a limit as it is written, or as its exception says. */
export async function limitDispute(judge: Judge, limit: Limit): Promise<string | null> {
  const expected = limit.except?.judge === judge.name ? limit.except.outcome : limit.outcome
  const url = 'https://www.app.example/shop/list'
  await judge.clear()
  const before = Date.now()
  await judge.take(url, [limit.line])
  const [held] = await judge.held(url)
  if (held === undefined || expected === null) return (held === undefined) === (expected === null) ? null : 'held'
  if (held.path !== expected.path || held.hostOnly !== expected.hostOnly) return inOrder(held) ?? null
  const expiry = await judge.expiry(url, held.name)
  // Not before it was asked for: tough-cookie counts from then.
  const after = Date.now()
  if (expiry === null || expected.life === null) return expiry === expected.life ? null : `until ${expiry}`
  const since = typeof expected.life === 'number' ? expiry - expected.life * 1_000 : null
  // Chromium counts in microseconds, and a millisecond is rounded.
  if (since !== null) return since >= before - 1 && since <= after + 1 ? null : `since ${since - before}`
  return expiry === Date.parse(`${expected.life}`) ? null : `until ${expiry}`
}

export async function storyDispute(judge: Judge, story: Story): Promise<string | null> {
  const expected = story.except?.judge === judge.name ? story.except.header : story.header
  await judge.clear()
  for (const [url, line] of story.steps) await judge.take(url, [line])
  const header = await judge.header(story.at)
  return header === expected ? null : header
}

export { deletions, limits, stories }
