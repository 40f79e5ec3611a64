/**
 * Uniswap v3 simulated: swaps in the arithmetic of its contracts, at the prices of the data.
 *
 * Tokens come from and go to `wallet:wallet`. The pool stands at `market:uniswap`, its fee at `fees:uniswap`.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as Assumption from "../../sim/Assumption.js"
import type * as Contract from "../../sim/Contract.js"
import type * as Gas from "../../sim/Gas.js"
import * as Protocol from "../../sim/Protocol.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as Simulation from "../../sim/Simulation.js"
import type * as Venue from "../../venue/Venue.js"
import * as UniswapConfig from "./Config.js"
import * as Markets from "./Markets.js"
import * as Quote from "./Quote.js"
import * as Swaps from "./Swaps.js"

/** Settings of the venue: see {@link UniswapConfig.Config}. @category schemas @since 0.1.0 */
export const Config = UniswapConfig.Config

/** @category models @since 0.1.0 */
export type Config = UniswapConfig.Config

/**
 * The one sub-account of the venue; a swap moves tokens of the wallet, and nothing stays in it.
 *
 * @category constants
 * @since 0.1.0
 */
export const accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>] = ["position"]

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => UniswapConfig.assumptions(config)

const refuse = (reason: "unsupported" | "invalid", message: string, field: string, expected: string, actual: string) =>
  Either.left(Refusal.make(reason, message, { field, expected, actual }))

type Result<A> = Either.Either<A, Refusal.Refusal>

const ids = (markets: ReadonlyArray<Markets.Market>): string => markets.map(({ id }) => id).join(", ")

/** The pools of two tokens. */
const pairOf = (
  settings: UniswapConfig.Settings,
  sold: Asset.Asset,
  bought: Asset.Asset
): Result<ReadonlyArray<Markets.Market>> => {
  const pair = Markets.between(settings.markets, sold, bought)
  if (pair.length > 0) return Either.right(pair)
  const ether = sold === "ETH" ? "token" : bought === "ETH" ? "token_out" : undefined
  return ether === undefined
    ? refuse("unsupported", `uniswap has no pool of ${sold} and ${bought} here`, "token_out", `the tokens of one of ${ids(settings.markets)}`, bought)
    : refuse("unsupported", "pools hold no native ether: wrap it to WETH in the wallet first, or unwrap what comes out", ether, "WETH", "ETH")
}

/** The pools of a pair that an instruction leaves to choose from. */
const chosenOf = (
  pair: ReadonlyArray<Markets.Market>,
  market: Instruction.SmartContractAction["market"]
): Result<ReadonlyArray<Markets.Market>> => {
  const { feeTier, marketId, pool } = typeof market === "string" ? { pool: market } : market ?? {}
  if (marketId !== undefined) return refuse("unsupported", "pools have no market id", "market", ids(pair), marketId)
  const chosen = pair.filter(({ id, terms }) =>
    (pool === undefined || id === pool) && (feeTier === undefined || terms.fee === BigInt(feeTier)))
  return chosen.length > 0
    ? Either.right(chosen)
    : refuse("unsupported", "uniswap has no such pool of these tokens here", "market", ids(pair), pool ?? String(feeTier))
}

/** What is counted, in units of the token that it counts. */
const unitsOf = (instruction: Venue.Swap, type: Swaps.Request["type"], counted: Asset.Asset): Result<bigint | "max"> => {
  const { amount } = instruction
  if (amount === "max" && type === "exact_in") return Either.right(amount)
  if (typeof amount !== "bigint") {
    const expected = type === "exact_in" ? "a decimal or \"max\"" : "a decimal, because swap_type is exact_out"
    return refuse("invalid", "a swap takes an amount", "amount", expected, amount === "max" ? amount : "another operation's output")
  }
  const decimals = Asset.decimals(counted)
  const units = Amount.toUnits(amount, decimals, "down")
  return units > 0n
    ? Either.right(units)
    : refuse(
      "invalid",
      `${counted} has ${decimals} decimals, and ${Amount.format(amount)} is less than its unit`,
      "amount",
      `at least ${Decimal.formatScaled(1n, decimals)} ${counted}`,
      Amount.format(amount)
    )
}

/**
 * An instruction as the venue does it. Amounts are cut to the decimals of the token; what that leaves nothing of is
 * refused, as is everything that is not simulated.
 *
 * @category constructors
 * @since 0.1.0
 */
export const request = (
  settings: UniswapConfig.Settings,
  { bound, instruction }: Pick<Venue.Intent<Venue.Swap>, "bound" | "instruction">
): Result<Swaps.Request> => {
  const { action, market, network, slippageTolerance, swapType: type = "exact_in", token: sold, tokenOut: bought } = instruction
  if (action !== "swap" || bought === undefined) {
    return refuse("unsupported", `uniswap does not simulate ${action}`, "action", "swap", action)
  }
  if (network !== undefined && network !== settings.network) {
    return refuse("unsupported", `uniswap is on ${settings.network} here`, "network", settings.network, network)
  }
  return Either.gen(function*() {
    const markets = yield* chosenOf(yield* pairOf(settings, sold, bought), market)
    const units = yield* unitsOf(instruction, type, type === "exact_in" ? sold : bought)
    return { type, sold, bought, units, markets, bound, tolerance: slippageTolerance }
  })
}

const wireOf = ({ bought, bound, markets, sold, type, units }: Swaps.Request): Contract.Step["wire"] => ({
  action: "swap",
  swap_type: type,
  token: sold,
  token_out: bought,
  amount: units === "max" ? units : Decimal.formatScaled(units, Asset.decimals(type === "exact_in" ? sold : bought)),
  pools: markets.map(({ id }) => id),
  ...(bound === undefined ? {} : { bound: Decimal.format(bound) })
})

/** The router as a contract of the simulation. @category constructors @since 0.1.0 */
export const contract = (settings: UniswapConfig.Settings): Contract.Contract => {
  const swap = Swaps.step(settings)
  return {
    venue: "uniswap",
    actions: new Set<Instruction.Action>(["swap"]),
    prepare: (intent) =>
      Either.map(request(settings, intent), (payload) => ({
        wire: wireOf(payload),
        run: (world, snapshot) => swap(world, snapshot, payload)
      }))
  }
}

/** The price of the pool that gives most. How much `max` or another call's output is shows only when it runs: one token is priced then. */
const arrival = (settings: UniswapConfig.Settings, swap: Venue.Swap): Protocol.Look<Venue.Arrival> => (world, snapshot) =>
  Either.gen(function*() {
    const asked = yield* request(settings, {
      instruction: typeof swap.amount === "bigint" ? swap : { ...swap, amount: Amount.unit }
    })
    const order = yield* Swaps.order(world, asked)
    return Quote.arrival(yield* Quote.best(world, snapshot, order))
  })

/**
 * The simulated venue `uniswap`, contributed to the registry. Gas is that of the {@link Gas.Gas} tag.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (config: Config = {}): Simulation.VenueLayer<Gas.Gas> => {
  const settings = UniswapConfig.resolve(config)
  return Protocol.layer({
    id: "uniswap",
    family: "dex",
    contract: () => contract(settings),
    arrival: (swap) => arrival(settings, swap)
  })
}
