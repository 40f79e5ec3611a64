/**
 * The basis trade: hold a coin on Binance, be short as much of it in perpetuals on Binance and Bybit, and collect the
 * funding. Of the equity 70 % buys the coin; 15 % is margin on each exchange, so that the shorts stand at 2.3 times
 * their margin and the price must rise by more than a third before one of them is in danger.
 */
import { Effect } from "effect"
import { Amount, Asset, DataProvider, Decimal, MarketSnapshot, type Positions, Script, Timestamp } from "execution-interface-manager"

type Venue = "binance" | "bybit"

const share = (amount: Amount.Amount, percent: bigint): Amount.Amount => (amount * percent) / 100n

const transfer = (from_venue: string, to_venue: string, amount: Amount.Amount | "max") => ({
  instruction_type: "wallet_transfer",
  from_venue,
  to_venue,
  token: "USDT",
  amount: amount === "max" ? amount : Amount.format(Amount.quantize(amount, Amount.quantumOf(6), "down"))
})

const trade = (venue: Venue, trade_type: "spot" | "perp", side: "buy" | "sell", asset: Asset.Asset, amount: Amount.Amount | "max", reduce_only = false) => ({
  instruction_type: "cex_trade",
  venue,
  trade_type,
  side,
  symbol: `${asset}USDT${trade_type === "perp" ? "-PERP" : ""}`,
  amount: amount === "max" ? amount : Amount.format(amount),
  ...(reduce_only ? { reduce_only } : {})
})

/** What the short at a venue is worth at its mark. */
const shortValue = (positions: Positions.Positions, venue: Venue): Amount.Amount => {
  const short = positions.perpetuals.find((position) => position.venue === venue)
  return short?.mark === undefined ? 0n : Amount.times(-short.size, short.mark, 1n, "up")
}

/** What a margin account holds, and what its short has won or lost at the mark. */
const margin = (positions: Positions.Positions, venue: Venue) => {
  const short = positions.perpetuals.find((position) => position.venue === venue)
  const result = short?.mark === undefined
    ? 0n
    : Amount.times(short.size, Decimal.subtract(short.mark, short.entryPrice), 1n, "down")
  return { cash: positions.balance(venue === "binance" ? "binance_perp" : "bybit_unified", "USDT"), result }
}

/** Equity of a margin account over the value of its short, in percent; 0 without a short. */
const marginPercent = (positions: Positions.Positions, venue: Venue): bigint => {
  const { cash, result } = margin(positions, venue)
  const value = shortValue(positions, venue)
  return value === 0n ? 0n : ((cash + result) * 100n) / value
}

/** What can leave the margin account on Binance with 30 % of the short's value left in it. Gains stay until realised. */
const releasable = (positions: Positions.Positions): Amount.Amount => {
  const { cash, result } = margin(positions, "binance")
  return cash + Amount.min(result, 0n) - share(shortValue(positions, "binance"), 30n)
}

/** The script for one coin, from `begin` to `end`; `lot` is the step of both perpetuals. */
export const basis = (asset: "ETH" | "BTC", lot: string) => {
  const begin = Timestamp.unsafe("2024-06-01T00:00:00Z")
  const end = Timestamp.unsafe("2025-06-01T00:00:00Z")
  const venues: ReadonlyArray<Venue> = ["binance", "bybit"]
  const step = Amount.unsafe(lot)
  const toLots = (amount: Amount.Amount) => Amount.quantize(amount, step, "down")

  /** Buys coins for `cash` and sells as many in perpetuals, half at each exchange. Fees and slippage fit in 1 %. */
  const enter = (id: string, cash: Amount.Amount, price: Decimal.Decimal) => {
    const half = toLots(Amount.over(share(cash, 99n), price, 1n, "down") / 2n)
    return half === 0n ? [] : [{
      block_id: id,
      action: "entry_partial",
      priority: 1,
      instructions: [
        trade("binance", "spot", "buy", asset, 2n * half),
        ...venues.map((venue) => trade(venue, "perp", "sell", asset, half))
      ]
    }]
  }

  /** Sells a tenth of the coin, and buys back as much of the shorts. */
  const reduce = (id: string, positions: Positions.Positions) => {
    const half = toLots(positions.balance("binance", asset) / 20n)
    return half === 0n ? [] : [{
      block_id: id,
      action: "exit_partial",
      priority: 1,
      instructions: [
        ...venues.map((venue) => trade(venue, "perp", "buy", asset, half, true)),
        trade("binance", "spot", "sell", asset, 2n * half),
        transfer("binance_spot", "binance_perp", share(Amount.times(2n * half, positions.perpetuals[0]!.mark!, 1n, "down"), 45n)),
        transfer("binance_spot", "bybit", share(Amount.times(2n * half, positions.perpetuals[0]!.mark!, 1n, "down"), 45n))
      ]
    }]
  }

  const decide = Effect.fnUntraced(function*(time: Timestamp.Timestamp, positions: Positions.Positions) {
    const data = yield* DataProvider.DataProvider
    const price = MarketSnapshot.price(yield* data.getData(time), asset)
    if (time < begin || price._tag === "Left" || Object.keys(positions.inTransit).length > 0) return []
    const id = (name: string) => `${name}-${Timestamp.format(time)}`
    const inWallet = positions.balance("wallet", "USDT")
    const open = positions.perpetuals.length > 0

    if (time >= end) {
      if (open) {
        return [{
          block_id: id("exit"),
          action: "exit_full",
          priority: 1,
          instructions: [
            ...venues.map((venue) => trade(venue, "perp", "buy", asset, "max", true)),
            trade("binance", "spot", "sell", asset, "max"),
            transfer("binance_perp", "binance_spot", "max")
          ]
        }]
      }
      const away = venues.filter((venue) => positions.balance(venue, "USDT") > 0n)
      return away.length === 0 ? [] : [{ block_id: id("return"), instructions: away.map((venue) => transfer(venue, "wallet", "max")) }]
    }

    if (!open && inWallet > 0n) {
      return [{
        block_id: id("fund"),
        action: "entry_full",
        priority: 1,
        instructions: [transfer("wallet", "binance", share(inWallet, 85n)), transfer("wallet", "bybit", share(inWallet, 15n))]
      }]
    }

    const cash = positions.balance("binance_spot", "USDT")
    if (!open) {
      const margin = share(cash, 18n)
      return [
        { block_id: id("margin"), instructions: [transfer("binance_spot", "binance_perp", margin)] },
        ...enter(id("entry"), cash - margin, price.right)
      ]
    }

    if (time % (7 * Timestamp.day) !== 0) return []
    const margins = venues.map((venue) => marginPercent(positions, venue))
    if (margins.some((percent) => percent < 28n)) return reduce(id("reduce"), positions)
    if (margins.every((percent) => percent > 60n)) {
      const free = releasable(positions)
      return free < 500n * Amount.unit ? [] : [
        { block_id: id("release"), instructions: [transfer("binance_perp", "binance_spot", free)] },
        ...enter(id("extend"), cash + free, price.right)
      ]
    }
    return []
  })

  return Script.make({ initialBalances: { wallet: { USDT: "100000" } }, decide })
}
