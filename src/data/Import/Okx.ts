/**
 * Files of OKX's historical data: candles, trades and funding rates, of spot pairs and `-SWAP` contracts.
 *
 * @since 0.1.0
 */
import type * as Format from "./Format.js"

/** A spot pair and a swap are of one format: the name of the instrument tells them apart. */
const okx = { venue: "okx" }

/**
 * The formats.
 *
 * @category constants
 * @since 0.1.0
 */
export const formats: ReadonlyArray<Format.Format> = [
  {
    ...okx,
    name: "OKX candles",
    kind: "candles",
    tells: ["instrument_name", "open", "high", "low", "open_time", "confirm"],
    columns: { time: ["open_time"], open: ["open"], high: ["high"], low: ["low"], volume: ["vol"], confirm: ["confirm"] }
  },
  {
    ...okx,
    name: "OKX candles",
    kind: "candles",
    tells: ["ts", "o", "h", "l", "c", "confirm"],
    columns: { time: ["ts"], open: ["o"], high: ["h"], low: ["l"], volume: ["vol"], confirm: ["confirm"] }
  },
  {
    ...okx,
    name: "OKX funding rates",
    kind: "funding",
    market: "perpetual",
    tells: ["instrument_name", "funding_rate", "funding_time"],
    columns: { time: ["funding_time"], funding: ["funding_rate"] }
  },
  {
    ...okx,
    name: "OKX funding rates",
    kind: "funding",
    market: "perpetual",
    tells: ["instid", "fundingrate", "fundingtime"],
    columns: { time: ["fundingtime"], funding: ["realizedrate", "fundingrate"] }
  },
  {
    ...okx,
    name: "OKX trades",
    kind: "trades",
    tells: ["instrument_name", "trade_id", "price", "created_time"],
    columns: { time: ["created_time"], price: ["price"] }
  }
]
