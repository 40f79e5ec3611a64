/**
 * Venues with something between them and their callers.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Venue from "../venue/Venue.js"
import * as VenueRegistry from "../venue/VenueRegistry.js"

/**
 * The capabilities of a venue by the names that the journal knows them by.
 *
 * @category models
 * @since 0.1.0
 */
export type Name = "trade" | "swap" | "action" | "internal" | "send"

/** The capabilities that can be wrapped, in the order of the port. @category constants @since 0.1.0 */
export const names: ReadonlyArray<Name> = ["trade", "swap", "action", "internal", "send"]

/**
 * The parts of a capability that every one has, whatever it is asked for.
 *
 * @category combinators
 * @since 0.1.0
 */
export const part = (venue: Venue.Venue, name: Name): Pick<Venue.Capability<never>, "resolve"> | undefined => {
  switch (name) {
    case "trade":
      return venue.trade
    case "swap":
      return venue.swap
    case "action":
      return venue.action
    case "internal":
      return venue.transfer?.internal
    case "send":
      return venue.transfer?.send
  }
}

/**
 * The venue with every capability that it has replaced by what `wrap` makes of it. Prices, destinations, accruals and
 * the portfolio stay as they are.
 *
 * @category combinators
 * @since 0.1.0
 */
export const capabilities = (
  venue: Venue.Venue,
  wrap: <I>(name: Name, capability: Venue.Capability<I>) => Venue.Capability<I>
): Venue.Venue => {
  const { action, swap, trade, transfer } = venue
  return {
    ...venue,
    trade: trade === undefined ? undefined : { ...trade, ...wrap("trade", trade) },
    swap: swap === undefined ? undefined : { ...swap, ...wrap("swap", swap) },
    action: action === undefined ? undefined : { ...action, ...wrap("action", action) },
    transfer: transfer === undefined ? undefined : {
      ...transfer,
      send: transfer.send === undefined ? undefined : wrap("send", transfer.send),
      internal: transfer.internal === undefined ? undefined : wrap("internal", transfer.internal)
    }
  }
}

/**
 * A layer of venues whose venues pass through `wrap` on their way into the registry.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E, R>(
  venues: Layer.Layer<never, E, R>,
  wrap: (venue: Venue.Venue) => Venue.Venue
): Layer.Layer<never, E, Exclude<R, VenueRegistry.VenueRegistry> | VenueRegistry.VenueRegistry> =>
  Layer.provide(
    venues,
    Layer.effect(
      VenueRegistry.VenueRegistry,
      Effect.map(VenueRegistry.VenueRegistry, (registry) => ({
        ...registry,
        contribute: <E2, R2>(contribution: VenueRegistry.Contribution<E2, R2>) =>
          registry.contribute({ ...contribution, make: Effect.map(contribution.make, wrap) })
      }))
    )
  )
