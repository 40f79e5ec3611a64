import type * as Layer from "effect/Layer"
import type * as DataProvider from "execution-interface-manager/data/DataProvider"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Layers from "execution-interface-manager/testing/Layers"
import type * as VenueLaws from "execution-interface-manager/testing/VenueLaws"
import type * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import * as Aave from "execution-interface-manager/venues/aave/Simulated"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Bybit from "execution-interface-manager/venues/bybit/Simulated"
import * as Hyperliquid from "execution-interface-manager/venues/hyperliquid/Simulated"
import * as Okx from "execution-interface-manager/venues/okx/Simulated"
import * as Wallet from "execution-interface-manager/venues/wallet/Simulated"

export const at = Timestamp.unsafe("2024-06-01T00:00:00Z")

const hours = [1, 8, 9, 24, 31]

export const later = hours.map((n) => at + n * Timestamp.hour)

/** Observations of every hour from the begin, moving by a step. */
const hourly = (value: (hour: number) => string) =>
  Object.fromEntries(Array.from({ length: 33 }, (_, hour) => [Timestamp.format(at + hour * Timestamp.hour), value(hour)]))

const funding = (every: number) =>
  Object.fromEntries(Object.entries(hourly((hour) => (hour % 3 === 0 ? "0.000113" : "-0.000047"))).filter((_, hour) => hour > 0 && hour % every === 0))

export const data: Layers.Literal = {
  "price.ETH": hourly((hour) => `${3000 + hour}.37`),
  "price.BTC": "60000",
  "price.BNB": "600",
  "price.USDC": "1",
  "gas.ethereum.gwei": "20",
  ...Object.fromEntries(["binance", "bybit", "okx", "hyperliquid"].flatMap((venue) => [
    [`perp.${venue}.ETH`, hourly((hour) => `${3001 + hour}.13`)],
    [`funding.${venue}.ETH`, funding(venue === "hyperliquid" ? 1 : 8)]
  ])),
  "oracle.weETH/ETH": "1.04",
  ...Object.fromEntries(["USDT", "WETH", "weETH"].flatMap((token, index) => [
    [`aave.supply_index.${token}`, hourly((hour) => `1.0${index + 1}${String(hour).padStart(3, "0")}731`)],
    [`aave.borrow_index.${token}`, hourly((hour) => `1.1${index + 1}${String(hour).padStart(3, "0")}977`)]
  ]))
}

export type Failure = DataProvider.DataError | VenueRegistry.DuplicateVenue

const venues: ReadonlyArray<Layer.Layer<never, VenueRegistry.DuplicateVenue, Layers.WorldServices>> = [
  Wallet.layer(),
  Binance.layer(),
  Bybit.layer(),
  Okx.layer(),
  Hyperliquid.layer(),
  Aave.layer()
]

export const balances: Layers.Balances = {
  "wallet:wallet": { ETH: "20", WETH: "7.123456789012345678", USDT: "50000.123456", weETH: "3" },
  "binance:spot": { USDT: "90000.12345678", ETH: "5.12345678" },
  "binance:perp": { USDT: "20000" },
  "bybit:unified": { USDT: "90000", ETH: "5.12345678" },
  "okx:unified": { USDT: "90000", ETH: "5.12345678" },
  "hyperliquid:spot": { USDC: "9000", ETH: "5.12345678" },
  "hyperliquid:perp": { USDC: "20000" }
}

const layer = Layers.world({ at, data, balances, gas: {}, venues })

const empty = Layers.world({ at, data, gas: {}, venues })

export const trade = (venue: string, type: string, side: string, amount: string, more: Record<string, string | boolean> = {}) => ({
  instruction_type: "cex_trade",
  venue,
  trade_type: type,
  side,
  symbol: type === "perp" ? "ETHUSDT-PERP" : "ETHUSDT",
  amount,
  ...more
})

const transfer = (from: string, to: string, token: string, amount: string) => ({
  instruction_type: "wallet_transfer",
  from_venue: from,
  to_venue: to,
  token,
  amount
})

const setting = (action: string, token: string) => ({ instruction_type: "smart_contract_action", protocol: "aave", action, token })

export const action = (protocol: string, action: string, token: string, amount: string) => ({
  instruction_type: "smart_contract_action",
  protocol,
  action,
  token,
  amount
})

const subject = (venue: string, rest: Omit<VenueLaws.Subject<Failure>, "venue" | "layer" | "empty" | "at" | "later">): VenueLaws.Subject<Failure> => ({
  venue,
  layer,
  empty,
  at,
  later,
  ...rest
})

