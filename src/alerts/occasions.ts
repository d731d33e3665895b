/** Occasions of a firing: of the same alert and occasion there is one at most (alert_firings). */

/** One for each time that an alert is armed. */
export function armOccasion(armVersion: number): string {
  return `v${armVersion}`
}

/** One for each percentage of a budget and each financial month (`YYYY-MM`) in which it is passed. */
export function budgetOccasion(month: string, percent: number): string {
  return `${month}:${percent}`
}

/** One for each financial month (`YYYY-MM`) in which a goal is behind its pace. */
export function paceOccasion(month: string): string {
  return `pace:${month}`
}
