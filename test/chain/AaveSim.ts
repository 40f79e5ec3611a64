/**
 * The simulated Aave as the test chain has it: settings, prices, worlds, and the names of what both refuse.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { maxUint256 } from "viem"
import * as Amount from "../../src/domain/Amount.js"
import * as Asset from "../../src/domain/Asset.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Entry from "../../src/domain/Entry.js"
import type * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import type * as Refusal from "../../src/sim/Refusal.js"
import * as World from "../../src/sim/World.js"
import * as AccountData from "../../src/venues/aave/AccountData.js"
import * as Config from "../../src/venues/aave/Config.js"
import * as Opening from "../../src/venues/aave/Opening.js"
import * as Position from "../../src/venues/aave/Position.js"
import * as AaveWorld from "./AaveWorld.js"
import type * as Anvil from "./Anvil.js"

export const tokens = ["USDT", "WETH", "weETH", "WBTC"] as const

export const seeds = [3, 5, 8, 13]

export const steps = 40

const curve = (optimal: string, base: string, slope1: string, slope2: string) => ({ optimal_usage: optimal, base_rate: base, slope1, slope2 })

const parsed = Schema.decodeUnknownSync(Config.Config)({
  rounding: "v3.0",
  reserves: {
    USDT: { interest: "model", rate_model: curve("0.9", "0", "0.055", "0.6"), reserve_factor: "0.1" },
    WETH: { interest: "model", rate_model: curve("0.8", "0.01", "0.038", "0.8"), reserve_factor: "0.15", borrow_cap: "345" },
    weETH: { interest: "model", rate_model: curve("0.45", "0", "0.07", "3"), reserve_factor: "0.45", supply_cap: "530" },
    WBTC: { interest: "model", rate_model: curve("0.45", "0.002", "0.04", "3"), reserve_factor: "0.2", borrowable: false }
  },
  emodes: { 1: { ltv: "0.93", liquidation_threshold: "0.95", liquidation_bonus: "0.01", collateral: ["WETH", "weETH"], borrowable: ["WETH", "weETH"] } }
})

export const settings = Config.resolve(parsed)

/** Prices in whole dollars, and the rate of the liquid staking token in 1e-4. */
export interface Market {
  readonly ether: bigint
  readonly bitcoin: bigint
  readonly rate: bigint
}

export const opening: Market = { ether: 3_000n, bitcoin: 65_000n, rate: 10_400n }

export const snapshotAt = (seconds: bigint, market: Market): MarketSnapshot.MarketSnapshot => {
  const at = Number(seconds) * 1000
  const values: { readonly [series: string]: Decimal.Decimal } = {
    "price.ETH": Decimal.make(market.ether, 0),
    "price.BTC": Decimal.make(market.bitcoin, 0),
    "oracle.weETH/ETH": Decimal.make(market.rate, 4)
  }
  return {
    at,
    observe: (series) => (values[series] === undefined ? undefined : { at, value: values[series] }),
    since: () => [],
    has: (series) => values[series] !== undefined,
    maxAge: () => Infinity,
    step: () => undefined,
    staleFills: () => false
  }
}

export const price = (deployed: AaveWorld.World, symbol: string, snapshot: MarketSnapshot.MarketSnapshot): AaveWorld.Call => ({
  to: deployed.oracle,
  functionName: "setAssetPrice",
  args: [deployed.reserves.get(symbol)!.token, Either.getOrThrow(AccountData.oraclePrice(snapshot, symbol))]
})

const unit = (symbol: string): bigint => 10n ** BigInt(Asset.decimals(symbol))

/** What the others have at the pool, and what the trader and the liquidator bring. */
const amounts: { readonly [symbol: string]: { readonly others: bigint; readonly lent: bigint; readonly trader: bigint } } = {
  USDT: { others: 900_000n, lent: 700_000n, trader: 120_000n },
  WETH: { others: 400n, lent: 320n, trader: 40n },
  weETH: { others: 500n, lent: 200n, trader: 40n },
  WBTC: { others: 30n, lent: 0n, trader: 3n }
}

