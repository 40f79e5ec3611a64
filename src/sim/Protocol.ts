/**
 * A protocol on chain as a simulated venue: its contracts, how time passes in them, and what is held there.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Account from "../domain/Account.js"
import type * as Venue from "../venue/Venue.js"
import * as VenueRegistry from "../venue/VenueRegistry.js"
import type * as Contract from "./Contract.js"
import * as Gas from "./Gas.js"
import * as Refusal from "./Refusal.js"
import * as Simulation from "./Simulation.js"
import * as Transaction from "./Transaction.js"
import * as World from "./World.js"

/**
 * What makes a venue of contracts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly id: Account.VenueId
  readonly family: Exclude<Venue.Family, "cex">
  /** The contracts, as transactions of the simulation find them, under the gas settings of the program. */
  readonly contract: (gas: Gas.Settings) => Contract.Contract
  /** How time passes; absent where nothing of the protocol grows, falls due or is liquidated. */
  readonly model?: Simulation.Model | undefined
  /**
   * The market's price before size for a swap. With it the contracts are a `swap`, without it an `action`. A plain function,
   * asked with the world and the data as of the instant.
   */
  readonly arrival?: ((swap: Venue.Swap) => Look<Venue.Arrival>) | undefined
}

/** A look at the world and the data of an instant. @category models @since 0.1.0 */
export type Look<A> = (...seen: Parameters<Simulation.Model["settle"]>) => Either.Either<A, Refusal.Refusal>

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
 * The venue of a protocol, contributed to the registry. What is held at it stands at `<id>:position`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Simulation.VenueLayer<Gas.Gas> => {
  const { arrival, family, id, model } = options
  const position = Account.make(id, "position")
  return VenueRegistry.venue({
    id,
    family,
    make: Effect.gen(function*() {
      const simulation = yield* Simulation.Simulation
      const gas = yield* Gas.Gas
      const contract = options.contract(gas)
      if (model !== undefined) yield* simulation.register(model)
      yield* simulation.deploy(contract)
      const capability = Transaction.capability(alone(contract), gas, simulation)
      return {
        id,
        family,
        accounts: ["position"],
        ...(arrival === undefined
          ? { action: capability }
          : { swap: { ...capability, arrival: (swap, at) => simulation.look(at, arrival(swap)) } satisfies Venue.Venue["swap"] }),
        accruals: simulation.accruals(id),
        portfolio: () =>
          Effect.map(simulation.world, (world) => ({
            holdings: World.holdings(world).filter(({ account }) => account === position),
            positions: []
          }))
      }
    })
  })
}
