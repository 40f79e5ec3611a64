/**
 * Aave v3 simulated: supply, withdraw, borrow and repay in the arithmetic of its contracts.
 *
 * Tokens come from and go to `wallet:wallet`; claims (`aUSDT`) and debts (`debtWETH`) stand at `aave:position` in the
 * units that the token contracts show.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import type * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as Assumption from "../../sim/Assumption.js"
import type * as Contract from "../../sim/Contract.js"
import * as Gas from "../../sim/Gas.js"
import * as Refusal from "../../sim/Refusal.js"
import * as Simulation from "../../sim/Simulation.js"
import * as Transaction from "../../sim/Transaction.js"
import * as World from "../../sim/World.js"
import * as VenueRegistry from "../../venue/VenueRegistry.js"
import * as Actions from "./Actions.js"
import * as AaveConfig from "./Config.js"
import * as Interest from "./Interest.js"
import * as Opening from "./Opening.js"

/** Settings of the venue: see {@link AaveConfig.Config}. @category schemas @since 0.1.0 */
export const Config = AaveConfig.Config

/** @category models @since 0.1.0 */
export type Config = AaveConfig.Config

/** @category constants @since 0.1.0 */
export const accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>] = ["position"]

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => AaveConfig.assumptions(config)

const unsupported = (message: string, field: string, expected: string, actual: string) =>
  Either.left(Refusal.make("unsupported", message, { field, expected, actual }))

/**
 * An instruction as the venue does it. Amounts are cut to the decimals of the token; what that leaves nothing of is
 * refused, as is everything that is not simulated.
 *
 * @category constructors
 * @since 0.1.0
 */
export const request = (
  settings: AaveConfig.Settings,
  instruction: Instruction.SmartContractAction
): Either.Either<Actions.Request, Refusal.Refusal> => {
  const { action, amount, market, network, token } = instruction
  if (!Actions.isAction(action)) {
    return unsupported(`aave does not simulate ${action}`, "action", `one of ${Actions.actions.join(", ")}`, action)
  }
  if (market !== undefined) {
    return unsupported("aave has one pool here, and no markets in it", "market", "none", typeof market === "string" ? market : "an object")
  }
  if (network !== undefined && network !== settings.network) {
    return unsupported(`aave is on ${settings.network} here`, "network", settings.network, network)
  }
  const reserve = settings.reserves.get(token)
  if (reserve === undefined) {
    const known = [...settings.reserves.keys()].join(", ")
    return token === "ETH"
      ? unsupported("aave holds no native ether: wrap it to WETH in the wallet first", "token", "WETH", token)
      : unsupported(`aave has no reserve of ${token}`, "token", `one of ${known}`, token)
  }
  if (amount === "max" && action !== "borrow") return Either.right({ action, reserve, units: "max" })
  if (typeof amount !== "bigint") {
    return Either.left(
      Refusal.make("invalid", `${action} takes an amount`, {
        field: "amount",
        expected: action === "borrow" ? "a decimal" : "a decimal or \"max\"",
        actual: amount === "max" ? amount : "another operation's output"
      })
    )
  }
  const decimals = Asset.decimals(token)
  const units = Amount.toUnits(amount, decimals, "down")
  return units > 0n
    ? Either.right({ action, reserve, units })
    : Either.left(
      Refusal.make("invalid", `${token} has ${decimals} decimals, and ${Amount.format(amount)} is less than its unit`, {
        field: "amount",
        expected: `at least ${Decimal.formatScaled(1n, decimals)} ${token}`,
        actual: Amount.format(amount)
      })
    )
}

const wireOf = ({ action, reserve, units }: Actions.Request): Contract.Step["wire"] => ({
  action,
  token: reserve.token,
  amount: units === "max" ? units : Decimal.formatScaled(units, Asset.decimals(reserve.token))
})

/** The pool as contracts of the simulation. @category constructors @since 0.1.0 */
export const contract = (settings: AaveConfig.Settings): Contract.Contract => {
  const act = Actions.step(settings)
  return {
    venue: "aave",
    actions: new Set<Instruction.Action>(Actions.actions),
    prepare: ({ instruction }) =>
      Either.map(request(settings, instruction), (payload) => ({
        wire: wireOf(payload),
        run: (world, snapshot) => act(world, snapshot, payload)
      }))
  }
}

/**
 * The simulated venue `aave`, contributed to the registry. Gas is that of the {@link Gas.Gas} tag.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  config: Config = {}
): Layer.Layer<
  never,
  VenueRegistry.DuplicateVenue,
  VenueRegistry.VenueRegistry | Simulation.Simulation | Gas.Gas
> => {
  const settings = AaveConfig.resolve(config)
  return VenueRegistry.venue({
    id: "aave",
    family: "onchain",
    make: Effect.gen(function*() {
      const simulation = yield* Simulation.Simulation
      const gas = yield* Gas.Gas
      const pool = contract(settings)
      yield* simulation.register(Interest.model(settings))
      yield* simulation.deploy(pool)
      return {
        id: "aave",
        family: "onchain",
        accounts,
        action: Transaction.capability(pool, gas, simulation),
        accruals: simulation.accruals("aave"),
        portfolio: () =>
          Effect.map(simulation.world, (world) => ({
            holdings: World.holdings(world).filter(({ account }) => account === Opening.account),
            positions: []
          }))
      }
    })
  })
}
