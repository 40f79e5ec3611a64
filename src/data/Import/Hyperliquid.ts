/**
 * Files of Hyperliquid: the contexts of its assets, as its archive has them by the minute, and candles and funding rates
 * as its programming interface names their columns.
 *
 * @since 0.1.0
 */
import type * as Format from "./Format.js"

/** Its contracts are perpetuals, named by the coin. */
const hyperliquid = { venue: "hyperliquid", market: "perpetual" } as const

/**
 * The formats.
 *
 * @category constants
 * @since 0.1.0
 */
export const formats: ReadonlyArray<Format.Format> = [
  {
    ...hyperliquid,
    name: "Hyperliquid asset contexts",
    kind: "contexts",
    tells: ["time", "coin", "funding", "oracle_px", "mark_px"],
    columns: { time: ["time"], mark: ["mark_px"], index: ["oracle_px"], funding: ["funding"] }
  },
  {
    ...hyperliquid,
    name: "Hyperliquid funding rates",
    kind: "funding",
    tells: ["coin", "fundingrate", "premium", "time"],
    columns: { time: ["time"], funding: ["fundingrate"] }
  }
]
