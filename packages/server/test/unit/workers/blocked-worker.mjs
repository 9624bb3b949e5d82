/**
 * A worker that serves, and then comes to no message any more. Its drain is such that with the 20 s after it, it may take
 * 100 ms to stop.
 */
process.send({ said: 'ready', drain: 100 - 20_000 }, () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000)
})
