/**
 * Why the headers alone refuse a request. The first two: `Sec-Fetch-Site` says so, and the origin is not trusted;
 * `unknown-site`: it holds what no browser sends, or several values. `opaque-origin`: `Origin` is `null`, as from a sandboxed
 * frame or a redirect between origins; `foreign-origin`: it is neither ours nor trusted, malformed or there twice.
 */
export type ProvenanceFault =
  | 'cross-site'
  | 'same-site'
  | 'unknown-site'
  | 'opaque-origin'
  | 'foreign-origin'
  | 'foreign-referer'

/**
 * Why a token does not count. `invalid-token`: not one of ours, misshapen, made up, or its key is gone; `foreign-token`: one
 * of another session; `stale-token`: its form is older than the sign-in or than its visitor's cookie, and is to be shown again.
 */
export type TokenFault = 'missing-token' | 'invalid-token' | 'foreign-token' | 'stale-token'

/**
 * `unproven`: no header says where the request was made, and nothing else shows it: its cookie may come with any site's
 * request, it is a handshake, or the option `csrf.requireOrigin` is set.
 */
export type CsrfReason = ProvenanceFault | TokenFault | 'unproven'

/** Why a cookie is not sent. */
export type WithheldReason = 'plain-http' | 'domain' | 'cross-site' | 'too-late'
