/** Express 4 under a name of its own; what the example uses of it is as in Express 5. */
declare module 'express4' {
  import express from 'express'
  export = express
}
