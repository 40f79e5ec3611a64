import type * as Layer from "effect/Layer"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import type * as Instruction from "execution-interface-manager/domain/Instruction"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Layers from "execution-interface-manager/testing/Layers"
import type * as VenueLaws from "execution-interface-manager/testing/VenueLaws"
import type * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import * as Curve from "execution-interface-manager/venues/curve/Simulated"
import * as EtherFi from "execution-interface-manager/venues/etherfi/Simulated"
import * as Lido from "execution-interface-manager/venues/lido/Simulated"
import * as Morpho from "execution-interface-manager/venues/morpho/Simulated"
import * as Uniswap from "execution-interface-manager/venues/uniswap/Simulated"
import * as Wallet from "execution-interface-manager/venues/wallet/Simulated"
import { at, type Failure } from "./subjects.js"

type VenueLayer = Layer.Layer<never, VenueRegistry.DuplicateVenue, Layers.WorldServices>

const after = (...hours: ReadonlyArray<number>) => hours.map((n) => at + n * Timestamp.hour)

/** Values from the begin, one every so many hours. */
const every = (hours: number, values: ReadonlyArray<string>) =>
  Object.fromEntries(values.map((value, n) => [Timestamp.format(at + n * hours * Timestamp.hour), value]))

const asking = (protocol: string) =>
(action: Instruction.Action, token: string, amount: string | undefined, more: Record<string, string | object> = {}) => ({
  instruction_type: "smart_contract_action",
  protocol,
  action,
  token,
  ...(amount === undefined ? {} : { amount }),
  ...more
})

const subject = (
  venue: string,
  own: VenueLayer,
  world: { readonly data: Layers.Literal; readonly holds: { readonly [token: string]: string } },
  rest: Omit<VenueLaws.Subject<Failure>, "venue" | "layer" | "empty" | "at">
): VenueLaws.Subject<Failure> => {
  const of = { at, data: { "gas.ethereum.gwei": "20", ...world.data }, gas: {}, venues: [Wallet.layer(), own] }
  return { venue, at, layer: Layers.world({ ...of, balances: { "wallet:wallet": world.holds } }), empty: Layers.world(of), ...rest }
}

const lending = (): VenueLaws.Subject<Failure> => {
  const action = asking("morpho")
  const market = { market: "weETH-WETH-94.5" }
  const pledge = action("supply_collateral", "weETH", "10", market)
  const loan = action("borrow", "WETH", "9.7", market)
  const supplied = action("supply", "WETH", "33.3", market)
  const data = {
    "price.ETH": "3000",
    "price.BTC": "60000",
    // Falls by 8 % on the second day: a position at the edge is liquidated.
    "oracle.weETH/ETH": { "2024-06-01T00:00:00Z": "1.04", "2024-06-01T20:15:00Z": "0.96" },
    "oracle.wstETH/ETH": "1.17"
  }
  const holds = { ETH: "20", WETH: "200.123456789012345678", weETH: "100", USDC: "50000.123456" }
  return subject("morpho", Morpho.layer({ markets: { "wstETH-USDC-86": { fee: Decimal.unsafe("0.1") } } }), { data, holds }, {
    later: after(1, 8.5, 9, 24, 31),
    untested: { flash_borrow: "possible only in an atomic group", flash_repay: "possible only in an atomic group" },
    standing: [pledge, loan, action("supply", "USDC", "1234.567891", { market: "wstETH-USDC-86" }), supplied],
    cases: [
      { name: "supplies", instruction: supplied },
      { name: "supplies all", instruction: action("supply", "USDC", "max", { market: "WBTC-USDC-86" }) },
      { name: "supplies more than there is", instruction: action("supply", "WETH", "900", market) },
      { name: "supplies without saying where", instruction: action("supply", "WETH", "1") },
      { name: "withdraws", setup: [supplied], instruction: action("withdraw", "WETH", "3.21", market) },
      { name: "withdraws all", setup: [supplied], instruction: action("withdraw", "WETH", "max", market) },
      { name: "withdraws more than there is", setup: [supplied], instruction: action("withdraw", "WETH", "33.4", market) },
      { name: "brings collateral", instruction: pledge },
      { name: "brings all as collateral", instruction: action("supply_collateral", "weETH", "max", market) },
      { name: "takes collateral back", setup: [pledge], instruction: action("withdraw_collateral", "weETH", "4", market) },
      { name: "takes all collateral back", setup: [pledge], instruction: action("withdraw_collateral", "weETH", "max", market) },
      { name: "takes back what carries a debt", setup: [pledge, loan], instruction: action("withdraw_collateral", "weETH", "1", market) },
      { name: "borrows", setup: [pledge], instruction: loan },
      { name: "borrows too much", setup: [pledge], instruction: action("borrow", "WETH", "9.9", market) },
      { name: "borrows on nothing", instruction: loan },
      { name: "repays", setup: [pledge, loan], instruction: action("repay", "WETH", "1.5", market) },
      { name: "repays all", setup: [pledge, loan], instruction: action("repay", "WETH", "max", market) },
      { name: "repays more than is owed", setup: [pledge, loan], instruction: action("repay", "WETH", "9.8", market) }
    ]
  })
}

