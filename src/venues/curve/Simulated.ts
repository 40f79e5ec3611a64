/**
 * Curve simulated: swaps at StableSwap pools in the arithmetic of their contracts.
 *
 * Tokens come from and go to `wallet:wallet`; the pools stand at `market:curve`, their fees at `fees:curve`.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as Outcome from "../../domain/Outcome.js"
import type * as Assumption from "../../sim/Assumption.js"
import type * as Contract from "../../sim/Contract.js"
import type * as Gas from "../../sim/Gas.js"
import * as Protocol from "../../sim/Protocol.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as Simulation from "../../sim/Simulation.js"
import type * as Venue from "../../venue/Venue.js"
import * as Assumptions from "./Assumptions.js"
import * as CurveConfig from "./Config.js"
import * as Market from "./Market.js"
import * as Swap from "./Swap.js"

/** Settings of the venue: see {@link CurveConfig.Config}. @category schemas @since 0.1.0 */
export const Config = CurveConfig.Config

/** @category models @since 0.1.0 */
export type Config = CurveConfig.Config

/** Nothing is held at it: what is swapped stays in the wallet. @category constants @since 0.1.0 */
export const accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>] = ["position"]

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => Assumptions.assumptions(config)

const refused = (
  reason: Outcome.Reason,
  message: string,
  field: string,
  expected: string,
  actual: string
): Either.Either<never, Refusal.Refusal> => Either.left(Refusal.make(reason, message, { field, expected, actual }))

const isNamed = (pool: CurveConfig.PoolSettings, name: string): boolean =>
  pool.name === name.toLowerCase() || pool.address?.toLowerCase() === name.toLowerCase()

const otherEther: { readonly [token: Asset.Asset]: Asset.Asset } = { ETH: "WETH", WETH: "ETH" }

/** The pool of a pair: the one that is named, else the only one that has both. */
const poolOf = (
  settings: CurveConfig.Settings,
  token: Asset.Asset,
  out: Asset.Asset,
  market: Instruction.SmartContractAction["market"]
): Either.Either<CurveConfig.PoolSettings, Refusal.Refusal> => {
  const named = typeof market === "string" ? market : market?.pool
  if (typeof market === "object" && (market.feeTier !== undefined || market.marketId !== undefined)) {
    return refused("unsupported", "a pool of curve is known by its name or its address", "market", "{\"pool\"} alone", "a fee tier or a market id")
  }
  const known = settings.pools.map(({ coins, name }) => `${name} (${coins.join(", ")})`).join("; ")
  const pools = named === undefined ? settings.pools : settings.pools.filter((pool) => isNamed(pool, named))
  if (named !== undefined && pools.length === 0) {
    return refused("unsupported", `curve has no pool ${named} here`, "market", `one of ${known}`, named)
  }
  const fitting = pools.filter(({ coins }) => coins.includes(token) && coins.includes(out))
  const [pool, ...more] = fitting
  if (pool === undefined) {
    const [ether] = [token, out].filter((one) => one in otherEther && pools.some(({ coins }) => coins.includes(otherEther[one]!)))
    return refused(
      "unsupported",
      `curve has no pool of ${token} and ${out} here${ether === undefined ? "" : `; wrap or unwrap in the wallet, where a pool has ${otherEther[ether]} instead of ${ether}`}`,
      "token_out",
      `a pair of one of the pools ${known}`,
      `${token}/${out}`
    )
  }
  return more.length === 0
    ? Either.right(pool)
    : refused("invalid", `more than one pool of curve has ${token} and ${out}`, "market", `one of ${fitting.map(({ name }) => name).join(", ")}`, "none")
}

