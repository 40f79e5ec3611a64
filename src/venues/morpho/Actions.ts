/**
 * The actions in a market of the simulated Morpho as steps of the world.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type { Json } from "../../domain/Json.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Contract from "../../sim/Contract.js"
import type * as Gas from "../../sim/Gas.js"
import type * as Refusal from "../../sim/Refusal.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import * as Faults from "./Faults.js"
import * as Flash from "./Flash.js"
import * as Market from "./Market.js"
import * as Opening from "./Opening.js"
import * as Oracle from "./Oracle.js"
import type * as Request from "./Request.js"
import * as SharesMath from "./SharesMath.js"
import * as State from "./State.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

/** What an action finds: interest accrued up to now. */
interface Found {
  readonly held: State.Held
  readonly market: Market.Market
  readonly price: bigint
  readonly walletUnits: bigint
}

/** What an action does to a market, before it is shown. */
type Changed = Either.Either<Market.Changed, Market.Fault>

const change = ({ action, market: { terms }, units }: Request.InMarket, { held: { position }, market, price, walletUnits }: Found): Changed => {
  const paid = { assets: units === "max" ? walletUnits : units }
  switch (action) {
    case "supply":
      return Market.supply(market, position, paid)
    case "withdraw":
      return Market.withdraw(market, position, units === "max" ? { shares: position.supplyShares } : { assets: units })
    case "borrow":
      return Market.borrow(terms, market, position, paid, price)
    case "repay":
      return Market.repay(market, position, units === "max" ? { shares: position.borrowShares } : { assets: units })
    case "supply_collateral":
      return Either.map(Market.supplyCollateral(position, paid.assets), (next) => ({ ...paid, market, position: next, shares: 0n }))
    case "withdraw_collateral": {
      const assets = units === "max" ? position.collateral : units
      return Either.map(Market.withdrawCollateral(terms, market, position, assets, price), (next) => ({ assets, market, position: next, shares: 0n }))
    }
  }
}

/** The contract asks its oracle for a loan, and for a withdrawal of collateral while something is owed. */
const priced = (snapshot: MarketSnapshot.MarketSnapshot, request: Request.InMarket, { position }: State.Held): Result<bigint> =>
  request.action === "borrow" || (request.action === "withdraw_collateral" && position.borrowShares > 0n)
    ? Oracle.price(snapshot, request.market)
    : Either.right(0n)

const lines = ({ action, token }: Request.InMarket, paid: bigint, before: State.Held, after: State.Held): ReadonlyArray<Entry.Entry> => {
  const { account, issuer, wallet } = State
  const amountOf = (units: bigint) => Amount.fromUnits(units, Asset.decimals(token))
  const amount = amountOf(paid)
  switch (action) {
    case "supply":
      return [
        ...Entry.move(wallet, issuer, token, amount, action),
        ...Entry.move(issuer, account, Asset.claimOn(token), amountOf(after.claim - before.claim), action)
      ]
    case "withdraw":
      return [
        ...Entry.move(account, issuer, Asset.claimOn(token), amountOf(before.claim - after.claim), action),
        ...Entry.move(issuer, wallet, token, amount, action)
      ]
    case "borrow":
      return [
        ...Entry.move(issuer, account, Asset.debtOf(token), amountOf(after.debt - before.debt), action),
        ...Entry.move(issuer, wallet, token, amount, action)
      ]
    case "repay":
      return [
        ...Entry.move(wallet, issuer, token, amount, action),
        ...Entry.move(account, issuer, Asset.debtOf(token), amountOf(before.debt - after.debt), action)
      ]
    case "supply_collateral":
      return Entry.move(wallet, account, token, amount, "supply")
    case "withdraw_collateral":
      return Entry.move(account, wallet, token, amount, "withdraw")
  }
}

const gasOf: { readonly [K in Request.MarketAction]: Gas.Operation } = {
  supply: "supply",
  withdraw: "withdraw",
  borrow: "borrow",
  repay: "repay",
  supply_collateral: "supply_collateral",
  withdraw_collateral: "withdraw_collateral"
}

