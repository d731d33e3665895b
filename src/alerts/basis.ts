/**
 * Which holdings a total leaves out, because they have no price or no rate: two totals can be compared only where
 * this is the same of both. Ids of the assets in one order, '' where all are priced; what is sold to the last is not
 * left out, as it is worth nothing at any price.
 */
export function basisOf(unpriced: readonly string[]): string {
  return [...unpriced].sort().join(' ')
}
