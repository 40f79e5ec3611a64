/**
 * The bare loop: what has to be computed for a spot trade with fees, slippage, ledger and two events, and nothing else.
 * No Effect, no ports, no venue of choice; the same bigint arithmetic and the same text written to the same kind of
 * file. It is the yardstick, not a manager.
 */
import * as fs from "node:fs"

interface Series {
  readonly times: ReadonlyArray<number>
  /** Scaled by 1e18. */
  readonly prices: ReadonlyArray<bigint>
}

const unit = 10n ** 18n
const quantum = 10n ** 10n

const up = (n: bigint, d: bigint): bigint => (n % d === 0n ? n / d : n / d + 1n)

const text = (amount: bigint): string => {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(19, "0")
  const fraction = digits.slice(-18).replace(/0+$/, "")
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -18)}${fraction === "" ? "" : `.${fraction}`}`
}

const iso = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z")

export interface Trade {
  readonly side: "buy" | "sell"
  readonly amount: bigint
}

/** Instructions a second. */
export const run = (trades: ReadonlyArray<Trade>, start: number, step: number, series: Series, file: string): number => {
  const balances = new Map<string, bigint>([["binance:spot|USDT", 10n ** 9n * unit], ["binance:spot|ETH", 10n ** 6n * unit]])
  const handle = fs.openSync(file, "w")
  let lines: Array<string> = []
  let order = 0
  let cursor = 0
  const began = performance.now()
  for (let n = 0; n < trades.length; n++) {
    const { amount, side } = trades[n]!
    const at = start + n * step
    while (cursor + 1 < series.times.length && series.times[cursor + 1]! <= at) cursor++
    const arrival = series.prices[cursor]!
    const snapped = (amount / (10n ** 14n)) * 10n ** 14n
    if (snapped <= 0n || (snapped * arrival) / unit < 5n * unit) throw new Error("too small")
    const notional = (snapped * arrival) / unit
    const bps = notional <= 10_000n * unit ? 500n : 700n
    const buying = side === "buy"
    const slipped = buying ? (arrival * (1_000_000n + bps)) / 1_000_000n : (arrival * (1_000_000n - bps)) / 1_000_000n
    const price = buying ? up(slipped, 10n ** 16n) * 10n ** 16n : (slipped / 10n ** 16n) * 10n ** 16n
    const worth = buying ? up(snapped * price, unit) : (snapped * price) / unit
    const [give, giveAsset, get, getAsset] = buying ? [worth, "USDT", snapped, "ETH"] as const : [snapped, "ETH", worth, "USDT"] as const
    const fee = up(get, 1000n)
    const given = up(give, quantum) * quantum
    const net = ((get - fee) / quantum) * quantum
    const entries: Array<readonly [string, string, bigint]> = [
      ["binance:spot", giveAsset, -given],
      ["market:binance", giveAsset, give],
      ["rounding:binance", giveAsset, given - give],
      ["binance:spot", getAsset, net],
      ["market:binance", getAsset, -get],
      ["fees:binance", getAsset, fee],
      ["rounding:binance", getAsset, get - fee - net]
    ]
    const sums = new Map<string, bigint>()
    for (const [account, asset, change] of entries) {
      const key = `${account}|${asset}`
      const after = (balances.get(key) ?? 0n) + change
      if (after < 0n && account === "binance:spot") throw new Error("too little")
      balances.set(key, after)
      sums.set(asset, (sums.get(asset) ?? 0n) + change)
    }
    for (const sum of sums.values()) if (sum !== 0n) throw new Error("unbalanced")
    const deltas = { binance: { [giveAsset]: text(-given), [getAsset]: text(net) } }
    const timestamp = iso(at)
    lines.push(JSON.stringify({
      order: ++order,
      timestamp,
      event_type: "operation",
      component: "ExecutionInterfaceManager",
      data: {
        block_id: null, index: 0, operation_id: `${timestamp}#1`, instruction_type: "cex_trade", venue: "binance", status: "settled",
        attempts: 1, replayed: false, deltas, accounts: deltas,
        fills: [{ symbol: "ETHUSDT", side, price: text(price), amount: text(snapped), liquidity: "taker" }],
        fees: [{ kind: "fee", venue: "binance", token: getAsset, amount: text(fee) }], gas: [], positions: [],
        slippage: { arrival_price: text(arrival), amount: text((snapped * (buying ? price - arrival : arrival - price)) / unit), token: "USDT" },
        detail: { bps: text(bps) }, error: null
      }
    }))
    lines.push(JSON.stringify({
      order: ++order,
      timestamp,
      event_type: "state_update",
      component: "ExecutionInterfaceManager",
      data: { trigger_source: "execution_manager", instructions_routed: n + 1, instructions_failed: 0, current_instruction_type: "cex_trade", processing_time_ms: 0 }
    }))
    if (lines.length >= 2000) {
      fs.writeSync(handle, `${lines.join("\n")}\n`)
      lines = []
    }
  }
  fs.writeSync(handle, lines.length === 0 ? "" : `${lines.join("\n")}\n`)
  fs.closeSync(handle)
  return trades.length / ((performance.now() - began) / 1000)
}
