import { tokocrypto } from '../venues/tokocrypto.js'
import { binanceEngine } from './binance.js'

export const tokocryptoSide = binanceEngine(tokocrypto)