const givesOut: ReadonlySet<Request.MarketAction> = new Set<Request.MarketAction>(["withdraw", "borrow", "withdraw_collateral"])

/** A fact beside the outcome: left out without a debt, and where a price is missing that the action does not need. */
const health = (
  request: Request.InMarket,
  snapshot: MarketSnapshot.MarketSnapshot,
  market: Market.Market,
  position: Market.Position
): { readonly [key: string]: Json } => {
  const price = position.borrowShares === 0n ? undefined : Oracle.price(snapshot, request.market)
  if (price === undefined || Either.isLeft(price)) return {}
  const factor = SharesMath.wDivDown(Market.maxBorrow(request.market.terms, position, price.right), Market.borrowed(market, position))
  return { health_factor: Decimal.formatScaled(factor, 18) }
}

const receipt = (
  request: Request.InMarket,
  { assets, shares }: Market.Changed,
  entries: ReadonlyArray<Entry.Entry>,
  approves: boolean,
  facts: { readonly [key: string]: Json }
): Contract.Effects => ({
  entries,
  fills: [],
  costs: [],
  positions: [],
  detail: {
    market: request.market.name,
    ...(request.market.id === undefined ? {} : { market_id: request.market.id }),
    ...(shares === 0n ? {} : { shares: shares.toString() }),
    ...facts
  },
  gas: approves ? ["approval", gasOf[request.action]] : [gasOf[request.action]],
  ...(givesOut.has(request.action)
    ? { output: { asset: request.token, amount: Amount.fromUnits(assets, Asset.decimals(request.token)) } }
    : {})
})

const inMarket = (
  settings: Config.Settings,
  { state, world }: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  request: Request.InMarket
): Result<Contract.Stepped> =>
  Either.gen(function*() {
    const { action, market: listed, token } = request
    const stored = State.stored(state, listed, State.seconds(snapshot.at))
    const accrued = yield* Either.mapLeft(Market.accrue(listed.terms, stored, State.seconds(snapshot.at)), Faults.ofInterest(listed))
    const held = State.held(state, listed)
    const found: Found = {
      held,
      market: accrued.market,
      price: yield* priced(snapshot, request, held),
      walletUnits: Amount.toUnits(World.balance(world, State.wallet, token), Asset.decimals(token), "down")
    }
    const changed = yield* Either.mapLeft(change(request, found), (fault) => Faults.explain(fault, request, found))
    const gives = givesOut.has(action)
    if (gives) yield* Flash.transferable(settings, state, token, changed.assets)
    const after = action === "supply_collateral" ? { ...held, position: changed.position } : State.shown(changed.market, changed.position)
    const approves = !gives && (settings.approval === "exact" || !state.approved.has(token))
    // Bringing collateral is the one action with which the contract accrues no interest.
    const kept = State.withMarket(state, listed, action === "supply_collateral" ? stored : changed.market, after)
    const entries = lines(request, changed.assets, held, after)
    const posted = yield* World.post(world, entries)
    return {
      world: State.slot.set(posted, approves ? { ...kept, approved: new Set(kept.approved).add(token) } : kept),
      value: receipt(request, changed, entries, approves, health(request, snapshot, changed.market, changed.position))
    }
  })

/**
 * One action: the tokens, and the claim, the debt or the collateral. What goes in is approved first, of its amount, or
 * once for all where the approval is unlimited.
 *
 * Refused as the contract refuses it: beyond the balance, beyond the lltv, beyond what the market has not lent. A
 * refusal leaves everything as it was.
 *
 * @category constructors
 * @since 0.1.0
 */
export const step = (settings: Config.Settings) =>
(world: World.World, snapshot: MarketSnapshot.MarketSnapshot, request: Request.Request): Result<Contract.Stepped> =>
  Either.flatMap(Opening.open(settings, world), (opened) =>
    request._tag === "Flash" ? Flash.step(settings, opened, request) : inMarket(settings, opened, snapshot, request))
