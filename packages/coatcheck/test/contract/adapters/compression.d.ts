declare module 'compression' {
  import type { RequestHandler } from 'express'
  export default function compression(): RequestHandler
}

/** The release before the last, which looks at other properties of the response. */
declare module 'compression17' {
  export { default } from 'compression'
}