/** Rates of every sixth hour, that rise and, in the third day, fall. */
const rates = (begin: number) =>
  every(
    6,
    [0, 137, 411, 822, 1_370, 1_507, 2_055, 2_603, 2_740, 3_014, -4_905, -12_824, -12_653, -12_311, -11_969, -11_627, -11_000].map(
      (change) => `1.${begin + change}31`
    )
  )

/** What the laws are asked of a staking protocol, or of what is made of it. */
export const staking = (venue: "lido" | "etherfi", own: VenueLayer, token: string, wrapped: string): VenueLaws.Subject<Failure> => {
  const action = asking(venue)
  const hour = (n: number) => at + n * Timestamp.hour
  const claim = (ticket: string) => action("claim", "ETH", undefined, { ticket })
  const staked = [action("stake", "ETH", "7.123456789012345678"), action("stake", "ETH", "3.3", { token_out: wrapped })]
  const data = { "oracle.wstETH/ETH": rates(16_345_678), "oracle.weETH/ETH": rates(13_968_310) }
  return subject(venue, own, { data, holds: { ETH: "20.5", WETH: "2" } }, {
    later: after(1, 8, 53, 61, 64, 66, 73, 100, 130),
    standing: [...staked, action("unstake", token, "1.25"), action("unstake", wrapped, "1.1")],
    cases: [
      { name: "stakes", instruction: action("stake", "ETH", "1.23456789") },
      { name: "stakes all", instruction: action("stake", "ETH", "max") },
      { name: "stakes and wraps", instruction: action("stake", "ETH", "2", { token_out: wrapped }) },
      { name: "stakes more than there is", instruction: action("stake", "ETH", "200") },
      { name: "stakes wrapped ether", instruction: action("stake", "WETH", "1") },
      { name: "wraps", setup: staked, instruction: action("wrap", token, "2.000000000000000001") },
      { name: "wraps all", setup: staked, instruction: action("wrap", token, "max") },
      { name: "wraps more than there is", setup: staked, instruction: action("wrap", token, "9") },
      { name: "wraps nothing", instruction: action("wrap", token, "max") },
      { name: "unwraps", setup: staked, instruction: action("unwrap", wrapped, "1.7") },
      { name: "unwraps all", setup: staked, instruction: action("unwrap", wrapped, "max") },
      { name: "unwraps what it does not have", instruction: action("unwrap", wrapped, "1") },
      { name: "asks back", setup: staked, instruction: action("unstake", token, "1.5") },
      { name: "asks all back", setup: staked, instruction: action("unstake", token, "max") },
      { name: "asks wrapped ones back", setup: staked, instruction: action("unstake", wrapped, "max") },
      { name: "asks too much back", setup: staked, instruction: action("unstake", token, "1500") },
      { name: "claims too early", setup: [...staked, action("unstake", token, "1")], instruction: action("claim", "ETH", undefined, { ticket: "1" }) },
      { name: "claims nothing", instruction: action("claim", "ETH", undefined) },
      { name: "claims", setup: [...staked, { at: hour(1), instruction: action("unstake", token, "1") }], at: hour(90), instruction: claim("1") },
      { name: "claims what wrapped ones were given for", setup: [...staked, action("unstake", wrapped, "1.1")], at: hour(90), instruction: claim("1") },
      {
        name: "claims one of two, the later first",
        setup: [...staked, action("unstake", token, "1.5"), { at: hour(2), instruction: action("unstake", token, "0.7") }],
        at: hour(90),
        instruction: claim("2")
      },
      {
        name: "claims all that is due and leaves what is not",
        setup: [...staked, action("unstake", token, "1.5"), action("unstake", wrapped, "0.7"), { at: hour(60), instruction: action("unstake", token, "1") }],
        at: hour(90),
        instruction: action("claim", "ETH", undefined)
      },
      {
        name: "claims a ticket again",
        setup: [...staked, action("unstake", token, "1"), { at: hour(90), instruction: claim("1") }],
        instruction: claim("1")
      },
      { name: "asks for ether at once", setup: staked, instruction: action("unstake", token, "1", { token_out: "ETH" }) }
    ]
  })
}

const swapping = (venue: string) => {
  const action = asking(venue)
  return (token: string, out: string, amount: string, more: Record<string, string | object> = {}) =>
    action("swap", token, amount, { token_out: out, ...more })
}

const exactOut = { swap_type: "exact_out" }

