/**
 * Flash loans of the simulated Aave: any reserve's tokens for a premium, given back before the transaction ends.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Entry from "../../domain/Entry.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Contract from "../../sim/Contract.js"
import * as Refusal from "../../sim/Refusal.js"
import * as World from "../../sim/World.js"
import type * as Config from "./Config.js"
import * as Limits from "./Limits.js"
import * as Opening from "./Opening.js"
import * as Pool from "./Pool.js"
import * as Position from "./Position.js"
import * as RayMath from "./RayMath.js"
import type * as Request from "./Request.js"
import * as ReserveState from "./ReserveState.js"
import type * as Reserves from "./Reserves.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

const fees = Account.contra("fees", "aave")

/** What a flash loan costs: rounded up from v3.5 on, half up before. @category combinators @since 0.1.0 */
export const premium = ({ flashPremium, version }: Config.Settings, units: bigint): bigint =>
  RayMath.percentMul(units, flashPremium, version === "v3.5" ? "up" : "half_up")

const format = (token: Asset.Asset, units: bigint): string => Amount.format(Amount.fromUnits(units, Asset.decimals(token)))

const withLoan = (position: Position.Position, token: Asset.Asset, loan: Position.Loan | undefined): Position.Position => {
  const flash = new Map(position.flash)
  if (loan === undefined) flash.delete(token)
  else flash.set(token, loan)
  return { ...position, flash }
}

const receipt = (
  entries: ReadonlyArray<Entry.Entry>,
  token: Asset.Asset,
  { premium, principal }: Position.Loan
): Omit<Contract.Effects, "costs"> => ({
  entries,
  fills: [],
  positions: [],
  detail: { principal: format(token, principal), premium: format(token, premium) },
  gas: []
})

/** Whether others have a claim on what is lent: all of it from v3.5 on, and anything at all before. */
const isSupplied = ({ scaling, version }: Config.Settings, state: ReserveState.State, units: bigint): boolean => {
  const supplied = scaling.supplyBalance(state.supply, state.supplyIndex)
  return supplied > 0n && (version === "v3.0" || supplied >= units)
}

const borrow = (
  settings: Config.Settings,
  { entries: opening, position, world }: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  reserve: Reserves.Reserve,
  units: bigint
): Result<Contract.Stepped> =>
  Either.gen(function*() {
    const { token } = reserve
    yield* Limits.usable(reserve, "flash_borrow")
    const refuse = (reason: "rejected" | "atomic", message: string, expected: string) =>
      Either.left(Refusal.make(reason, message, { field: "token", expected, actual: token }))
    if (!reserve.flashable) {
      return yield* refuse("rejected", `aave gives no flash loans of ${token} (FlashloanDisabled)`, "a reserve with flash loans")
    }
    if (position.flash.has(token)) {
      return yield* refuse("atomic", `a flash loan of ${token} is open at aave (InconsistentFlashloanParams)`, "a token that is not out by flash loan")
    }
    yield* Limits.liquid(settings, position, snapshot, reserve, units)
    const loan = { principal: units, premium: premium(settings, units) }
    const state = Pool.stateAt(settings, position, reserve, snapshot.at)
    if (state !== undefined && !isSupplied(settings, state, units)) {
      return yield* refuse("rejected", `less ${token} is supplied to aave than the flash loan takes (InvalidAmount)`, "a smaller loan")
    }
    const lent = state === undefined ? position : Position.withReserve(position, token, ReserveState.lend(state, units))
    const amount = Amount.fromUnits(units, Asset.decimals(token))
    const entries = Entry.move(Opening.issuer, Opening.wallet, token, amount, "flash")
    const posted = yield* World.post(world, entries)
    return {
      world: Position.slot.set(posted, withLoan(lent, token, loan)),
      value: { ...receipt([...opening, ...entries], token, loan), costs: [], output: { asset: token, amount } }
    }
  })

/** The index of what others supply may grow by a premium, and with it what the trader supplies. */
const growth = (
  settings: Config.Settings,
  world: World.World,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  reserve: Reserves.Reserve
): Result<ReadonlyArray<Entry.Entry>> => {
  const { supply } = Position.holding(position, reserve.token)
  if (supply === 0n || reserve.interest === "data") return Either.right([])
  const claim = Asset.claimOn(reserve.token)
  return Either.map(Pool.index(settings, position, snapshot, reserve, "supply"), (index) => {
    const shown = Amount.fromUnits(settings.scaling.supplyBalance(supply, index), Asset.decimals(reserve.token))
    return Entry.move(Opening.issuer, Opening.account, claim, shown - World.balance(world, Opening.account, claim), "interest")
  })
}

const giveBack = (
  settings: Config.Settings,
  { entries: opening, position, world }: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  reserve: Reserves.Reserve,
  asked: bigint | "max"
): Result<Contract.Stepped> =>
  Either.gen(function*() {
    const { token } = reserve
    const loan = position.flash.get(token)
    const owed = loan === undefined ? 0n : loan.principal + loan.premium
    if (loan === undefined || (asked !== "max" && asked !== owed)) {
      return yield* Either.left(
        Refusal.make("atomic", loan === undefined ? `no flash loan of ${token} is open at aave` : `${format(token, owed)} ${token} are to be given back to aave`, {
          field: "amount",
          expected: loan === undefined ? "a flash loan before it" : `${format(token, owed)}, or "max"`,
          actual: asked === "max" ? asked : format(token, asked)
        })
      )
    }
    const model = Pool.terms(settings, reserve)
    const state = Pool.stateAt(settings, position, reserve, snapshot.at)
    const closed = withLoan(position, token, undefined)
    const paid = model === undefined || state === undefined
      ? closed
      : Position.withReserve(closed, token, ReserveState.giveBack(model, state, loan.principal, loan.premium))
    const cost = Amount.fromUnits(loan.premium, Asset.decimals(token))
    const entries = [
      ...Entry.move(Opening.wallet, Opening.issuer, token, Amount.fromUnits(loan.principal, Asset.decimals(token)), "flash"),
      ...Entry.move(Opening.wallet, fees, token, cost, "fee"),
      ...(yield* growth(settings, world, paid, snapshot, reserve))
    ]
    const posted = yield* World.post(world, entries)
    return {
      world: Position.slot.set(posted, paid),
      value: {
        ...receipt([...opening, ...entries], token, loan),
        costs: cost === 0n ? [] : [{ kind: "fee" as const, venue: "aave", asset: token, amount: cost }]
      }
    }
  })

/** Takes a flash loan, or gives one back with its premium. @category combinators @since 0.1.0 */
export const step = (
  settings: Config.Settings,
  opened: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  { action, reserve, units }: Request.Flash
): Result<Contract.Stepped> =>
  action === "flash_borrow"
    ? borrow(settings, opened, snapshot, reserve, units === "max" ? 0n : units)
    : giveBack(settings, opened, snapshot, reserve, units)

/** Why a transaction may not end: a flash loan is open. @category guards @since 0.1.0 */
export const open = (world: World.World): Refusal.Refusal | undefined => {
  for (const [token, { premium, principal }] of Position.slot.get(world).flash) {
    const owed = format(token, principal + premium)
    return Refusal.make(
      "atomic",
      `the flash loan of ${format(token, principal)} ${token} from aave is not given back with its premium of ${format(token, premium)} (transferFrom reverted)`,
      { field: "amount", expected: `a flash_repay of ${owed} ${token}`, actual: "none" }
    )
  }
  return undefined
}
