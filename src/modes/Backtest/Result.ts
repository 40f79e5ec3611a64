/**
 * What a backtest came to.
 *
 * @since 0.1.0
 */
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
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
 * Kinds of cost, in the order in which they are told. `liquidation_penalty` is what liquidators kept, `liquidation_fee`
 * what venues charged for liquidations. `funding` and `interest` are signed: positive where the trader paid, negative
 * where it received. `slippage` is inside the fills already, and stated beside the others.
 *
 * @category constants
 * @since 0.1.0
 */
export const costKinds = [
  "liquidation_penalty",
  "liquidation_fee",
  "fees",
  "gas",
  "slippage",
  "funding",
  "interest",
  "rounding"
] as const

/** One of {@link costKinds}. @category models @since 0.1.0 */
export type CostKind = (typeof costKinds)[number]

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

/**
 * An assumption in force, and whether the run did anything that depends on it.
 *
 * @category models
 * @since 0.1.0
 */
export interface InForce extends Assumption.Assumption {
  readonly touched: boolean
}

/** What a backtest came to, whether it got to its end or was stopped. @category models @since 0.1.0 */
export interface Result {
  readonly backtestId: string
  /** The period that was run: what was asked for, as far as there are data or blocks. Both ends are included. */
  readonly from: Timestamp.Timestamp
  readonly to: Timestamp.Timestamp
  /** The period that was asked for; `undefined` for an end that was not. */
  readonly requested: { readonly from: Timestamp.Timestamp | undefined; readonly to: Timestamp.Timestamp | undefined }
  readonly shareClass: Config.ShareClass
  /** Instructions that were executed. */
  readonly routed: number
  readonly failed: number
  /** Operations that were asked for again under an identity that had been executed, and changed nothing. */
  readonly replayed: number
  /** Positions that venues closed, oldest first. */
  readonly liquidations: ReadonlyArray<Outcome.LiquidationAccrual>
  readonly balances: { readonly [venue: string]: { readonly [asset: string]: Amount.Amount } }
  readonly inTransit: { readonly [asset: string]: Amount.Amount }
  readonly positions: ReadonlyArray<Outcome.Position>
  readonly valueToken: "USDT" | "ETH"
  /** Value of what is held at `from`, before anything is done; `undefined` where something then has no price yet. */
  readonly initial: Decimal.Decimal | undefined
  /** Value after everything of an instant is done, one for each, oldest first. */
  readonly value: ReadonlyArray<ValuePoint>
  /** Assets that were held and that no series prices at any instant of the run: they are in no value. */
  readonly unpriced: ReadonlyArray<string>
  readonly costs: ReadonlyArray<CostLine>
  readonly assumptions: ReadonlyArray<InForce>
  /** Why the run stopped before its end. */
  readonly error: EimError.Info | undefined
  /** Instant at which it stopped. */
  readonly stoppedAt: Timestamp.Timestamp | undefined
  /** Report of the block that stopped it. */
  readonly stoppedBy: ExecutionReport.ExecutionReport | undefined
}

const contraOf: { readonly [contra: string]: CostKind } = {
  liquidation_penalty: "liquidation_penalty",
  liquidation_fee: "liquidation_fee",
  fees: "fees",
  gas: "gas",
  funding: "funding",
  rounding: "rounding"
}

/**
 * The costs that stand in the ledger of a world: what liquidations, fees, gas, funding and rounding took, what was taken
 * in claims as the token under them. Interest and slippage leave no account of their own and are added from what was
 * reported.
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
    if (kind !== undefined && Account.isContra(account)) add(kind, Asset.underlying(asset), amount)
  }
  for (const [asset, amount] of interest) add("interest", asset, amount)
  for (const [asset, amount] of slippage) add("slippage", asset, amount)
  return [...sums.values()]
    .filter(({ amount }) => amount !== 0n)
    .sort((a, b) => (a.kind === b.kind ? (a.asset < b.asset ? -1 : 1) : a.kind < b.kind ? -1 : 1))
}

/**
 * First value, last value, and their difference.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change {
  /** Before anything is done; where something then has no price, the first value that there is. */
  readonly initial: ValuePoint
  readonly final: ValuePoint
  readonly change: Decimal.Decimal
}

/** First value, last value, and their difference; `undefined` where there is no value. @category combinators @since 0.1.0 */
export const change = ({ from, initial: opening, value }: Result): Change | undefined => {
  const [first] = value
  const final = value.at(-1)
  if (first === undefined || final === undefined) return undefined
  const initial = opening === undefined ? first : { at: from, value: opening }
  return { initial, final, change: Decimal.subtract(final.value, initial.value) }
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
  const changed = change(result)
  const costs: Record<string, Record<string, string>> = {}
  for (const { amount, asset, kind } of result.costs) (costs[kind] ??= {})[asset] = Amount.format(amount)
  return {
    backtest_id: result.backtestId,
    from: Timestamp.format(result.from),
    to: Timestamp.format(result.to),
    requested_from: result.requested.from === undefined ? null : Timestamp.format(result.requested.from),
    requested_to: result.requested.to === undefined ? null : Timestamp.format(result.requested.to),
    stopped_at: result.stoppedAt === undefined ? null : Timestamp.format(result.stoppedAt),
    stop_reason: result.error?.message ?? null,
    routed: result.routed,
    failed: result.failed,
    replayed: result.replayed,
    liquidated: result.liquidations.length,
    liquidations: result.liquidations.map(ExecutionReport.liquidationToJson),
    balances: ExecutionReport.deltasToJson(result.balances),
    in_transit: Object.fromEntries(Object.entries(result.inTransit).map(([asset, amount]) => [asset, Amount.format(amount)])),
    positions: result.positions.map((position) => ({
      ...ExecutionReport.positionToJson(position),
      ...(position.mark === undefined ? {} : { mark: Decimal.format(position.mark) })
    })),
    value: {
      token: result.valueToken,
      from: changed === undefined ? null : Timestamp.format(changed.initial.at),
      to: changed === undefined ? null : Timestamp.format(changed.final.at),
      initial: changed === undefined ? null : short(changed.initial.value),
      final: changed === undefined ? null : short(changed.final.value),
      change: changed === undefined ? null : short(changed.change),
      unpriced: result.unpriced,
      series: result.value.map(({ at, value }) => [Timestamp.format(at), short(value)])
    },
    costs,
    assumptions: result.assumptions.map(({ source, subject, touched, value, venue }) => ({ venue, subject, value, source, touched })),
    files,
    error: result.error === undefined ? null : ExecutionReport.errorToJson(result.error)
  }
}
