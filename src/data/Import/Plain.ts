/**
 * Formats of no publisher: the columns alone tell what they hold.
 *
 * @since 0.1.0
 */
import * as Format from "./Format.js"

const time = Format.times

/**
 * The formats.
 *
 * @category constants
 * @since 0.1.0
 */
export const formats: ReadonlyArray<Format.Format> = [
  {
    name: "Aave indices",
    kind: "aave",
    tells: ["liquidityindex", "variableborrowindex"],
    columns: { time, supply: ["liquidityindex"], borrow: ["variableborrowindex"] }
  },
  {
    name: "candles",
    kind: "candles",
    tells: ["open", "high", "low"],
    columns: { time, open: ["open"], high: ["high"], low: ["low"] }
  },
  { name: "funding rates", kind: "funding", tells: ["funding_rate"], columns: { time, funding: ["funding_rate"] } },
  { name: "funding rates", kind: "funding", tells: ["fundingrate"], columns: { time, funding: ["fundingrate"] } },
  { name: "gas prices", kind: "gas", tells: ["gas_price_gwei"], columns: { time, gas: ["gas_price_gwei"], block: ["block_timestamp"] } },
  ...["protocol_rate", "market_rate", "oracle_price_eth"].map((column): Format.Format => ({
    name: "staking rates",
    kind: "rate",
    tells: [column],
    columns: { time, protocol: ["oracle_price_eth", "protocol_rate"], dex: ["market_rate"] }
  })),
  ...["size", "qty", "amount"].map((column): Format.Format => ({
    name: "trades",
    kind: "trades",
    tells: ["price", "side", column],
    columns: { time, price: ["price"] }
  }))
]
