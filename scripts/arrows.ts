// Part of `npm run check`: the same rules as the test, without a test runner.
import { complaintsAbout } from '../packages/coatcheck/test/package/arrows.ts'
import { publicNames, sourcesOfAll } from '../packages/coatcheck/test/package/workspace.ts'

const complaints = complaintsAbout(sourcesOfAll(), publicNames())
for (const complaint of complaints) console.log(complaint)
process.exitCode = complaints.length === 0 ? 0 : 1
