/**
 * The bare loop: what has to be computed for a spot trade with fees, slippage, ledger and two events, and nothing else.
 * No Effect, no ports, no venue of choice, nothing that is looked up twice; the same bigint arithmetic and the same text
 * written to the same kind of file. It is the yardstick, not a manager.
 */
import * as fs from "node:fs"

export interface Series {
  readonly times: ReadonlyArray<number>
  /** Scaled by 1e18. */
  readonly prices: ReadonlyArray<bigint>
}

export interface Trade {
  readonly side: "buy" | "sell"
  readonly amount: bigint
}

const unit = 10n ** 18n
const quantum = 10n ** 10n
const lot = 10n ** 14n
const tick = 10n ** 16n
const least = 5n * unit
const large = 10_000n * unit

const up = (n: bigint, d: bigint): bigint => (n % d === 0n ? n / d : n / d + 1n)

const text = (amount: bigint): string => {
  const negative = amount < 0n
  const digits = (negative ? -amount : amount).toString().padStart(19, "0")
  let end = digits.length
  const point = end - 18
  while (end > point && digits.charCodeAt(end - 1) === 48) end--
  const shown = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`
  return negative ? `-${shown}` : shown
}

const iso = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z")

// Where the seven lines of a trade are posted, by asset: 0 USDT, 1 ETH.
const [spot, market, rounding, fees] = [0, 2, 4, 6]

/** A loop that goes on: each call of what it answers does that many more trades. */
export const make = (series: Series, start: number, step: number, amount: bigint, file: string): (count: number) => void => {
  const balances: Array<bigint> = [10n ** 9n * unit, 10n ** 6n * unit, 0n, 0n, 0n, 0n, 0n, 0n]
  const handle = fs.openSync(file, "w")
  const names = ["USDT", "ETH"] as const
  let order = 0
  let cursor = 0
  let routed = 0
  return (count) => {
    let lines: Array<string> = []
    for (const end = routed + count; routed < end; routed++) {
      const buying = routed % 2 === 0
      const at = start + routed * step
      while (cursor + 1 < series.times.length && series.times[cursor + 1]! <= at) cursor++
      const arrival = series.prices[cursor]!
      const snapped = (amount / lot) * lot
      const notional = (snapped * arrival) / unit
      if (snapped <= 0n || notional < least) throw new Error("too small")
      const bps = notional <= large ? 500n : 700n
      const slipped = buying ? (arrival * (1_000_000n + bps)) / 1_000_000n : (arrival * (1_000_000n - bps)) / 1_000_000n
      const price = buying ? up(slipped, tick) * tick : (slipped / tick) * tick
      const worth = buying ? up(snapped * price, unit) : (snapped * price) / unit
      const [give, given, get] = buying ? [0, worth, snapped] as const : [1, snapped, worth] as const
      const got = 1 - give
      const fee = up(get, 1000n)
      const paid = up(given, quantum) * quantum
      const net = ((get - fee) / quantum) * quantum
      const left = balances[spot + give]! - paid
      if (left < 0n) throw new Error("too little")
      balances[spot + give] = left
      balances[market + give]! += given
      balances[rounding + give]! += paid - given
      balances[spot + got]! += net
      balances[market + got]! -= get
      balances[fees + got]! += fee
      balances[rounding + got]! += get - fee - net
      if (-paid + given + (paid - given) !== 0n || net - get + fee + (get - fee - net) !== 0n) throw new Error("unbalanced")
      const timestamp = iso(at)
      const deltas = { binance: { [names[give]!]: text(-paid), [names[got]!]: text(net) } }
      lines.push(JSON.stringify({
        order: ++order,
        timestamp,
        event_type: "operation",
        component: "ExecutionInterfaceManager",
        data: {
          block_id: null, index: 0, operation_id: `${timestamp}#1`, instruction_type: "cex_trade", venue: "binance", status: "settled",
          attempts: 1, replayed: false, deltas, accounts: deltas,
          fills: [{ symbol: "ETHUSDT", side: buying ? "buy" : "sell", price: text(price), amount: text(snapped), liquidity: "taker" }],
          fees: [{ kind: "fee", venue: "binance", token: names[got], amount: text(fee) }], gas: [], positions: [],
          slippage: { arrival_price: text(arrival), amount: text((snapped * (buying ? price - arrival : arrival - price)) / unit), token: "USDT" },
          detail: { requested: text(amount), snapped: text(snapped) }, error: null
        }
      }))
      lines.push(JSON.stringify({
        order: ++order,
        timestamp,
        event_type: "state_update",
        component: "ExecutionInterfaceManager",
        data: { trigger_source: "execution_manager", instructions_routed: routed + 1, instructions_failed: 0, current_instruction_type: "cex_trade", processing_time_ms: 0 }
      }))
      if (lines.length >= 2000) {
        fs.writeSync(handle, `${lines.join("\n")}\n`)
        lines = []
      }
    }
    if (lines.length > 0) fs.writeSync(handle, `${lines.join("\n")}\n`)
  }
}
