/**
 * The port to the event log.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { Json } from "../domain/Json.js"
import type * as Timestamp from "../domain/Timestamp.js"

/** What an event can be of; the data of each has its own schema in `EventSchema`. @category models @since 0.1.0 */
export type EventType =
  | "component_initialization"
  | "state_update"
  | "operation"
  | "atomic_group"
  | "accrual"
  | "error"
  | "instruction_routing_failed"
  | "venue_interface_unavailable"
  | "execution_delta_aggregation_failed"

/**
 * An event on its way to the log.
 *
 * @category models
 * @since 0.1.0
 */
export interface Event {
  readonly timestamp: Timestamp.Timestamp
  readonly eventType: EventType
  readonly component: string
  readonly data: { readonly [key: string]: Json }
}

/**
 * An event in the log. `order` counts from 1 across all components.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recorded extends Event {
  readonly order: number
}

/** The event could not be written. @category errors @since 0.1.0 */
export class EventError extends Data.TaggedError("EventError")<{
  readonly message: string
  readonly cause?: unknown
}> {}

/**
 * The log of what happened.
 *
 * @category services
 * @since 0.1.0
 */
export class EventLogger extends Context.Tag("execution-interface-manager/events/EventLogger")<
  EventLogger,
  {
    /** Takes the event. It is durable at the next `flush`, or at once where the layer does not buffer. */
    readonly log: (event: Event) => Effect.Effect<void, EventError>
    /** Makes everything that was taken durable. */
    readonly flush: Effect.Effect<void, EventError>
  }
>() {}
