/**
 * The actions of the simulated Aave as steps of the world.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import type * as Instruction from "../../domain/Instruction.js"
import type { Json } from "../../domain/Json.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Contract from "../../sim/Contract.js"
import * as Refusal from "../../sim/Refusal.js"
import * as World from "../../sim/World.js"
import * as AccountData from "./AccountData.js"
import type * as Config from "./Config.js"
import * as Indices from "./Indices.js"
import * as Opening from "./Opening.js"
import * as Position from "./Position.js"
import * as RayMath from "./RayMath.js"
import * as Reserves from "./Reserves.js"

/** What can be done. @category constants @since 0.1.0 */
export const actions = ["supply", "withdraw", "borrow", "repay"] as const

/** @category models @since 0.1.0 */
export type Action = (typeof actions)[number]

/** @category guards @since 0.1.0 */
export const isAction = (action: Instruction.Action): action is Action => actions.some((known) => known === action)

/**
 * One action on one reserve. `units` in the smallest unit of the token; `max` is the whole balance of the wallet for a
 * supply, all that is shown for a withdrawal, all that is owed for a repayment.
 *
 * @category models
 * @since 0.1.0
 */
export type Request =
  | { readonly action: "borrow"; readonly reserve: Reserves.Reserve; readonly units: bigint }
  | { readonly action: Exclude<Action, "borrow">; readonly reserve: Reserves.Reserve; readonly units: bigint | "max" }

const wallet = Account.make("wallet", "wallet")

type Stepped = Either.Either<Contract.Stepped, Refusal.Refusal>

const explain = (fault: Position.Fault, request: Request): Refusal.Refusal => {
  const { action, reserve: { token } } = request
  switch (fault._tag) {
    case "NotEnoughAvailableUserBalance":
      return Refusal.insufficientBalance(
        Opening.account,
        Asset.claimOn(token),
        Amount.fromUnits(fault.balance, Asset.decimals(token)),
        request.units === "max" ? 0n : Amount.fromUnits(request.units, Asset.decimals(token))
      )
    case "NoDebtOfSelectedType":
      return Refusal.make("invalid", `no ${token} is owed to aave`, {
        field: "token",
        expected: "a token that is owed",
        actual: token
      })
    case "InvalidAmount":
      return request.units === "max"
        ? Refusal.make("insufficient_balance", `there is no ${token} to ${action}`, {
          field: "amount",
          expected: "some balance",
          actual: "max"
        })
        : Refusal.make("invalid", `so little ${token} makes no scaled unit at this index: the contracts refuse it`, {
          field: "amount",
          expected: "more",
          actual: Amount.format(Amount.fromUnits(request.units, Asset.decimals(token)))
        })
  }
}

const change = (
  settings: Config.Settings,
  held: Position.Holding,
  request: Request,
  walletUnits: bigint,
  index: bigint
): Either.Either<Position.Change, Position.Fault> => {
  const { scaling } = settings
  switch (request.action) {
    case "supply": {
      const units = request.units === "max" ? walletUnits : request.units
      return Position.supply(scaling, held, units, index, request.reserve.ltv > 0n)
    }
    case "withdraw":
      return Position.withdraw(scaling, held, request.units, index)
    case "borrow":
      return Position.borrow(scaling, held, request.units, index)
    case "repay":
      return Position.repay(scaling, held, request.units, index)
  }
}

const lines = (action: Action, token: Asset.Asset, { amount, shown }: Position.Change): ReadonlyArray<Entry.Entry> => {
  const decimals = Asset.decimals(token)
  const paid = Amount.fromUnits(amount, decimals)
  const visible = Amount.fromUnits(shown < 0n ? -shown : shown, decimals)
  const claim = Asset.claimOn(token)
  const debt = Asset.debtOf(token)
  const { account, issuer } = Opening
  switch (action) {
    case "supply":
      return [
        ...Entry.move(wallet, issuer, token, paid, action),
        ...Entry.move(issuer, account, claim, visible, action)
      ]
    case "withdraw":
      return [
        ...Entry.move(account, issuer, claim, visible, action),
        ...Entry.move(issuer, wallet, token, paid, action)
      ]
    case "borrow":
      return [
        ...Entry.move(issuer, account, debt, visible, action),
        ...Entry.move(issuer, wallet, token, paid, action)
      ]
    case "repay":
      return [
        ...Entry.move(wallet, issuer, token, paid, action),
        ...Entry.move(account, issuer, debt, visible, action)
      ]
  }
}

