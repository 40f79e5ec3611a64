/**
 * How time passes at the simulated Morpho: claims and debts grow by the second, and a position that its collateral no
 * longer covers is liquidated.
 *
 * What is told between two actions is what the contract would show: the market itself only changes with an action or
 * a liquidation. So it does not matter how often somebody looks.
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
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import type * as Refusal from "../../sim/Refusal.js"
import type * as Simulation from "../../sim/Simulation.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import * as Faults from "./Faults.js"
import * as Liquidation from "./Liquidation.js"
import * as Market from "./Market.js"
import type * as Markets from "./Markets.js"
import * as Opening from "./Opening.js"
import * as Oracle from "./Oracle.js"
import * as SharesMath from "./SharesMath.js"
import * as State from "./State.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

type Accruals = ReadonlyArray<Outcome.Accrual>

/** What a market came to at an instant. */
interface Passed {
  readonly state: State.State
  readonly accruals: Accruals
}

const none: ReadonlyArray<never> = []

/** Who gives and takes what a liquidation seizes, up to the worth of what it repays. */
const liquidator = Account.contra("market", "morpho")

/** Who keeps what it seizes beyond. */
const penalties = Account.contra("liquidation_penalty", "morpho")

const isGrowing = ({ position }: State.Held): boolean => position.supplyShares > 0n || position.borrowShares > 0n

const accrual = <K extends "interest" | "liquidation">(
  kind: K,
  name: string,
  at: Timestamp.Timestamp,
  entries: ReadonlyArray<Entry.Entry>,
  detail: Outcome.Accrual["detail"]
) => ({
  id: `${kind}:morpho:${name}:${Timestamp.format(at)}`,
  kind,
  venue: "morpho",
  account: State.account,
  at,
  entries,
  detail
})

const grown = (
  listed: Markets.Listed,
  at: Timestamp.Timestamp,
  before: State.Held,
  after: State.Held,
  borrowRate: bigint
): Accruals => {
  const side = (asset: Asset.Asset, units: bigint, shares: bigint): Accruals => {
    const growth = Amount.fromUnits(units, Asset.decimals(asset))
    const entries = Entry.move(State.issuer, State.account, asset, growth, "interest")
    return entries.length === 0 ? none : [
      accrual("interest", `${listed.name}:${asset}`, at, entries, {
        market: listed.name,
        shares: shares.toString(),
        growth: Amount.format(growth),
        borrow_rate: Decimal.formatScaled(borrowRate, 18)
      })
    ]
  }
  return [
    ...side(Asset.claimOn(listed.loan), after.claim - before.claim, before.position.supplyShares),
    ...side(Asset.debtOf(listed.loan), after.debt - before.debt, before.position.borrowShares)
  ]
}

const seized = (
  listed: Markets.Listed,
  at: Timestamp.Timestamp,
  price: bigint,
  market: Market.Market,
  before: State.Held,
  after: State.Held,
  done: Liquidation.Liquidated
): Outcome.Accrual => {
  const { collateral, loan } = listed
  const amountOf = (asset: Asset.Asset, units: bigint) => Amount.fromUnits(units, Asset.decimals(asset))
  // Down: what a fraction of a unit is worth is kept by the liquidator.
  const worth = SharesMath.mulDivDown(done.repaid, Market.oraclePriceScale, price)
  const penalty = done.seized > worth ? done.seized - worth : 0n
  const entries = [
    ...Entry.move(State.account, liquidator, collateral, amountOf(collateral, done.seized - penalty), "liquidation"),
    ...Entry.move(State.account, penalties, collateral, amountOf(collateral, penalty), "liquidation_penalty"),
    ...Entry.move(State.account, State.issuer, Asset.debtOf(loan), amountOf(loan, before.debt - after.debt), "liquidation"),
    ...Entry.move(State.account, State.issuer, Asset.claimOn(loan), amountOf(loan, before.claim - after.claim), "liquidation")
  ]
  const liquidation: Outcome.Liquidation = {
    symbol: collateral,
    size: amountOf(collateral, done.seized),
    // 1e36 between units of tokens of other decimals.
    price: Decimal.make(price, 36 + Asset.decimals(loan) - Asset.decimals(collateral)),
    priceIn: loan,
    healthFactor: Decimal.make(Market.healthFactor(listed.terms, market, before.position, price), 18),
    repaid: { asset: loan, amount: amountOf(loan, done.repaid) },
    asset: collateral,
    loss: amountOf(collateral, penalty),
    penalty: amountOf(collateral, penalty),
    fee: 0n
  }
  const told = accrual("liquidation", listed.name, at, entries, {
    market: listed.name,
    price: price.toString(),
    incentive_factor: Decimal.formatScaled(Liquidation.incentiveFactor(listed.terms.lltv), 18),
    seized: Amount.format(amountOf(collateral, done.seized)),
    repaid: Amount.format(amountOf(loan, done.repaid)),
    bad_debt: Amount.format(amountOf(loan, done.badDebt))
  })
  return { ...told, liquidation }
}

