/**
 * A swap at a pool of the simulated Curve as a step of the world.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Contract from "../../sim/Contract.js"
import * as Gas from "../../sim/Gas.js"
import * as Refusal from "../../sim/Refusal.js"
import * as Staleness from "../../sim/Staleness.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import * as Market from "./Market.js"
import * as Pool from "./Pool.js"

/**
 * A swap at one pool, amounts in units of their tokens.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly pool: Config.PoolSettings
  /** Coin that goes in, by index. */
  readonly i: number
  /** Coin that comes out, by index. */
  readonly j: number
  /** What goes in, `max` for all there is; or the least that is to come out. */
  readonly quantity:
    | { readonly _tag: "ExactIn"; readonly units: bigint | "max" }
    | { readonly _tag: "ExactOut"; readonly units: bigint }
  /** Worst price before the fee, coins out per coin in. */
  readonly bound: Decimal.Decimal | undefined
  /** Where there is no bound: how far below the price on arrival it may end, as a fraction. */
  readonly tolerance: Decimal.Decimal | undefined
}

type Result<A> = Either.Either<A, Refusal.Refusal>

const wallet = Account.make("wallet", "wallet")
const market = Account.contra("market", "curve")
const fees = Account.contra("fees", "curve")
const rounding = Account.contra("rounding", "curve")

/** Decimals of the price of a fill. */
const scale = 18

const everything = (
  gas: Gas.Settings,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  token: Asset.Asset
): Result<bigint> => {
  const held = World.balance(world, wallet, token)
  const spared = token === "ETH" ? Either.map(Gas.quote(gas, snapshot, ["swap"]), ({ amount }) => amount) : Either.right(0n)
  return Either.flatMap(spared, (spare) => {
    const units = held > spare ? Amount.toUnits(held - spare, Asset.decimals(token), "down") : 0n
    return units > 0n
      ? Either.right(units)
      : Either.left(Refusal.insufficientBalance(wallet, token, held, spare + Amount.quantumOf(Asset.decimals(token))))
  })
}

const beyond = ({ pool, quantity, i, j }: Request): Refusal.Refusal => {
  const token = pool.coins[quantity._tag === "ExactIn" ? i : j]!
  return Refusal.make("limit", `the pool ${pool.name} has no price for an amount of that size`, {
    field: "amount",
    expected: quantity._tag === "ExactIn"
      ? "an amount that something comes out for"
      : `less than the ${Decimal.formatScaled(pool.pool.balances[j]!, Asset.decimals(token))} ${token} or so that it holds`,
    actual: quantity.units === "max" ? "max" : Decimal.formatScaled(quantity.units, Asset.decimals(token))
  })
}

/** What has to go in, in units. */
const given = (
  gas: Gas.Settings,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  request: Request,
  side: Market.Side
): Result<bigint> => {
  const { pool: { coins }, quantity, i, j } = request
  if (quantity._tag === "ExactIn") {
    return quantity.units === "max" ? everything(gas, world, snapshot, coins[i]!) : Either.right(quantity.units)
  }
  const out = Amount.fromUnits(quantity.units, Asset.decimals(coins[j]!))
  const start = Amount.toUnits(Amount.over(out, side.mid, 1n, "up"), Asset.decimals(coins[i]!), "up")
  const dx = Pool.least((units) => (side.trade(units)?.dy ?? 0n) >= quantity.units, start, side.most)
  return dx === undefined ? Either.left(beyond(request)) : Either.right(dx)
}

/** The `min_dy` of the call: what must come out at the worst price, net of the fee on arrival, up to a unit. */
const minimum = ({ bound, pool: { coins }, quantity, tolerance, j }: Request, side: Market.Side, paid: Amount.Amount): bigint => {
  const worst = bound ??
    (tolerance === undefined ? Decimal.zero : Decimal.multiply(side.mid, Decimal.subtract(Decimal.one, tolerance)))
  const net = Decimal.multiply(worst, Decimal.subtract(Decimal.one, side.feeRate))
  const units = Amount.toUnits(Amount.times(paid, net, 1n, "up"), Asset.decimals(coins[j]!), "up")
  return quantity._tag === "ExactOut" && quantity.units > units ? quantity.units : units
}

const tooFew = ({ pool: { coins, name }, i, j }: Request, paid: Amount.Amount, dy: bigint, least: bigint): Refusal.Refusal => {
  const out = coins[j]!
  const show = (units: bigint): string => `${Decimal.formatScaled(units, Asset.decimals(out))} ${out}`
  return Refusal.make(
    "price",
    `${name} would give ${show(dy)} for ${Amount.format(paid)} ${coins[i]}, which is less than ${
      show(least)
    } (Exchange resulted in fewer coins than expected)`,
    { expected: `at least ${show(least)}`, actual: show(dy) }
  )
}