/** Whether the pool lets the position become this one. */
const allowed = (
  settings: Config.Settings,
  request: Request,
  before: Position.Position,
  after: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<void, Refusal.Refusal> => {
  const { action, reserve } = request
  if (action === "withdraw") {
    if (!Position.holding(before, reserve.token).collateral || !Position.owes(after)) return Either.void
    return Either.flatMap(AccountData.of(settings, after, snapshot), (data) => {
      if (!AccountData.isUnhealthy(data)) return Either.void
      const left = AccountData.formatHealthFactor(data)
      return Either.left(
        Refusal.make(
          "health_factor",
          `the withdrawal would leave a health factor of ${left} (HealthFactorLowerThanLiquidationThreshold)`,
          { field: "amount", expected: "a health factor of at least 1", actual: left }
        )
      )
    })
  }
  if (action !== "borrow") return Either.void
  if (!reserve.borrowable) {
    return Either.left(
      Refusal.make("rejected", `${reserve.token} cannot be borrowed from aave (BorrowingNotEnabled)`, {
        field: "token",
        expected: "a reserve that may be borrowed",
        actual: reserve.token
      })
    )
  }
  return Either.gen(function*() {
    const then = yield* AccountData.of(settings, before, snapshot)
    const now = yield* AccountData.of(settings, after, snapshot)
    const price = yield* Either.mapLeft(AccountData.oraclePrice(snapshot, reserve.token), Refusal.missingData)
    const loan = AccountData.debtValue(request.units, price, Asset.decimals(reserve.token), settings.version)
    const uncovered = AccountData.uncovered(then, now, loan, settings.version)
    if (uncovered === undefined) return
    const most = (now.collateral * now.ltv) / RayMath.percent
    return yield* Either.left(
      Refusal.make(
        "health_factor",
        `collateral worth ${AccountData.formatValue(now.collateral)} dollars does not carry debt worth ${
          AccountData.formatValue(now.debt)
        } dollars (${uncovered})`,
        {
          field: "amount",
          expected: `debt worth at most ${AccountData.formatValue(most)} dollars`,
          actual: AccountData.formatValue(now.debt)
        }
      )
    )
  })
}

/**
 * One action: the tokens, the claim or the debt. A supply and a repayment approve the pool first, of their
 * amount, or once for all where the approval is unlimited.
 *
 * Refused as the contracts refuse it: beyond the balance, beyond the loan to value, below a health factor of 1, or so
 * little that nothing would be minted or burnt. A refusal leaves everything as it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const step = (settings: Config.Settings) =>
(world: World.World, snapshot: MarketSnapshot.MarketSnapshot, request: Request): Stepped =>
  Either.gen(function*() {
    const { action, reserve: { token } } = request
    const opened = yield* Opening.open(settings, world, snapshot)
    const lends = action === "supply" || action === "withdraw"
    const index = yield* Indices.read(snapshot, lends ? Reserves.supplyIndex(token) : Reserves.borrowIndex(token))
    const held = Position.holding(opened.position, token)
    const walletUnits = Amount.toUnits(World.balance(opened.world, wallet, token), Asset.decimals(token), "down")
    const changed = yield* Either.mapLeft(
      change(settings, held, request, walletUnits, index),
      (fault) => explain(fault, request)
    )
    const moved = Position.withHolding(opened.position, token, changed.holding)
    yield* allowed(settings, request, opened.position, moved, snapshot)

    const approves = (action === "supply" || action === "repay") &&
      (settings.approval === "exact" || !moved.approved.has(token))
    const position = approves ? { ...moved, approved: new Set(moved.approved).add(token) } : moved
    const entries = lines(action, token, changed)
    const posted = yield* World.post(opened.world, entries)
    return {
      world: Position.slot.set(posted, position),
      value: {
        entries: [...opened.entries, ...entries],
        fills: [],
        costs: [],
        positions: [],
        detail: {
          index: index.toString(),
          scaled: (lends ? changed.holding.supply : changed.holding.debt).toString(),
          scaled_change: changed.scaled.toString(),
          ...healthAfter(settings, position, snapshot)
        },
        gas: approves ? ["approval", action] : [action],
        ...(action === "borrow" || action === "withdraw"
          ? { output: { asset: token, amount: Amount.fromUnits(changed.amount, Asset.decimals(token)) } }
          : {})
      }
    }
  })

/** A fact beside the outcome: left out where prices are missing, which only loans and withdrawals need. */
const healthAfter = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): { readonly [key: string]: Json } => {
  if (!Position.owes(position)) return {}
  const data = AccountData.of(settings, position, snapshot)
  return Either.isLeft(data) ? {} : { health_factor: AccountData.formatHealthFactor(data.right) }
}
