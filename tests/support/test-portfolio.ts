import type { Holding, Price, Valuation, ValuationUpdate } from '../../src/protocol/resources.js'

/** Cents as decimal text. */
export function money(cents: bigint): string {
  const sign = cents < 0n ? '-' : ''
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0')
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export interface Position {
  readonly id: string
  readonly type: Holding['type']
  readonly name: string
  readonly symbol: string | null
  readonly quantity: bigint
  readonly unitCost: bigint
  /** In cents; null when nobody knows. */
  readonly unitPrice: bigint | null
}

/** A portfolio of whole units and cents that numbers its states as the contract says. */
export class TestPortfolio {
  readonly positions = new Map<string, Position>()
  epoch: string
  seq = 0
  #at = Date.now()
  #moved = new Set<string>()
  readonly #pricedAt = new Map<string, number>()

  constructor(epoch: string) {
    this.epoch = epoch
  }

  put(position: Position): void {
    this.positions.set(position.id, position)
    this.#moved.add(position.id)
    this.#pricedAt.set(position.id, this.#at)
  }

  /** The next state after prices moved, as an update; prices are cents by position id. */
  move(prices: Readonly<Record<string, bigint>>): ValuationUpdate {
    this.#at = Math.max(this.#at + 1, Date.now())
    for (const [id, unitPrice] of Object.entries(prices)) {
      const position = this.positions.get(id)
      if (position) this.put({ ...position, unitPrice })
    }
    this.seq += 1
    const { epoch, seq, at, total, gain, dayChange, coverage, holdings } = this.valuation()
    const changed = holdings.filter((holding) => this.#moved.has(holding.assetId))
    this.#moved = new Set()
    return { epoch, seq, at, total, gain, dayChange, coverage, changed }
  }

  /** A new stream, as after a restart or after holdings changed. */
  renew(epoch: string): void {
    this.epoch = epoch
    this.seq = 0
    this.#at = Math.max(this.#at + 1, Date.now())
  }

  valuation(): Valuation {
    const holdings = [...this.positions.values()].map((position) => this.#holding(position))
    const priced = [...this.positions.values()].filter((position) => position.unitPrice !== null)
    const total = priced.reduce((sum, one) => sum + one.quantity * (one.unitPrice ?? 0n), 0n)
    const cost = priced.reduce((sum, one) => sum + one.quantity * one.unitCost, 0n)
    return {
      epoch: this.epoch,
      seq: this.seq,
      at: new Date(this.#at).toISOString(),
      currency: 'USD',
      total: money(total),
      cost: money(cost),
      gain: money(total - cost),
      dayChange: { amount: money(total - cost), percent: cost === 0n ? null : percent(total - cost, cost) },
      coverage: {
        holdings: holdings.length,
        priced: priced.length,
        stale: 0,
        unpriced: holdings
          .filter((holding) => holding.value === null)
          .map(({ assetId }) => ({ assetId, reason: 'no-price' as const })),
      },
      holdings,
    }
  }

  #holding({ id, type, name, symbol, quantity, unitCost, unitPrice }: Position): Holding {
    const gain = unitPrice === null ? null : quantity * (unitPrice - unitCost)
    return {
      assetId: id,
      type,
      name,
      symbol,
      quantity: quantity.toString(),
      price: unitPrice === null ? null : testPrice(symbol ?? id, unitPrice, this.#pricedAt.get(id) ?? 0),
      rate: unitPrice === null ? null : '1',
      value: unitPrice === null ? null : money(quantity * unitPrice),
      cost: money(quantity * unitCost),
      gain: gain === null ? null : money(gain),
      dayChange: gain === null ? null : { amount: money(gain), percent: null },
    }
  }
}

export function testPrice(symbol: string, cents: bigint, at: number): Price {
  return {
    symbol,
    amount: money(cents),
    currency: 'USD',
    at: new Date(at).toISOString(),
    source: 'test',
    state: 'simulated',
  }
}

/** Four decimals, cut. */
function percent(part: bigint, whole: bigint): string {
  const scaled = (part * 1_000_000n) / whole
  const sign = scaled < 0n ? '-' : ''
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(5, '0')
  return `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`
}