const lines = (token: Asset.Asset, out: Asset.Asset, paid: Amount.Amount, got: Amount.Amount, traded: Market.Traded): ReadonlyArray<Entry.Entry> => [
  ...Entry.move(wallet, market, token, paid, "swap"),
  ...Entry.move(market, wallet, out, traded.gross, "swap"),
  ...Entry.move(wallet, fees, out, traded.fee, "fee"),
  ...Entry.move(wallet, rounding, out, traded.gross - traded.fee - got, "rounding")
]

/** What the receipt says beside its lines. */
const told = (
  request: Request,
  { stale }: Market.Market,
  side: Market.Side,
  paid: Amount.Amount,
  dx: bigint,
  least: bigint,
  traded: Market.Traded
): Pick<Contract.Effects, "fills" | "costs" | "positions" | "slippage" | "detail"> => {
  const { pool, i, j } = request
  const { adminFee, dy, fee, feeRate, gross } = traded
  const [token, out] = [pool.coins[i]!, pool.coins[j]!]
  return {
    fills: [{
      symbol: `${token}/${out}`,
      side: "sell",
      price: Decimal.quotient(Amount.toDecimal(gross), Amount.toDecimal(paid), scale, "down"),
      amount: paid,
      liquidity: "taker"
    }],
    costs: fee === 0n ? [] : [{ kind: "fee", venue: "curve", asset: out, amount: fee }],
    positions: [],
    slippage: { arrivalPrice: side.mid, amount: Amount.times(paid, side.mid, 1n, "up") - gross, asset: out },
    detail: {
      pool: pool.name,
      ...(pool.address === undefined ? {} : { address: pool.address }),
      i,
      j,
      dx: dx.toString(),
      dy: dy.toString(),
      min_dy: least.toString(),
      mid: Decimal.format(side.mid),
      fee_rate: Decimal.format(feeRate),
      admin_fee: Amount.format(adminFee),
      ...Staleness.detail(stale),
      ...(pool.impact ? { balances: traded.pool.balances.map((balance) => balance.toString()) } : {})
    }
  }
}

/**
 * One swap: the tokens in, the tokens out, the fee that the pool takes of them. A token is approved first, of its amount,
 * or once for all where the approval is unlimited; native ether needs none.
 *
 * Refused as the contract refuses it: beyond the balance, and where less comes out than the bound asks for (`price`). Also
 * where nothing comes out at all, or the pool cannot give as much as is asked (`limit`).
 *
 * @category constructors
 * @since 0.1.0
 */
export const step = (settings: Config.Settings, gas: Gas.Settings) =>
(world: World.World, snapshot: MarketSnapshot.MarketSnapshot, request: Request): Result<Contract.Stepped> =>
  Either.gen(function*() {
    const { bound, pool, quantity, tolerance, i, j } = request
    const [token, out] = [pool.coins[i]!, pool.coins[j]!]
    const state = Market.slot.get(world)
    const opened = yield* Market.open(pool, state, snapshot)
    const side = yield* Market.side(opened, i, j)
    const dx = yield* given(gas, world, snapshot, request, side)
    const paid = Amount.fromUnits(dx, Asset.decimals(token))
    const held = World.balance(world, wallet, token)
    if (held < paid) return yield* Either.left(Refusal.insufficientBalance(wallet, token, held, paid))
    const traded = side.trade(dx)
    if (traded === undefined || traded.dy === 0n) return yield* Either.left(beyond(request))
    const least = minimum(request, side, paid)
    if (traded.dy < least) return yield* Either.left(tooFew(request, paid, traded.dy, least))

    const key = `${pool.name}/${token}`
    const approves = token !== "ETH" && (settings.approval === "exact" || !state.approved.has(key))
    const remembered = Market.remember(state, opened, snapshot.at, { coin: i, units: dx, out: traded.dy }, traded.pool)
    const entries = lines(token, out, paid, Amount.fromUnits(traded.dy, Asset.decimals(out)), traded)
    const posted = yield* World.post(world, entries)
    const relied = bound !== undefined || tolerance !== undefined || quantity._tag === "ExactOut"
    return {
      world: Market.slot.set(posted, approves ? { ...remembered, approved: new Set(state.approved).add(key) } : remembered),
      value: {
        entries,
        ...told(request, opened, side, paid, dx, least, traded),
        gas: approves ? ["approval", "swap"] : ["swap"],
        ...(relied ? { output: { asset: out, amount: Amount.fromUnits(least, Asset.decimals(out)) } } : {})
      }
    }
  })
