import type { Tx } from '../database/database.js'
import { formatFixed } from '../lib/decimal.js'
import type { AlertState, PortfolioAlert, PriceAlert } from '../protocol/alerts.js'
import type { Channel } from '../protocol/notifications.js'
import type { DecimalText } from '../protocol/resources.js'
import type { AlertOp } from './ops.js'

/** An alert as far as it matters when it fires; times in ms since the epoch. */
export interface StandingAlert {
  readonly id: string
  readonly userId: string
  readonly kind: 'PRICE' | 'PORTFOLIO'
  readonly condition: (PriceAlert | PortfolioAlert)['condition']
  /** Empty of a portfolio. */
  readonly symbol: string | null
  readonly per: string | null
  readonly threshold: DecimalText | null
  readonly percent: DecimalText | null
  readonly windowMinutes: number | null
  /** Of the instrument, or of the portfolio's threshold; null of a ratio. */
  readonly currency: string | null
  readonly channels: readonly Channel[] | null
  readonly note: string | null
  readonly state: AlertState
  readonly armVersion: number
  readonly expiresAt: number | null
  readonly snoozedUntil: number | null
}

export interface Fitting {
  readonly op: AlertOp
  readonly alert: StandingAlert
}

export interface Firing {
  readonly userId: string
  readonly alertId: string
  readonly occasion: string
  readonly value: DecimalText
  readonly notificationId: string | null
  /** Ms since the epoch. */
  readonly at: number
}

/** Inside a transaction of the system; one statement each, whatever the number of alerts. */
export const firingStore = {
  /** Locked in the order of ids, as they are then. */
  async lock(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, StandingAlert>> {
    const [row] = await tx.$queryRaw<{ all: string | null }[]>`
      SELECT json_agg(json_build_object(
        'id', id, 'userId', user_id, 'kind', kind, 'condition', condition, 'symbol', symbol, 'per', per,
        'threshold', trim_scale(threshold)::text, 'percent', trim_scale(percent)::text, 'windowMinutes', window_minutes,
        'currency', CASE WHEN per IS NULL THEN coalesce(currency, quoted_in) END,
        'channels', CASE WHEN has_channels THEN channels END, 'note', note, 'state', state, 'armVersion', arm_version,
        'expiresAt', trunc(extract(epoch FROM expires_at) * 1000),
        'snoozedUntil', trunc(extract(epoch FROM snoozed_until) * 1000)
      ))::text AS all
      FROM (
        SELECT alerts.*, instruments.currency AS quoted_in
        FROM alerts LEFT JOIN instruments ON instruments.symbol = alerts.symbol
        WHERE alerts.id = ANY(${[...ids]}::uuid[]) AND alerts.kind IN ('PRICE', 'PORTFOLIO')
        ORDER BY alerts.id FOR UPDATE OF alerts
      ) AS standing`
    const all = JSON.parse(row?.all ?? '[]') as readonly StandingAlert[]
    return new Map(all.map((alert) => [alert.id, alert]))
  },

  /**
   * Steps of alerts that are locked, each fitting its own. The value becomes the one that the next is an edge against,
   * but where that is a percentage of the value: whoever measures it keeps it himself.
   */
  async apply(tx: Tx, steps: readonly Fitting[]): Promise<void> {
    if (steps.length === 0) return
    const given = steps.map(({ op: { kind, value, version, at }, alert: { id, condition } }) => {
      const compares = condition !== 'dayChange' && condition !== 'share'
      return { id, fires: kind === 'fire', value: formatFixed(value), version, compares, at }
    })
    await tx.$executeRaw`
      UPDATE alerts SET
        state = CASE WHEN fires THEN 'fired' ELSE 'armed' END,
        arm_version = arm_version + CASE WHEN fires THEN 0 ELSE 1 END,
        fired_at = CASE WHEN fires THEN to_timestamp(step.at / 1000) ELSE fired_at END,
        previous = CASE WHEN compares THEN value ELSE previous END,
        previous_version = CASE WHEN compares THEN step.version ELSE previous_version END,
        previous_at = CASE WHEN compares THEN to_timestamp(step.at / 1000) ELSE previous_at END
      FROM json_to_recordset(${JSON.stringify(given)}::json) AS step (
        id uuid, fires boolean, value numeric, version bigint, compares boolean, at float8)
      WHERE alerts.id = step.id`
  },

  /** Alerts that are locked and whose time is over. */
  async expire(tx: Tx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await tx.$executeRaw`
      UPDATE alerts SET state = 'expired', updated_at = now() WHERE id = ANY(${[...ids]}::uuid[])`
  },

  /** An occasion that is there already stays as it is. */
  async insertFirings(tx: Tx, firings: readonly Firing[]): Promise<void> {
    if (firings.length === 0) return
    await tx.$executeRaw`
      INSERT INTO alert_firings (user_id, alert_id, occasion, value, notification_id, at)
      SELECT "userId", "alertId", occasion, value, "notificationId", to_timestamp(at / 1000)
      FROM json_to_recordset(${JSON.stringify(firings)}::json) AS given (
        "userId" uuid, "alertId" uuid, occasion text, value numeric, "notificationId" uuid, at float8)
      ON CONFLICT DO NOTHING`
  },
}
