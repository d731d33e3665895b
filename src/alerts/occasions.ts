/**
 * What an alert may fire for, once each: the key of its row in alert_firings beside the alert's id.
 */

/** Armed once, it fires once. */
export function armOccasion(armVersion: number): string {
  return `v${armVersion}`
}

/** A percentage of a budget, in the financial month (`YYYY-MM`) in which it is passed. */
export function budgetOccasion(month: string, percent: number): string {
  return `${month}:${percent}`
}