const quantityOf = (
  { amount, swapType, token }: Instruction.SmartContractAction,
  out: Asset.Asset
): Either.Either<Swap.Request["quantity"], Refusal.Refusal> => {
  const exactOut = swapType === "exact_out"
  if (amount === "max" && !exactOut) return Either.right({ _tag: "ExactIn", units: amount })
  if (typeof amount !== "bigint") {
    return refused(
      "invalid",
      exactOut ? "what comes out of a swap is an amount" : "a swap takes an amount",
      "amount",
      exactOut ? "a decimal" : "a decimal or \"max\"",
      amount === "max" ? amount : "another operation's output"
    )
  }
  const counted = exactOut ? out : token
  const decimals = Asset.decimals(counted)
  const units = Amount.toUnits(amount, decimals, exactOut ? "up" : "down")
  return units > 0n
    ? Either.right({ _tag: exactOut ? "ExactOut" : "ExactIn", units })
    : refused(
      "invalid",
      `${counted} has ${decimals} decimals, and ${Amount.format(amount)} is less than its unit`,
      "amount",
      `at least ${Decimal.formatScaled(1n, decimals)} ${counted}`,
      Amount.format(amount)
    )
}

/**
 * A swap as the venue does it. Refused: pairs that no pool has or more than one, and everything that is not a swap. An
 * amount in is cut to the decimals of its token, an amount out taken up to them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const request = (
  settings: CurveConfig.Settings,
  { bound, instruction }: Pick<Venue.Intent<Instruction.SmartContractAction>, "bound" | "instruction">
): Either.Either<Swap.Request, Refusal.Refusal> => {
  const { action, market, network, slippageTolerance, token, tokenOut } = instruction
  if (action !== "swap") return refused("unsupported", `curve does not simulate ${action}`, "action", "swap", action)
  if (network !== undefined && network !== settings.network) {
    return refused("unsupported", `curve is on ${settings.network} here`, "network", settings.network, network)
  }
  if (tokenOut === undefined || tokenOut === token) {
    return refused("invalid", "a swap is from one token to another", "token_out", `another token than ${token}`, tokenOut ?? "none")
  }
  return Either.flatMap(poolOf(settings, token, tokenOut, market), (pool) =>
    Either.map(quantityOf(instruction, tokenOut), (quantity) => ({
      pool,
      i: pool.coins.indexOf(token),
      j: pool.coins.indexOf(tokenOut),
      quantity,
      bound,
      tolerance: slippageTolerance
    })))
}

const wireOf = ({ bound, pool, quantity, i, j }: Swap.Request): Contract.Step["wire"] => {
  const token = pool.coins[quantity._tag === "ExactIn" ? i : j]!
  return {
    action: "swap",
    pool: pool.name,
    token: pool.coins[i]!,
    token_out: pool.coins[j]!,
    swap_type: quantity._tag === "ExactIn" ? "exact_in" : "exact_out",
    amount: quantity.units === "max" ? quantity.units : Decimal.formatScaled(quantity.units, Asset.decimals(token)),
    ...(bound === undefined ? {} : { bound: Decimal.format(bound) })
  }
}

/** The pools as contracts of the simulation. @category constructors @since 0.1.0 */
export const contract = (settings: CurveConfig.Settings, gas: Gas.Settings): Contract.Contract => {
  const swap = Swap.step(settings, gas)
  return {
    venue: "curve",
    actions: new Set<Instruction.Action>(["swap"]),
    prepare: (intent) =>
      Either.map(request(settings, intent), (payload) => ({
        wire: wireOf(payload),
        run: (world, snapshot) => swap(world, snapshot, payload)
      }))
  }
}

/** The pool's price, which is the same for every amount, also for one that only an atomic group knows. */
const arrival = (settings: CurveConfig.Settings, swap: Venue.Swap): Protocol.Look<Venue.Arrival> => (world, snapshot) =>
  Either.gen(function*() {
    const { i, j, pool } = yield* request(settings, {
      instruction: typeof swap.amount === "object" ? { ...swap, amount: "max" } : swap
    })
    const market = yield* Market.open(pool, Market.slot.get(world), snapshot)
    const { feeRate, mid } = yield* Market.side(market, i, j)
    return { price: mid, feeRate }
  })

/**
 * The simulated venue `curve`, contributed to the registry. Gas is that of the {@link Gas.Gas} tag.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (config: Config = {}): Simulation.VenueLayer<Gas.Gas> => {
  const settings = CurveConfig.resolve(config)
  return Protocol.layer({
    id: "curve",
    family: "dex",
    contract: (gas) => contract(settings, gas),
    arrival: (swap) => arrival(settings, swap)
  })
}
