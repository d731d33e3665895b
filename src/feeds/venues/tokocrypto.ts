/**
 * Tokocrypto: its markets run on Binance's engine and are told in the same streams, under an address of its own.
 * It is where the rupiah is traded; of the rest it has what is quoted in tether.
 */
import { onBinance } from './binance.js'

export const tokocrypto = onBinance({
  id: 'tokocrypto',
  address: 'wss://stream-cloud.tokocrypto.site',
  quotes: new Set(['IDR', 'USDT']),
  fiatBases: new Set(),
})
