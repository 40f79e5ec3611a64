/**
 * What changes how an account is judged and moves nothing: the efficiency mode, and which supply is collateral.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Contract from "../../sim/Contract.js"
import type * as Gas from "../../sim/Gas.js"
import * as Refusal from "../../sim/Refusal.js"
import * as AccountData from "./AccountData.js"
import type * as Config from "./Config.js"
import * as EMode from "./EMode.js"
import * as Limits from "./Limits.js"
import type * as Opening from "./Opening.js"
import * as Position from "./Position.js"
import type * as Request from "./Request.js"

type Result<A> = Either.Either<A, Refusal.Refusal>

const healthy = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  field: string,
  what: string
): Result<void> => {
  if (!Position.owes(position)) return Either.void
  return Either.flatMap(AccountData.of(settings, position, snapshot), (data) => {
    if (!AccountData.isUnhealthy(data)) return Either.void
    const left = AccountData.formatHealthFactor(data)
    return Either.left(
      Refusal.make("health_factor", `${what} would leave a health factor of ${left} (HealthFactorLowerThanLiquidationThreshold)`, {
        field,
        expected: "a health factor of at least 1",
        actual: left
      })
    )
  })
}

const rejected = (message: string, field: string, expected: string, actual: string): Result<never> =>
  Either.left(Refusal.make("rejected", message, { field, expected, actual }))

const collateral = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  { enabled, reserve }: Request.Collateral
): Result<Position.Position> =>
  Either.gen(function*() {
    const { token } = reserve
    const held = Position.holding(position, token)
    const nothing = held.supply === 0n
    const empty = () => rejected(`no ${token} is supplied to aave (UnderlyingBalanceZero)`, "token", "a token that is supplied", token)
    if (nothing && settings.version === "v3.0") return yield* empty()
    yield* Limits.usable(reserve, "set_collateral")
    if (held.collateral === enabled) return position
    if (nothing) return yield* empty()
    const next = Position.withHolding(position, token, { ...held, collateral: enabled })
    if (enabled && reserve.ltv === 0n) {
      return yield* rejected(`${token} carries no loan at aave (UserInIsolationModeOrLtvZero)`, "token", "a reserve with a loan to value above 0", token)
    }
    if (!enabled) yield* healthy(settings, next, snapshot, "enabled", `${token} as no collateral`)
    return next
  })

const emode = (
  settings: Config.Settings,
  position: Position.Position,
  snapshot: MarketSnapshot.MarketSnapshot,
  { category: id }: Request.EMode
): Result<Position.Position> =>
  Either.gen(function*() {
    const recent = settings.version === "v3.5"
    if (recent && position.emode === id) return position
    const category = settings.categories.get(id)
    if (id !== 0 && category === undefined) {
      return yield* rejected(
        `aave has no efficiency mode ${id} (InconsistentEModeCategory)`,
        "emode_category",
        `one of 0, ${[...settings.categories.keys()].join(", ")}`,
        String(id)
      )
    }
    for (const [token, { debt }] of position.holdings) {
      if (debt > 0n && !EMode.isBorrowable(category, token, settings.version)) {
        return yield* rejected(
          `${token} is owed and cannot be borrowed in efficiency mode ${id} (${recent ? "NotBorrowableInEMode" : "InconsistentEModeCategory"})`,
          "emode_category",
          `a category in which ${token} is borrowed`,
          String(id)
        )
      }
    }
    const next = { ...position, emode: id }
    if (recent || position.emode !== 0) yield* healthy(settings, next, snapshot, "emode_category", `efficiency mode ${id}`)
    return next
  })

/**
 * Switches the efficiency mode, or whether a supply backs debt. Refused as the contracts refuse it, where the health
 * factor would fall below 1 among others.
 *
 * @category combinators
 * @since 0.1.0
 */
export const step = (
  settings: Config.Settings,
  opened: Opening.Opened,
  snapshot: MarketSnapshot.MarketSnapshot,
  request: Request.Collateral | Request.EMode
): Result<Contract.Stepped> => {
  const gas: ReadonlyArray<Gas.Operation> = [request.action]
  const switched = request._tag === "EMode"
    ? emode(settings, opened.position, snapshot, request)
    : collateral(settings, opened.position, snapshot, request)
  return Either.map(switched, (position) => ({
    world: Position.slot.set(opened.world, position),
    value: {
      entries: opened.entries,
      fills: [],
      costs: [],
      positions: [],
      detail: { emode_category: position.emode, ...AccountData.detail(settings, position, snapshot) },
      gas
    }
  }))
}
