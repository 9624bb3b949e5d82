import { contractOn } from './contract.ts'

contractOn('single', 'sentinel')
