/**
 * ether.fi simulated: ether staked for eETH or weETH, wrapped and unwrapped, and asked back through the withdrawal queue,
 * in the arithmetic of its contracts.
 *
 * Tokens stand at `wallet:wallet`, where eETH grows with the protocol's rate; places in the queue stand at
 * `etherfi:position` as `ticketETH`.
 *
 * @since 0.1.0
 */
import type * as Account from "../../domain/Account.js"
import type * as Assumption from "../../sim/Assumption.js"
import type * as Gas from "../../sim/Gas.js"
import * as Protocol from "../../sim/Protocol.js"
import * as Rebase from "../../sim/ShareToken/Rebase.js"
import * as Steps from "../../sim/ShareToken/Steps.js"
import type * as Simulation from "../../sim/Simulation.js"
import * as EtherFiConfig from "./Config.js"

/** Settings of the venue: see {@link EtherFiConfig.Config}. @category schemas @since 0.1.0 */
export const Config = EtherFiConfig.Config

/** @category models @since 0.1.0 */
export type Config = EtherFiConfig.Config

/** The one sub-account of the venue, where the tickets stand. @category constants @since 0.1.0 */
export const accounts: readonly [Account.SubAccount, ...ReadonlyArray<Account.SubAccount>] = ["position"]

/** What the simulation takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => EtherFiConfig.assumptions(config)

/**
 * The simulated venue `etherfi`, contributed to the registry. Gas is that of the {@link Gas.Gas} tag.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (config: Config = {}): Simulation.VenueLayer<Gas.Gas> => {
  const protocol = EtherFiConfig.resolve(config)
  return Protocol.layer({
    id: "etherfi",
    family: "onchain",
    contract: (gas) => Steps.contract(protocol, gas),
    model: Rebase.model(protocol)
  })
}