const exchange = (venue: string, quote: "USDT" | "USDC", internal: readonly [string, string]) => {
  const symbol = { symbol: `ETH${quote}` }
  const perp = { symbol: `ETH${quote}-PERP` }
  const short = trade(venue, "perp", "sell", "2.5", perp)
  return subject(venue, {
    standing: [short],
    cases: [
      { name: "sells ether", instruction: trade(venue, "spot", "sell", "1.2345", symbol) },
      { name: "sells all its ether", instruction: trade(venue, "spot", "sell", "max", symbol) },
      { name: "buys ether", instruction: trade(venue, "spot", "buy", "0.777", symbol) },
      { name: "buys more than it can pay", instruction: trade(venue, "spot", "buy", "7000", symbol) },
      { name: "opens a short", instruction: short },
      { name: "opens a long", instruction: trade(venue, "perp", "buy", "1.25", perp) },
      { name: "opens more than margin allows", instruction: trade(venue, "perp", "buy", "9000", perp) },
      { name: "closes a short", setup: [short], instruction: trade(venue, "perp", "buy", "max", { ...perp, reduce_only: true }) },
      { name: "closes a part of a short", setup: [short], instruction: trade(venue, "perp", "buy", "1", { ...perp, reduce_only: true }) },
      { name: "turns a short into a long", setup: [short], instruction: trade(venue, "perp", "buy", "4", perp) },
      { name: "a market that there is not", instruction: trade(venue, "spot", "buy", "1", { symbol: `FOO${quote}` }) },
      {
        name: "withdraws",
        instruction: quote === "USDC"
          ? { ...transfer(`${venue}_perp`, "binance", "USDC", "100"), network: "arbitrum" }
          : transfer(venue, "wallet", "ETH", "1")
      },
      { name: "withdraws dust", instruction: transfer(venue, "wallet", quote, "0.5") },
      { name: "withdraws more than there is", instruction: transfer(venue, "wallet", "ETH", "900") },
      { name: "moves inside", instruction: transfer(internal[0], internal[1], quote, "100") },
      { name: "moves everything inside", instruction: transfer(internal[0], internal[1], quote, "max") },
      { name: "moves more inside than there is", instruction: transfer(internal[0], internal[1], quote, "900000") }
    ]
  })
}

export const subjects: ReadonlyArray<VenueLaws.Subject<Failure>> = [
  exchange("binance", "USDT", ["binance_spot", "binance_perp"]),
  exchange("bybit", "USDT", ["bybit_unified", "bybit_funding"]),
  exchange("okx", "USDT", ["okx_unified", "okx_funding"]),
  exchange("hyperliquid", "USDC", ["hyperliquid_spot", "hyperliquid_perp"]),
  subject("wallet", {
    standing: [transfer("wallet", "binance", "ETH", "1"), transfer("wallet", "okx", "USDT", "1000.5")],
    cases: [
      { name: "wraps", instruction: action("wallet", "wrap", "ETH", "1.5") },
      { name: "wraps all", instruction: action("wallet", "wrap", "ETH", "max") },
      { name: "unwraps", instruction: action("wallet", "unwrap", "WETH", "0.25") },
      { name: "unwraps all", instruction: action("wallet", "unwrap", "WETH", "max") },
      { name: "unwraps more than there is", instruction: action("wallet", "unwrap", "WETH", "100") },
      { name: "sends ether", instruction: transfer("wallet", "binance", "ETH", "1") },
      { name: "sends all dollars", instruction: transfer("wallet", "okx", "USDT", "max") },
      { name: "sends more than there is", instruction: transfer("wallet", "okx", "USDT", "70000") }
    ]
  }),
  subject("aave", {
    untested: { flash_borrow: "possible only in an atomic group", flash_repay: "possible only in an atomic group" },
    standing: [
      action("aave", "supply", "USDT", "10000.654321"),
      action("aave", "supply", "weETH", "2"),
      action("aave", "borrow", "WETH", "1.1")
    ],
    cases: [
      { name: "supplies", instruction: action("aave", "supply", "USDT", "1000.654321") },
      { name: "supplies all", instruction: action("aave", "supply", "WETH", "max") },
      { name: "supplies more than there is", instruction: action("aave", "supply", "USDT", "900000") },
      {
        name: "takes a token out of the collateral",
        setup: [action("aave", "supply", "USDT", "1000")],
        instruction: { ...setting("set_collateral", "USDT"), enabled: false }
      },
      {
        name: "takes out what carries a debt",
        setup: [action("aave", "supply", "weETH", "2"), action("aave", "borrow", "WETH", "1")],
        instruction: { ...setting("set_collateral", "weETH"), enabled: false }
      },
      { name: "enters a category", setup: [action("aave", "supply", "weETH", "2")], instruction: { ...setting("set_emode", "weETH"), emode_category: 1 } },
      { name: "enters a category that there is not", instruction: { ...setting("set_emode", "weETH"), emode_category: 9 } },
      { name: "supplies what it does not know", instruction: action("aave", "supply", "FOO", "1") },
      { name: "withdraws", setup: [action("aave", "supply", "USDT", "1000")], instruction: action("aave", "withdraw", "USDT", "333.3") },
      { name: "withdraws all", setup: [action("aave", "supply", "USDT", "1000")], instruction: action("aave", "withdraw", "USDT", "max") },
      { name: "borrows", setup: [action("aave", "supply", "weETH", "2")], instruction: action("aave", "borrow", "WETH", "1") },
      { name: "borrows too much", setup: [action("aave", "supply", "weETH", "2")], instruction: action("aave", "borrow", "WETH", "3") },
      { name: "borrows on nothing", instruction: action("aave", "borrow", "USDT", "3") },
      {
        name: "repays",
        setup: [action("aave", "supply", "weETH", "2"), action("aave", "borrow", "WETH", "1")],
        instruction: action("aave", "repay", "WETH", "0.4")
      },
      {
        name: "repays all",
        setup: [action("aave", "supply", "weETH", "2"), action("aave", "borrow", "WETH", "1")],
        instruction: action("aave", "repay", "WETH", "max")
      }
    ]
  })
]
