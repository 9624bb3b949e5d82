/** A worker that serves, and then comes to no message any more. */
process.send({ said: 'ready' }, () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000)
})
