import { CoatcheckError, StoreFullError, StoreTimeoutError, StoreUnavailableError } from '../../errors.ts'

/** What Redis answers, by the first word of its errors, to any command while it is in such a state; and what to do. */
const STATES: Readonly<Record<string, string>> = {
  LOADING: 'Redis is reading its data from disk: it will be there shortly.',
  READONLY: 'this Redis is a replica: connect to the master, by Sentinel or by the Cluster.',
  MASTERDOWN: 'the replica has lost its master.',
  MOVED: 'this Redis is a machine of a Cluster: give the store a client for that.',
  CLUSTERDOWN: 'the Cluster is down: some of its slots have no master.',
  MISCONF: 'Redis cannot write its data to disk and refuses changes: see its log.',
  NOAUTH: 'Redis asks for a password: give it to the client.',
  WRONGPASS: 'Redis refuses the name or the password.',
  NOPERM: "Redis does not permit this to the client's user: it needs the commands that docs/guides/stores.md lists.",
  BUSY: 'Redis is busy with a script of somebody else.',
  NOREPLICAS: 'too few replicas are there for Redis to take changes.',
}

/** Whatever else it answers is about one command alone. */
const TRYAGAIN = 'the Cluster is moving these keys: try again.'

/** The first word of an error that Redis answered (it is the protocol's error code), or null for one of the connection. */
export function replyCode(error: unknown): string | null {
  if (!(error instanceof Error) || error instanceof CoatcheckError) return null
  return /^([A-Z][A-Z0-9]+)(?: |$)/.exec(error.message)?.[1] ?? null
}

/** What callers are told. Redis quotes arguments in some of its answers, so those are not shown; the connection's are. */
export function translated(operation: string, isWrite: boolean, cause: unknown): Error {
  if (cause instanceof CoatcheckError) return cause
  const what = `store.${operation}`
  const code = replyCode(cause)
  if (code === 'OOM') return new StoreFullError(`${what}: Redis is out of memory: raise \`maxmemory\`.`)
  if (code !== null) {
    const state = STATES[code]
    const advice = state ?? (code === 'TRYAGAIN' ? TRYAGAIN : 'see its log.')
    const scope = state === undefined ? 'call' : 'store'
    return new StoreUnavailableError(operation, `${what}: Redis answered ${code}: ${advice}`, { scope })
  }
  const lost = `${what}: the connection to Redis failed; see \`cause\`.`
  // A write may have arrived all the same. Repeating it is safe.
  if (isWrite) return new StoreTimeoutError(operation, 'unknown', lost, { cause: bare(cause) })
  return new StoreUnavailableError(operation, lost, { cause: bare(cause) })
}

/** Clients hang the command with all that it was to write on their errors, and those are logged. */
function bare(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  const error = Object.assign(new Error(cause.message), { name: cause.name })
  return 'code' in cause ? Object.assign(error, { code: cause.code }) : error
}
