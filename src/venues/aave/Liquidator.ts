/**
 * Liquidators, who look at a position whenever its health factor may have changed: the largest debt is repaid against
 * the largest collateral, until the position is healthy or empty.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../../sim/Refusal.js"
import * as AccountData from "./AccountData.js"
import type * as Config from "./Config.js"
import * as Liquidation from "./Liquidation.js"
import * as Pool from "./Pool.js"
import * as Position from "./Position.js"
import type * as Reserves from "./Reserves.js"

/**
 * Debt of one token that was written off, in its smallest unit.
 *
 * @category models
 * @since 0.1.0
 */
export interface BadDebt {
  readonly token: Asset.Asset
  readonly units: bigint
}

/**
 * One liquidation: what it took of a position and what it left.
 *
 * @category models
 * @since 0.1.0
 */
export interface Done {
  readonly position: Position.Position
  readonly debt: AccountData.Leg
  readonly collateral: AccountData.Leg
  readonly taken: Liquidation.Taken
  readonly before: AccountData.AccountData
  readonly after: AccountData.AccountData
  readonly badDebt: ReadonlyArray<BadDebt>
}

/** The leg of the largest value; the first of several. */
const largest = (legs: ReadonlyArray<AccountData.Leg>, units: (leg: AccountData.Leg) => bigint): AccountData.Leg | undefined => {
  let found: AccountData.Leg | undefined
  let most = 0n
  for (const leg of legs) {
    // Reserves of other decimals are compared at eighteen.
    const value = units(leg) * leg.price * Decimal.pow10(18 - leg.decimals)
    if (!leg.reserve.paused && value > most) {
      found = leg
      most = value
    }
  }
  return found
}

const caseOf = (
  { version }: Config.Settings,
  data: AccountData.AccountData,
  debt: AccountData.Leg,
  collateral: AccountData.Leg
): Liquidation.Case => ({
  version,
  debt: { units: debt.debt, price: debt.price, decimals: debt.decimals },
  collateral: { units: collateral.collateral, price: collateral.price, decimals: collateral.decimals },
  bonus: collateral.terms.liquidationBonus,
  fee: collateral.reserve.liquidationFee,
  healthFactor: data.healthFactor ?? 0n,
  totalDebt: data.debt,
  totalCollateral: data.collateral
})

interface Indices {
  readonly supply: bigint
  readonly borrow: bigint
}

/** Debt burnt of a position, and the reserve after it. */
const repay = (
  settings: Config.Settings,
  position: Position.Position,
  reserve: Reserves.Reserve,
  at: Timestamp.Timestamp,
  index: bigint,
  burnt: bigint,
  paid: bigint
): Position.Position => {
  const held = Position.holding(position, reserve.token)
  const scaled = settings.scaling.debtBurn(burnt, index)
  const next = Position.withHolding(position, reserve.token, { ...held, debt: held.debt - scaled })
  return Pool.changed(settings, next, reserve, at, { debt: -scaled, liquidity: paid, deficit: burnt - paid })
}

/** Collateral burnt for the liquidator and handed to the treasury, and the reserve after it. */
const seize = (
  settings: Config.Settings,
  position: Position.Position,
  reserve: Reserves.Reserve,
  at: Timestamp.Timestamp,
  index: bigint,
  { emptied, fee, seized }: Liquidation.Taken,
  early: bigint
): Position.Position => {
  const { scaling, version } = settings
  const held = Position.holding(position, reserve.token)
  const burnt = scaling.supplyBurn(seized, index)
  const left = held.supply - burnt
  // The treasury is a holder like any other: its share stays in the reserve.
  const asked = fee === 0n ? 0n : scaling.supplyBurn(fee, index)
  const handed = asked < left ? asked : left
  const next = Position.withHolding(position, reserve.token, {
    ...held,
    supply: left - handed,
    collateral: held.collateral && !emptied && left - handed > 0n
  })
  const pool = next.pool.get(reserve.token)
  // Where the tokens are lent out the liquidator takes the aTokens, and the reserve stays as it is.
  if (pool !== undefined && pool.liquidity < seized + early) return next
  const after = Pool.changed(settings, next, reserve, at, { supply: -burnt, liquidity: -seized - early })
  const state = after.pool.get(reserve.token)
  return version === "v3.5" || state === undefined
    ? after
    : Position.withReserve(after, reserve.token, { ...state, liquidity: state.liquidity + early })
}

