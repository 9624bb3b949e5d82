import type { Context } from 'hono'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

type Page = HtmlEscapedString | Promise<HtmlEscapedString>

/** Sends a whole document. */
export async function renderPage(c: Context, page: Page, status: ContentfulStatusCode = 200): Promise<Response> {
  return c.html(`<!doctype html>${await page}`, status)
}
