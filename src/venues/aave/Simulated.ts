/**
 * Aave v3 simulated: lending, efficiency modes, flash loans, interest and liquidation in the arithmetic of its
 * contracts.
 *
 * Tokens come from and go to `wallet:wallet`; claims (`aUSDT`) and debts (`debtWETH`) stand at `aave:position` in the
 * units that the token contracts show.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type * as Account from "../../domain/Account.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as Assumption from "../../sim/Assumption.js"
import type * as Contract from "../../sim/Contract.js"
import type * as Gas from "../../sim/Gas.js"
import * as Protocol from "../../sim/Protocol.js"
import type * as Simulation from "../../sim/Simulation.js"
import * as Actions from "./Actions.js"
import * as Assumptions from "./Assumptions.js"
import * as AaveConfig from "./Config.js"
import * as Flash from "./Flash.js"
import * as Interest from "./Interest.js"
import * as Request from "./Request.js"

/** Settings of the venue: see {@link AaveConfig.Config}. @category schemas @since 0.1.0 */
export const Config = AaveConfig.Config

/** @category models @since 0.1.0 */
export type Config = AaveConfig.Config

/** The one sub-account of the venue, where claims and debts stand. @category constants @since 0.1.0 */
export const accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>] = ["position"]

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => Assumptions.make(config)

/** The pool as contracts of the simulation. @category constructors @since 0.1.0 */
export const contract = (settings: AaveConfig.Settings): Contract.Contract => {
  const act = Actions.step(settings)
  return {
    venue: "aave",
    actions: new Set<Instruction.Action>(Request.actions),
    prepare: ({ instruction }) =>
      Either.map(Request.make(settings, instruction), (payload) => ({
        wire: Request.wire(payload),
        run: (world, snapshot) => act(world, snapshot, payload)
      })),
    open: Flash.open
  }
}

/**
 * The simulated venue `aave`, contributed to the registry. Gas is that of the {@link Gas.Gas} tag.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (config: Config = {}): Simulation.VenueLayer<Gas.Gas> => {
  const settings = AaveConfig.resolve(config)
  return Protocol.layer({ id: "aave", family: "onchain", contract: () => contract(settings), model: Interest.model(settings) })
}
