/**
 * Files of public.bybit.com: candles for MetaTrader 4, and trades of contracts and of the spot market.
 *
 * @since 0.1.0
 */
import * as Format from "./Format.js"

/**
 * The formats.
 *
 * @category constants
 * @since 0.1.0
 */
export const formats: ReadonlyArray<Format.Format> = [
  {
    name: "Bybit klines for MetaTrader 4",
    kind: "candles",
    venue: "bybit",
    // They are given away for contracts alone.
    market: "perpetual",
    tells: ["mt4_time"],
    bare: {
      columns: ["mt4_time", "open", "high", "low", "close", "volume"],
      fits: (cells) =>
        cells.length === 6 && /^\d{4}\.\d{2}\.\d{2} \d{2}:\d{2}(?::\d{2})?$/.test(cells[0]!) && cells.slice(1, 5).every(Format.isFigure)
    },
    columns: { time: ["mt4_time"], open: ["open"], high: ["high"], low: ["low"], volume: ["volume"] },
    utc: true
  },
  {
    name: "Bybit trades",
    kind: "trades",
    venue: "bybit",
    market: "perpetual",
    tells: ["timestamp", "symbol", "side", "size", "price", "trdmatchid"],
    columns: { time: ["timestamp"], price: ["price"] }
  },
  {
    name: "Bybit spot trades",
    kind: "trades",
    venue: "bybit",
    market: "spot",
    tells: ["id", "timestamp", "price", "volume", "side"],
    columns: { time: ["timestamp"], price: ["price"] }
  },
  {
    name: "Bybit klines",
    kind: "candles",
    venue: "bybit",
    tells: ["start_at", "open", "high", "low", "close"],
    columns: { time: ["start_at"], open: ["open"], high: ["high"], low: ["low"], volume: ["volume"] }
  },
  {
    name: "Bybit klines",
    kind: "candles",
    venue: "bybit",
    tells: ["starttime", "openprice", "highprice", "lowprice", "closeprice"],
    columns: { time: ["starttime"], open: ["openprice"], high: ["highprice"], low: ["lowprice"], volume: ["volume"] }
  }
]
