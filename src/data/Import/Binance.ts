/**
 * Files of data.binance.vision: klines, funding rates and trades, of the spot and the USD-M market.
 *
 * @since 0.1.0
 */
import * as Format from "./Format.js"

const klines = [
  "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count", "taker_buy_volume",
  "taker_buy_quote_volume", "ignore"
]

const marketName = (market: Format.Market): string => (market === "spot" ? "spot" : "USD-M")

const isInstant = (text: string | undefined): boolean => /^(?:\d{13}|\d{16})$/.test(text ?? "")

/** Spot files count microseconds since 2025, and those of futures milliseconds; of older ones only these have a header. */
const market = ({ header, unit }: Format.Sample): Format.Market | undefined =>
  unit === "microseconds" ? "spot" : header[0] === "open_time" && unit === "milliseconds" ? "perpetual" : undefined

const kline: Omit<Format.Format, "tells"> = {
  name: "Binance Vision klines",
  kind: "candles",
  venue: "binance",
  market,
  marketName,
  columns: { time: ["open_time", "timestamp"], open: ["open"], high: ["high"], low: ["low"], volume: ["volume"], ends: ["close_time"] }
}

/**
 * The formats.
 *
 * @category constants
 * @since 0.1.0
 */
export const formats: ReadonlyArray<Format.Format> = [
  {
    ...kline,
    tells: ["open", "high", "low", "close", "volume", "close_time", "quote_volume", "count", "taker_buy_volume"],
    bare: {
      columns: klines,
      fits: (cells) => cells.length === 12 && isInstant(cells[0]) && isInstant(cells[6]) && cells.slice(1, 6).every(Format.isFigure)
    }
  },
  // The names that clients of its programming interface give the same columns.
  { ...kline, tells: ["open_time", "open", "high", "low", "close_time", "quote_asset_volume", "number_of_trades"] },
  {
    name: "Binance Vision funding rates",
    kind: "funding",
    venue: "binance",
    market: "perpetual",
    marketName,
    tells: ["calc_time", "funding_interval_hours", "last_funding_rate"],
    columns: { time: ["calc_time"], funding: ["last_funding_rate"] }
  },
  {
    name: "Binance Vision trades",
    kind: "trades",
    venue: "binance",
    market: ({ unit }) => (unit === "microseconds" ? "spot" : undefined),
    marketName,
    tells: ["price", "time", "is_buyer_maker"],
    bare: {
      columns: ["id", "price", "qty", "quote_qty", "time", "is_buyer_maker", "is_best_match"],
      fits: (cells) => cells.length === 7 && isInstant(cells[4]) && /^(?:true|false)$/i.test(cells[5]!)
    },
    columns: { time: ["time"], price: ["price"] }
  },
  {
    name: "Binance Vision aggregate trades",
    kind: "trades",
    venue: "binance",
    market: ({ unit }) => (unit === "microseconds" ? "spot" : undefined),
    marketName,
    tells: ["agg_trade_id", "price", "transact_time"],
    bare: {
      columns: ["agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time", "is_buyer_maker", "is_best_match"],
      fits: (cells) => cells.length === 8 && isInstant(cells[5]) && /^(?:true|false)$/i.test(cells[6]!)
    },
    columns: { time: ["transact_time"], price: ["price"] }
  }
]
