/** The oldest Node that has all that the server uses, `node:sqlite` above all; as `engines` in the package says. */
const OLDEST = [22, 18] as const

/** Why a Node of this version (`process.versions.node`) cannot run the command, in a sentence; null where it can. */
export function tooOld(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return null
  return `Coatcheck needs Node ${OLDEST.join('.')} or newer, and this is ${version}. Install a newer one, or start it by npm start in a clone, which brings its own.`
}
