import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  deletionDisputes,
  deletions,
  disputes,
  limitDispute,
  limits,
  stories,
  storyDispute,
} from '../contract/cookies/judging.ts'
import { chromium } from './chromium.ts'
import { openSite, type Site } from './site.ts'

// The same cases as in test/contract/cookies.test.ts, put to the judge whose word counts.

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

test('takes of all combinations those that it has to, and holds them as they were meant', async () => {
  expect(await disputes(await chromium(site))).toEqual([])
})

test.each(Object.keys(deletions))('deletes what a line names that lacks %s, and nothing else', async (missing) => {
  expect(await deletionDisputes(await chromium(site), missing)).toEqual([])
})

test.each(limits)('$name', async (limit) => {
  expect(await limitDispute(await chromium(site), limit)).toBeNull()
})

test.each(stories)('$name', async (story) => {
  expect(await storyDispute(await chromium(site), story)).toBeNull()
})
