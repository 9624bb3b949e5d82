import type { Context, SessionState } from './context.ts'
import { isOverlong, readCookie } from './cookies.ts'
import { checkTag, parseToken } from './token.ts'
import { bearerToken } from './transport.ts'
import type { PresentedToken } from './verdict.ts'

/** The tokens of ours that a request carries, found without the store. */
export async function presentedTokens(ctx: Context, state: SessionState): Promise<readonly PresentedToken[]> {
  const ring = await ctx.ring()
  const found: PresentedToken[] = []
  for (const text of textsOf(ctx, state)) {
    const token = parseToken(text)
    if (token === null || (await checkTag(token, ring, ctx.runtime)) !== 'ours') continue
    found.push({ id: token.id, generation: token.generation, hash: await ctx.runtime.sha256(token.secret) })
  }
  return found
}

function textsOf(ctx: Context, { request, cookies }: SessionState): readonly string[] {
  const bearer = ctx.settings.bearer ? bearerToken(request) : null
  const header = request.headers.get('cookie')
  const isReadable = header !== null && !isOverlong(header) && cookies.withheld === null
  const carried = isReadable ? [cookies.name, cookies.anonymousName].flatMap((name) => readCookie(header, name)) : []
  return bearer === null ? carried : [bearer, ...carried]
}
