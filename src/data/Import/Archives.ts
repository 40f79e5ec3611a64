/**
 * Files of those who gather candles of many exchanges: CryptoDataDownload, TradingView and freqtrade. None of them says in
 * its columns whether prices are of the spot or the perpetual market.
 *
 * @since 0.1.0
 */
import type * as Format from "./Format.js"

const candles = { open: ["open"], high: ["high"], low: ["low"] }

/**
 * The formats.
 *
 * @category constants
 * @since 0.1.0
 */
export const formats: ReadonlyArray<Format.Format> = [
  {
    name: "CryptoDataDownload candles",
    kind: "candles",
    tells: ["unix", "date", "symbol", "open", "high", "low", "close"],
    columns: { ...candles, time: ["unix"] }
  },
  {
    name: "TradingView candles",
    kind: "candles",
    tells: ["time", "open", "high", "low", "close"],
    columns: { ...candles, time: ["time"] }
  },
  {
    name: "freqtrade candles",
    kind: "candles",
    tells: ["date", "open", "high", "low", "close", "volume"],
    columns: { ...candles, time: ["date"] }
  }
]