/** Whether somebody looks at the health of a position: at every full hour, and at every price of its oracle. */
const isWatched = (snapshot: MarketSnapshot.MarketSnapshot, listed: Markets.Listed): boolean =>
  snapshot.at % Timestamp.hour === 0 || Oracle.series(snapshot, listed).some((series) => snapshot.observe(series)?.at === snapshot.at)

const liquidated = (
  listed: Markets.Listed,
  snapshot: MarketSnapshot.MarketSnapshot,
  passed: Passed,
  market: Market.Market,
  held: State.Held
): Result<Passed> =>
  Either.gen(function*() {
    const price = yield* Oracle.price(snapshot, listed)
    const fault = Either.mapLeft(Faults.ofLiquidation(listed))
    if (yield* fault(Market.health(listed.terms, market, held.position, price))) return passed
    const done = yield* fault(Liquidation.full(listed.terms, market, held.position, price))
    const after = State.shown(done.market, done.position)
    return {
      state: State.withMarket(passed.state, listed, done.market, after),
      accruals: [...passed.accruals, seized(listed, snapshot.at, price, market, held, after, done)]
    }
  })

const pass = (listed: Markets.Listed, snapshot: MarketSnapshot.MarketSnapshot, state: State.State, before: State.Held): Result<Passed> =>
  Either.gen(function*() {
    const now = State.seconds(snapshot.at)
    const { borrowRate, market } = yield* Either.mapLeft(
      Market.accrue(listed.terms, State.stored(state, listed, now), now),
      Faults.ofInterest(listed)
    )
    const after = State.shown(market, before.position)
    const passed: Passed = {
      state: { ...state, held: new Map(state.held).set(listed.name, after) },
      accruals: grown(listed, snapshot.at, before, after, borrowRate)
    }
    return before.position.borrowShares > 0n && isWatched(snapshot, listed)
      ? yield* liquidated(listed, snapshot, passed, market, after)
      : passed
  })

/** The rounding of opening balances, as something that happened. */
const openingRebase = ({ entries }: Opening.Opened, at: Timestamp.Timestamp): Accruals =>
  entries.length === 0 ? none : [
    {
      id: `rebase:morpho:opening:${Timestamp.format(at)}`,
      kind: "rebase",
      venue: "morpho",
      account: State.account,
      at,
      entries,
      detail: { reason: "opening balances that no shares show" }
    }
  ]

const hoursBetween = (after: Timestamp.Timestamp, until: Timestamp.Timestamp): ReadonlyArray<Timestamp.Timestamp> => {
  const hours: Array<Timestamp.Timestamp> = []
  for (let at = (Math.floor(after / Timestamp.hour) + 1) * Timestamp.hour; at <= until; at += Timestamp.hour) hours.push(at)
  return hours
}

/** Markets in which something grows, or may once the opening balances are positions. */
const watched = (settings: Config.Settings, world: World.World): ReadonlyArray<Markets.Listed> => {
  const state = State.slot.get(world)
  if (state.opened ? state.held.size === 0 : !World.holds(world, State.account)) return none
  const all = [...settings.markets.values()]
  if (state.opened) return all.filter((market) => isGrowing(State.held(state, market)))
  const holds = (asset: Asset.Asset): boolean => World.balance(world, State.account, asset) !== 0n
  return all.filter(({ collateral, loan }) => holds(Asset.claimOn(loan)) || holds(Asset.debtOf(loan)) || holds(collateral))
}

/**
 * Interest and the watch over the collateral. One accrual for each claim and debt at every full hour and whenever the
 * venue is asked; one for a liquidation, at the first full hour or price of the oracle at which it is due.
 *
 * @category constructors
 * @since 0.1.0
 */
export const model = (settings: Config.Settings): Simulation.Model => ({
  venue: "morpho",
  due: (world, snapshot) => {
    const markets = watched(settings, world)
    if (markets.length === 0 || snapshot.at <= world.at) return none
    const series = new Set(markets.flatMap((market) => Oracle.series(snapshot, market)))
    return [
      ...hoursBetween(world.at, snapshot.at),
      ...[...series].flatMap((name) => snapshot.since(name, world.at).map(({ at }) => at)),
      snapshot.at
    ]
  },
  settle: (world, snapshot) =>
    Either.gen(function*() {
      const before = State.slot.get(world)
      if (before.opened && before.held.size === 0) return { world, value: none }
      const opened = yield* Opening.open(settings, world)
      let state = opened.state
      const accruals: Array<Outcome.Accrual> = [...openingRebase(opened, snapshot.at)]
      for (const [name, held] of opened.state.held) {
        const listed = settings.markets.get(name)
        if (listed === undefined || !isGrowing(held)) continue
        const passed = yield* pass(listed, snapshot, state, held)
        state = passed.state
        accruals.push(...passed.accruals)
      }
      const lines = accruals.flatMap(({ entries, kind }) => (kind === "rebase" ? none : entries))
      const posted = yield* World.post(opened.world, lines)
      return { world: State.slot.set(posted, state), value: accruals }
    })
})
