/**
 * What a backtest came to.
 *
 * @since 0.1.0
 */
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as EimError from "../../domain/EimError.js"
import * as ExecutionReport from "../../domain/ExecutionReport.js"
import type { Json } from "../../domain/Json.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Config from "../../manager/Config.js"
import type * as Assumption from "../../sim/Assumption.js"
import * as World from "../../sim/World.js"

/**
 * Kinds of cost. `funding` and `interest` are signed: positive where the trader paid, negative where it received.
 * `slippage` is inside the fills already, and stated beside the others.
 *
 * @category models
 * @since 0.1.0
 */
export type CostKind = "fees" | "gas" | "slippage" | "funding" | "interest" | "rounding"

/**
 * Sum of one kind of cost in one asset.
 *
 * @category models
 * @since 0.1.0
 */
export interface CostLine {
  readonly kind: CostKind
  readonly asset: Asset.Asset
  readonly amount: Amount.Amount
}

/** Worth of everything held at an instant, in the share class's token. @category models @since 0.1.0 */
export interface ValuePoint {
  readonly at: Timestamp.Timestamp
  readonly value: Decimal.Decimal
}

/** What a backtest came to, whether it got to its end or was stopped. @category models @since 0.1.0 */
export interface Result {
  readonly backtestId: string
  readonly from: Timestamp.Timestamp
  readonly to: Timestamp.Timestamp
  readonly shareClass: Config.ShareClass
  readonly routed: number
  readonly failed: number
  readonly balances: { readonly [venue: string]: { readonly [asset: string]: Amount.Amount } }
  readonly inTransit: { readonly [asset: string]: Amount.Amount }
  readonly positions: ReadonlyArray<Outcome.Position>
  readonly valueToken: "USDT" | "ETH"
  /** Oldest first; the first is the value before anything was done. */
  readonly value: ReadonlyArray<ValuePoint>
  /** Assets held that no series prices: they are not in the value. */
  readonly unpriced: ReadonlyArray<string>
  readonly costs: ReadonlyArray<CostLine>
  readonly assumptions: ReadonlyArray<Assumption.Assumption>
  /** Why the run stopped before its end. */
  readonly error: EimError.Info | undefined
  /** Report of the block that stopped it. */
  readonly stoppedAt: ExecutionReport.ExecutionReport | undefined
}

const contraOf: { readonly [contra: string]: CostKind } = { fees: "fees", gas: "gas", funding: "funding", rounding: "rounding" }

/**
 * The costs that stand in the ledger of a world: what fees, gas, funding and rounding took. Interest and slippage leave
 * no account of their own and are added from what was reported.
 *
 * @category combinators
 * @since 0.1.0
 */
export const costsOf = (
  world: World.World,
  interest: ReadonlyMap<Asset.Asset, Amount.Amount>,
  slippage: ReadonlyMap<Asset.Asset, Amount.Amount>
): ReadonlyArray<CostLine> => {
  const sums = new Map<string, CostLine>()
  const add = (kind: CostKind, asset: Asset.Asset, amount: Amount.Amount) => {
    const key = `${kind}|${asset}`
    sums.set(key, { kind, asset, amount: (sums.get(key)?.amount ?? 0n) + amount })
  }
  for (const { account, amount, asset } of World.holdings(world)) {
    const kind = contraOf[Account.venue(account)]
    if (kind !== undefined && Account.isContra(account)) add(kind, asset, amount)
  }
  for (const [asset, amount] of interest) add("interest", asset, amount)
  for (const [asset, amount] of slippage) add("slippage", asset, amount)
  return [...sums.values()]
    .filter(({ amount }) => amount !== 0n)
    .sort((a, b) => (a.kind === b.kind ? (a.asset < b.asset ? -1 : 1) : a.kind < b.kind ? -1 : 1))
}

/** First value, last value, and their difference. @category combinators @since 0.1.0 */
export const change = (
  result: Result
): { readonly initial: Decimal.Decimal; readonly final: Decimal.Decimal; readonly change: Decimal.Decimal } => {
  const initial = result.value[0]?.value ?? Decimal.zero
  const final = result.value.at(-1)?.value ?? Decimal.zero
  return { initial, final, change: Decimal.subtract(final, initial) }
}

/** Shortened to 8 decimals, down: a value is a statement, not a ledger line. */
const short = (decimal: Decimal.Decimal): string => Decimal.formatScaled(Decimal.toScale(decimal, 8, "down"), 8)

/**
 * The result as JSON, all keys always there. `files` are the paths that were written, by kind.
 *
 * @category combinators
 * @since 0.1.0
 */
export const toJson = (result: Result, files: { readonly [kind: string]: string } = {}): { readonly [key: string]: Json } => {
  const { change: difference, final, initial } = change(result)
  const costs: Record<string, Record<string, string>> = {}
  for (const { amount, asset, kind } of result.costs) (costs[kind] ??= {})[asset] = Amount.format(amount)
  return {
    backtest_id: result.backtestId,
    from: Timestamp.format(result.from),
    to: Timestamp.format(result.to),
    routed: result.routed,
    failed: result.failed,
    balances: ExecutionReport.deltasToJson(result.balances),
    in_transit: Object.fromEntries(Object.entries(result.inTransit).map(([asset, amount]) => [asset, Amount.format(amount)])),
    positions: result.positions.map((position) => ({
      ...ExecutionReport.positionToJson(position),
      ...(position.mark === undefined ? {} : { mark: Decimal.format(position.mark) })
    })),
    value: {
      token: result.valueToken,
      initial: short(initial),
      final: short(final),
      change: short(difference),
      unpriced: result.unpriced,
      series: result.value.map(({ at, value }) => [Timestamp.format(at), short(value)])
    },
    costs,
    assumptions: result.assumptions.map(({ source, subject, value, venue }) => ({ venue, subject, value, source })),
    files,
    error: result.error === undefined ? null : ExecutionReport.errorToJson(result.error)
  }
}
