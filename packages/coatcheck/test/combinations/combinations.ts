import { type Combination, type Factors, pairwise, product } from './pairwise.ts'

/** Whether all combinations are wanted, as `npm run soak` does, or such that any two values meet. */
const isWhole = process.env['COATCHECK_COMBINATIONS'] === 'all'

/** The combinations that a long suite runs: pairs of values in `npm test`, all in `npm run soak`. */
export function combinations<F extends Factors>(factors: F): readonly Combination<F>[] {
  return isWhole ? product(factors) : pairwise(factors)
}
