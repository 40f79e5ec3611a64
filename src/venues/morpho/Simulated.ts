/**
 * Morpho Blue simulated: markets, shares, interest, flash loans and liquidation in the arithmetic of its contracts.
 *
 * Tokens come from and go to `wallet:wallet`; claims (`aWETH`), debts (`debtWETH`) and collateral (`weETH`) stand at
 * `morpho:position`. Several markets of one loan token share its claim and its debt there.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "../../domain/Account.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as Assumption from "../../sim/Assumption.js"
import type * as Contract from "../../sim/Contract.js"
import type * as Gas from "../../sim/Gas.js"
import * as Protocol from "../../sim/Protocol.js"
import type * as Simulation from "../../sim/Simulation.js"
import * as Actions from "./Actions.js"
import * as MorphoConfig from "./Config.js"
import * as Flash from "./Flash.js"
import * as Interest from "./Interest.js"
import * as Request from "./Request.js"

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

/**
 * The simulated venue `morpho`, contributed to the registry. Gas is that of the {@link Gas.Gas} tag.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (config: Config = {}): Simulation.VenueLayer<Gas.Gas> => {
  const settings = MorphoConfig.resolve(config)
  return Protocol.layer({ id: "morpho", family: "onchain", contract: () => contract(settings), model: Interest.model(settings) })
}
