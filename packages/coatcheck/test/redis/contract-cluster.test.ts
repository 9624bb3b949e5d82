import { contractOn } from './contract.ts'

// A file of its own, so that the two run beside one another.
contractOn('cluster')