/** The protocol with reserves that others use, and everybody's approvals. */
export const deploy = async (admin: Anvil.TestClient, trader: Anvil.TestClient, liquidator: Anvil.TestClient): Promise<AaveWorld.World> => {
  const listed = tokens.map((symbol) => ({ ...settings.reserves.get(symbol)!, decimals: Asset.decimals(symbol) }))
  const deployed = await AaveWorld.deploy(admin, listed, [...settings.categories.values()])
  const chain = AaveWorld.chain(admin, deployed)
  const { timestamp } = await admin.getBlock()
  const check = (all: ReadonlyArray<AaveWorld.Called>) => all.forEach(({ refusal }) => {
    if (refusal !== undefined) throw new Error(refusal)
  })
  const own = admin.account.address
  check(await chain.calls(admin, timestamp + 1n, tokens.flatMap((symbol) => {
    const { token } = deployed.reserves.get(symbol)!
    const mint = (to: string, whole: bigint): AaveWorld.Call => ({ to: token, functionName: "mint", args: [to, whole * unit(symbol)] })
    return [
      price(deployed, symbol, snapshotAt(timestamp, opening)),
      mint(own, 10n * amounts[symbol]!.others),
      mint(trader.account.address, amounts[symbol]!.trader),
      mint(liquidator.account.address, 1_000_000n)
    ]
  })))
  let at = timestamp + 2n
  for (const user of [admin, trader, liquidator]) {
    check(await chain.calls(user, at, tokens.map((symbol) => ({
      to: deployed.reserves.get(symbol)!.token,
      functionName: "approve",
      args: [deployed.pool, maxUint256]
    }))))
    at += 1n
  }
  for (const [action, part] of [["supply", "others"], ["borrow", "lent"]] as const) {
    check(await chain.calls(admin, at, tokens.filter((symbol) => amounts[symbol]![part] > 0n).map((symbol) =>
      AaveWorld.call(deployed, own, action, deployed.reserves.get(symbol)!.token, amounts[symbol]![part] * unit(symbol))
    )))
    at += 1n
  }
  return deployed
}

/** A world in which the pool is what the chain has stored, and the trader has nothing there yet. */
export const worldOf = (stored: AaveWorld.Snapshot, now: bigint): World.World => {
  const empty = World.empty(Number(now) * 1000)
  const rich = Either.getOrThrow(World.post(empty, [...stored.reserves].flatMap(([symbol, { wallet }]) =>
    Entry.move("opening:balance", Opening.wallet, symbol, Amount.fromUnits(wallet, Asset.decimals(symbol)), "opening"))))
  return Position.slot.set(rich, {
    ...Position.slot.get(rich),
    opened: true,
    pool: new Map([...stored.reserves].map(([symbol, { reserve }]) => [symbol, reserve]))
  })
}

/** The contracts' words, and how the simulation says the same. */
const words: ReadonlyArray<readonly [RegExp, (refusal: Refusal.Refusal) => boolean]> = ([
  ["24|25|26", /makes no scaled unit|there is no/],
  ["28", /ReserveFrozen/],
  ["29", /ReservePaused/],
  ["30", /BorrowingNotEnabled/],
  ["34", /CollateralBalanceIsZero/],
  ["35", /HealthFactorLowerThanLiquidationThreshold/],
  ["36", /CollateralCannotCoverNewBorrow/],
  ["39", /is owed to aave/],
  ["43", /UnderlyingBalanceZero/],
  ["50", /BorrowCapExceeded/],
  ["51", /SupplyCapExceeded/],
  ["57", /LtvValidationFailed/],
  ["58", /InconsistentEModeCategory/],
  ["62", /UserInIsolationModeOrLtvZero/],
  ["91", /FlashloanDisabled/],
  ["32|.*transfer.*|SafeMath.*", /are needed|not lent/],
  ["panic 0x11", /not lent/]
] as const).map(([code, message]) => [new RegExp(`^(${code})$`), (refusal) => message.test(refusal.message)])

/** Whether both refuse for the same reason. */
export const isSame = (said: string, refusal: Refusal.Refusal): boolean => words.some(([code, matches]) => code.test(said) && matches(refusal))