/** Debts of an account without collateral, written off one and all. */
const writeOff = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<Pick<Done, "position" | "badDebt">, Refusal.Refusal> =>
  Either.gen(function*() {
    let next = position
    const badDebt: Array<BadDebt> = []
    for (const [token, { debt }] of position.holdings) {
      const reserve = settings.reserves.get(token)
      if (reserve === undefined || debt === 0n) continue
      const index = yield* Pool.index(settings, next, snapshot, reserve, "borrow")
      const units = settings.scaling.debtBalance(debt, index)
      next = repay(settings, next, reserve, snapshot.at, index, units, 0n)
      badDebt.push({ token, units })
    }
    return { position: next, badDebt }
  })

/**
 * One liquidation of a debt against a collateral. `undefined` where nothing can be taken or burnt.
 *
 * @category combinators
 * @since 0.1.0
 */
export const liquidate = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  before: AccountData.AccountData,
  debt: AccountData.Leg,
  collateral: AccountData.Leg
): Either.Either<Done | undefined, Refusal.Refusal> =>
  Either.gen(function*() {
    const taken = Liquidation.full(caseOf(settings, before, debt, collateral))
    if (taken === undefined) return undefined
    const indices: Indices = {
      supply: yield* Pool.index(settings, position, snapshot, collateral.reserve, "supply"),
      borrow: yield* Pool.index(settings, position, snapshot, debt.reserve, "borrow")
    }
    const { scaling, version } = settings
    if (scaling.supplyBurn(taken.seized, indices.supply) === 0n || scaling.debtBurn(taken.repaid, indices.borrow) === 0n) return undefined
    const writesOff = version === "v3.5" && taken.exhausted
    const burnt = writesOff ? debt.debt : taken.repaid
    const repaid = repay(settings, position, debt.reserve, snapshot.at, indices.borrow, burnt, taken.repaid)
    // v3.0 counts the repayment in only after it has set the rates of the collateral, which may be the same reserve.
    const early = debt.reserve === collateral.reserve && version === "v3.0" ? taken.repaid : 0n
    const seized = seize(settings, repaid, collateral.reserve, snapshot.at, indices.supply, taken, early)
    const rest = writesOff ? yield* writeOff(settings, seized, snapshot) : { position: seized, badDebt: [] }
    const lost = burnt - taken.repaid
    return {
      position: rest.position,
      debt,
      collateral,
      taken,
      before,
      after: yield* AccountData.of(settings, rest.position, snapshot),
      badDebt: lost === 0n ? rest.badDebt : [{ token: debt.reserve.token, units: lost }, ...rest.badDebt]
    }
  })

/**
 * All liquidations at an instant, in their order; none of a healthy position, nor of one with nothing to take.
 *
 * @category combinators
 * @since 0.1.0
 */
export const run = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot
): Either.Either<ReadonlyArray<Done>, Refusal.Refusal> =>
  Either.gen(function*() {
    const all: Array<Done> = []
    let current = position
    while (Position.owes(current)) {
      const legs = yield* AccountData.legs(settings, current, snapshot)
      const before = AccountData.make(legs, settings.version)
      if (!AccountData.isUnhealthy(before)) break
      const debt = largest(legs, (leg) => leg.debt)
      const collateral = largest(legs, (leg) => (leg.reserve.liquidationThreshold > 0n ? leg.collateral : 0n))
      if (debt === undefined || collateral === undefined) break
      const done = yield* liquidate(settings, current, snapshot, before, debt, collateral)
      if (done === undefined) break
      all.push(done)
      current = done.position
    }
    return all
  })