/** What the laws are asked of uniswap, or of what is made of it. */
export const uniswap = (own: VenueLayer = Uniswap.layer()): VenueLaws.Subject<Failure> => {
  const swap = swapping("uniswap")
  const data = {
    "dex.uniswap.WETH/USDT": every(8, ["3000", "3000", "3300"]),
    "dex.weETH/ETH": "1.0389",
    "price.ETH": "3001"
  }
  const holds = { WETH: "100", USDT: "500000.123456", weETH: "20", ETH: "1" }
  return subject("uniswap", own, { data, holds }, {
    later: after(1, 8, 16, 20),
    standing: [swap("WETH", "USDT", "3")],
    cases: [
      { name: "sells", instruction: swap("WETH", "USDT", "1.5") },
      { name: "sells all", instruction: swap("USDT", "WETH", "max") },
      { name: "sells more than there is", instruction: swap("WETH", "USDT", "900") },
      { name: "buys", instruction: swap("WETH", "USDT", "1000", exactOut) },
      { name: "buys for more units than it gets", instruction: swap("USDT", "WETH", "1.25", exactOut) },
      { name: "buys more than it can pay", instruction: swap("WETH", "USDT", "490000", exactOut) },
      { name: "sells back", setup: [swap("WETH", "weETH", "5")], instruction: swap("weETH", "WETH", "max") },
      { name: "sells in a named pool", instruction: swap("WETH", "USDT", "2", { market: { fee_tier: 3000 } }) },
      { name: "sells what it has no price for", instruction: swap("WETH", "USDC", "1") }
    ]
  })
}

const curve = (): VenueLaws.Subject<Failure> => {
  const swap = swapping("curve")
  const data = {
    "price.ETH": "3700",
    "oracle.weETH/ETH": every(1, ["1.04", "1.04", "1.041"]),
    "dex.weETH/ETH": every(1, ["1.0391", "1.0394", "1.0402"]),
    "oracle.wstETH/ETH": "1.17",
    "dex.wstETH/ETH": every(1, ["1.1699", "1.1688"])
  }
  const holds = { ETH: "100", WETH: "500", stETH: "50.000000000000000001", weETH: "300", USDT: "100000.5", USDC: "9000", DAI: "20000" }
  return subject("curve", Curve.layer(), { data, holds }, {
    later: after(1, 9),
    cases: [
      { name: "swaps", instruction: swap("USDT", "USDC", "1000.1234567") },
      { name: "swaps all", instruction: swap("weETH", "WETH", "max") },
      { name: "swaps all its ether", instruction: swap("ETH", "stETH", "max") },
      { name: "swaps for an amount", instruction: swap("weETH", "WETH", "3.5", exactOut) },
      { name: "swaps for an amount of a finer token", instruction: swap("USDT", "DAI", "1234.567890123456789012", exactOut) },
      { name: "swaps for ether", instruction: swap("stETH", "ETH", "7", exactOut) },
      { name: "swaps for more units than it gets", instruction: swap("WETH", "weETH", "3.5", exactOut) },
      { name: "swaps back", setup: [swap("WETH", "weETH", "4")], instruction: swap("weETH", "WETH", "4") },
      { name: "swaps more than there is", instruction: swap("DAI", "USDC", "700000") },
      { name: "swaps what no pool has", instruction: swap("USDT", "WETH", "7") },
      { name: "swaps beyond its tolerance", instruction: swap("weETH", "WETH", "250", { slippage_tolerance: "0.0000001" }) }
    ]
  })
}

const furtherWallet = (): VenueLaws.Subject<Failure> => {
  const transfer = (from: string, to: string, token: string, amount: string) =>
    ({ instruction_type: "wallet_transfer", from_venue: from, to_venue: to, token, amount })
  const own = Wallet.further("wallet_cold", { confirmations: 3 })
  const filled = transfer("wallet", "wallet_cold", "USDT", "100.123456")
  const ether = transfer("wallet", "wallet_cold", "ETH", "2")
  return subject("wallet_cold", own, { data: {}, holds: { ETH: "20", USDT: "5000.123456" } }, {
    later: after(1, 2),
    standing: [filled],
    cases: [
      { name: "is filled", instruction: filled },
      { name: "sends back", setup: [filled, ether], at: at + Timestamp.hour, instruction: transfer("wallet_cold", "wallet", "USDT", "50") },
      { name: "sends all back", setup: [filled, ether], at: at + Timestamp.hour, instruction: transfer("wallet_cold", "wallet", "USDT", "max") },
      { name: "sends all its ether back", setup: [ether], at: at + Timestamp.hour, instruction: transfer("wallet_cold", "wallet", "ETH", "max") },
      { name: "sends what is still under way", setup: [filled, ether], instruction: transfer("wallet_cold", "wallet", "USDT", "50") },
      { name: "sends more than there is", instruction: transfer("wallet_cold", "wallet", "USDT", "1") }
    ]
  })
}

/** On-chain protocols, each beside a wallet in a world of its own. */
export const protocols: ReadonlyArray<VenueLaws.Subject<Failure>> = [
  lending(),
  staking("lido", Lido.layer({ withdrawalDays: 2.7 }), "stETH", "wstETH"),
  staking("etherfi", EtherFi.layer({ withdrawalDays: 3, instantExitFee: Decimal.unsafe("0.003") }), "eETH", "weETH"),
  uniswap(),
  curve(),
  furtherWallet()
]

/** Laws about what comes due and what waits: nothing does at a pool, and lenders give out no tickets. */
export const silent: ReadonlyMap<string, ReadonlyArray<VenueLaws.Law>> = new Map([
  ["aave", ["promised"]],
  ["morpho", ["promised"]],
  ["uniswap", ["once", "split", "promised"]],
  ["curve", ["once", "split", "promised"]]
])

