/**
 * Currencies and their minor units. Source: ISO 4217 list one (active codes); to these come price units that
 * are worth a hundredth of a currency (pence, cents, agorot, as exchanges quote shares in them) and the coins
 * in which exchanges quote other coins.
 */
const TWO_DIGITS =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY ' +
  'COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS ' +
  'INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR ' +
  'MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD ' +
  'SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG'
const NO_DIGITS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
const THREE_DIGITS = 'BHD IQD JOD KWD LYD OMR TND'
const COINS: Readonly<Record<string, number>> = { BTC: 8, ETH: 8, BNB: 8, USDT: 6, USDC: 6 }
const HUNDREDTHS: ReadonlyMap<string, string> = new Map([
  ['GBX', 'GBP'],
  ['ZAc', 'ZAR'],
  ['ILA', 'ILS'],
])

const MINOR_DIGITS: ReadonlyMap<string, number> = new Map([
  ...TWO_DIGITS.split(' ').map((code) => [code, 2] as const),
  ...NO_DIGITS.split(' ').map((code) => [code, 0] as const),
  ...THREE_DIGITS.split(' ').map((code) => [code, 3] as const),
  ['CLF', 4],
  ['UYW', 4],
  ...Object.entries(COINS),
  ...[...HUNDREDTHS.keys()].map((code) => [code, 2] as const),
])

/** Whether it is one of the coins in which others are quoted, and no state's money. */
export function isCoin(code: string): boolean {
  return Object.hasOwn(COINS, code)
}

export function isCurrency(code: string): boolean {
  return MINOR_DIGITS.has(code)
}

/** Digits behind the point in which amounts of this currency are written; throws for an unknown code. */
export function minorDigits(code: string): number {
  const digits = MINOR_DIGITS.get(code)
  if (digits === undefined) throw new RangeError(`unknown currency ${code}`)
  return digits
}

/** The currency of which `code` is a hundredth (`GBX` -> `GBP`), or null. */
export function currencyOfHundredth(code: string): string | null {
  return HUNDREDTHS.get(code) ?? null
}
