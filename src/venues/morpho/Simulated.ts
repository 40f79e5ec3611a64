/**
 * Morpho Blue simulated: markets, shares, interest, flash loans and liquidation in the arithmetic of its contracts.
 *
 * Tokens come from and go to `wallet:wallet`; claims (`aWETH`), debts (`debtWETH`) and collateral (`weETH`) stand at
 * `morpho:position`. Several markets of one loan token share its claim and its debt there.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import type * as Account from "../../domain/Account.js"
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
import * as MorphoConfig from "./Config.js"
import * as Flash from "./Flash.js"
import * as Interest from "./Interest.js"
import * as Request from "./Request.js"
import * as State from "./State.js"

/** Settings of the venue: see {@link MorphoConfig.Config}. @category schemas @since 0.1.0 */
export const Config = MorphoConfig.Config

/** @category models @since 0.1.0 */
export type Config = MorphoConfig.Config

/** The one sub-account of the venue, where claims, collateral and debts stand. @category constants @since 0.1.0 */
export const accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>] = ["position"]

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => MorphoConfig.assumptions(config)

const wireOf = (request: Request.Request): Contract.Step["wire"] => ({
  action: request.action,
  ...(request._tag === "Flash" ? {} : { market: request.market.name }),
  token: request.token,
  amount: request.units === "max" ? request.units : Decimal.formatScaled(request.units, Asset.decimals(request.token))
})

/** The contract as transactions of the simulation find it. @category constructors @since 0.1.0 */
export const contract = (settings: MorphoConfig.Settings): Contract.Contract => {
  const act = Actions.step(settings)
  return {
    venue: "morpho",
    actions: new Set<Instruction.Action>([...Request.marketActions, ...Request.flashActions]),
    prepare: ({ instruction }) =>
      Either.map(Request.make(settings, instruction), (payload) => ({
        wire: wireOf(payload),
        run: (world, snapshot) => act(world, snapshot, payload)
      })),
    open: Flash.open
  }
}

/** A flash loan has no transaction of its own: it is given back in the one that takes it. */
const alone = (whole: Contract.Contract): Contract.Contract => ({
  ...whole,
  prepare: (intent) => {
    const { action } = intent.instruction
    return action === "flash_borrow" || action === "flash_repay"
      ? Either.left(
        Refusal.make("atomic", `${action} has no meaning outside an atomic group`, {
          field: "action",
          expected: "an action of an atomic group",
          actual: action
        })
      )
      : whole.prepare(intent)
  }
})

/**
 * The simulated venue `morpho`, contributed to the registry. Gas is that of the {@link Gas.Gas} tag.
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
  const settings = MorphoConfig.resolve(config)
  return VenueRegistry.venue({
    id: "morpho",
    family: "onchain",
    make: Effect.gen(function*() {
      const simulation = yield* Simulation.Simulation
      const gas = yield* Gas.Gas
      const whole = contract(settings)
      yield* simulation.register(Interest.model(settings))
      yield* simulation.deploy(whole)
      return {
        id: "morpho",
        family: "onchain",
        accounts,
        action: Transaction.capability(alone(whole), gas, simulation),
        accruals: simulation.accruals("morpho"),
        portfolio: () =>
          Effect.map(simulation.world, (world) => ({
            holdings: World.holdings(world).filter(({ account }) => account === State.account),
            positions: []
          }))
      }
    })
  })
}
