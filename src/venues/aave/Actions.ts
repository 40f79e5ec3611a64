/**
 * The actions of the simulated Aave as steps of the world.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Contract from "../../sim/Contract.js"
import * as Refusal from "../../sim/Refusal.js"
import * as World from "../../sim/World.js"
import * as AccountData from "./AccountData.js"
import type * as Config from "./Config.js"
import * as Flash from "./Flash.js"
import * as Limits from "./Limits.js"
import * as Opening from "./Opening.js"
import * as Pool from "./Pool.js"
import * as Position from "./Position.js"
import * as RayMath from "./RayMath.js"
import type * as Request from "./Request.js"
import type * as ReserveState from "./ReserveState.js"
import * as Switches from "./Switches.js"

type Stepped = Either.Either<Contract.Stepped, Refusal.Refusal>

const explain = (fault: Position.Fault, request: Request.Lending): Refusal.Refusal => {
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
  request: Request.Lending,
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

const lines = (action: Request.LendingAction, token: Asset.Asset, { amount, shown }: Position.Change): ReadonlyArray<Entry.Entry> => {
  const decimals = Asset.decimals(token)
  const paid = Amount.fromUnits(amount, decimals)
  const visible = Amount.fromUnits(shown < 0n ? -shown : shown, decimals)
  const claim = Asset.claimOn(token)
  const debt = Asset.debtOf(token)
  const { account, issuer, wallet } = Opening
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
  request: Request.Lending,
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

/** What an action does to the reserve as a whole. */
const poolChange = (action: Request.LendingAction, { amount, scaled }: Position.Change): ReserveState.Change => {
  const liquidity = action === "supply" || action === "repay" ? amount : -amount
  return action === "supply" || action === "withdraw" ? { supply: scaled, liquidity } : { debt: scaled, liquidity }
}

/** Everything that the pool checks, in the order of its contracts; what the action does to the account. */
const checked = (
  settings: Config.Settings,
  { position, world }: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  request: Request.Lending,
  index: bigint
): Either.Either<{ readonly changed: Position.Change; readonly moved: Position.Position }, Refusal.Refusal> =>
  Either.gen(function*() {
    const { action, reserve, reserve: { token } } = request
    const held = Position.holding(position, token)
    const walletUnits = Amount.toUnits(World.balance(world, Opening.wallet, token), Asset.decimals(token), "down")
    if (action !== "withdraw") yield* Limits.usable(reserve, action)
    const changed = yield* Either.mapLeft(
      change(settings, held, request, walletUnits, index),
      (fault) => explain(fault, request)
    )
    if (action === "withdraw") yield* Limits.usable(reserve, action)
    if (action === "borrow") yield* Limits.borrowable(settings, position, reserve)
    yield* Limits.caps(settings, position, snapshot, request, changed)
    const after = Position.withHolding(position, token, changed.holding)
    yield* allowed(settings, request, position, after, snapshot)
    if (action === "withdraw" || action === "borrow") yield* Limits.liquid(settings, position, snapshot, reserve, changed.amount)
    return { changed, moved: Pool.changed(settings, after, reserve, snapshot.at, poolChange(action, changed)) }
  })

const lending = (
  settings: Config.Settings,
  opened: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  request: Request.Lending
): Stepped =>
  Either.gen(function*() {
    const { action, reserve, reserve: { token } } = request
    const lends = action === "supply" || action === "withdraw"
    const index = yield* Pool.index(settings, opened.position, snapshot, reserve, lends ? "supply" : "borrow")
    const { changed, moved } = yield* checked(settings, opened, snapshot, request, index)
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
          ...(Position.owes(position) ? AccountData.detail(settings, position, snapshot) : {})
        },
        gas: approves ? ["approval", action] : [action],
        ...(action === "borrow" || action === "withdraw"
          ? { output: { asset: token, amount: Amount.fromUnits(changed.amount, Asset.decimals(token)) } }
          : {})
      }
    }
  })

/**
 * One action: the tokens, the claim or the debt. A supply and a repayment approve the pool first, of their
 * amount, or once for all where the approval is unlimited.
 *
 * Refused as the contracts refuse it: beyond the balance, beyond the loan to value, below a health factor of 1, above a
 * cap, or so little that nothing would be minted or burnt. A refusal leaves everything as it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const step = (settings: Config.Settings) =>
(world: World.World, snapshot: MarketSnapshot.MarketSnapshot, request: Request.Request): Stepped =>
  Either.flatMap(Opening.open(settings, world, snapshot), (opened): Stepped => {
    switch (request._tag) {
      case "Lending":
        return lending(settings, opened, snapshot, request)
      case "Flash":
        return Flash.step(settings, opened, snapshot, request)
      case "Collateral":
      case "EMode":
        return Switches.step(settings, opened, snapshot, request)
    }
  })
