/**
 * The venues that are part of the program.
 *
 * Each venue is a layer that contributes itself: merging venue layers never loses one, two of one name refuse to build,
 * and one that fails to start is held as unavailable and tried again while the others work.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import type * as Account from "../domain/Account.js"
import type * as Venue from "./Venue.js"

/** Two layers contribute a venue of the same name. @category errors @since 0.1.0 */
export class DuplicateVenue extends Data.TaggedError("DuplicateVenue")<{ readonly venue: Account.VenueId }> {
  override get message(): string {
    return `two layers provide the venue ${this.venue}`
  }
}

/** No venue of that name works at the moment. @category errors @since 0.1.0 */
export class NoSuchVenue extends Data.TaggedError("NoSuchVenue")<{
  readonly venue: Account.VenueId
  /** Why it failed to start, where it is part of the program. */
  readonly failure: string | undefined
  readonly available: ReadonlyArray<Account.VenueId>
}> {
  override get message(): string {
    return this.failure === undefined
      ? `no venue ${this.venue} is part of this program; there are ${this.available.join(", ") || "none"}`
      : `venue ${this.venue} is unavailable: ${this.failure}`
  }
}

/**
 * A venue that is part of the program, working or not.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly id: Account.VenueId
  readonly family: Venue.Family
  readonly state: Either.Either<Venue.Venue, string>
}

/**
 * The venues by name.
 *
 * @category services
 * @since 0.1.0
 */
export class VenueRegistry extends Context.Tag("execution-interface-manager/venue/VenueRegistry")<
  VenueRegistry,
  {
    /** Adds a venue. It stays until the scope closes; a failing start is repeated by the schedule in that scope. */
    readonly contribute: <E, R>(contribution: Contribution<E, R>) => Effect.Effect<void, DuplicateVenue, R | Scope.Scope>
    readonly get: (id: Account.VenueId) => Either.Either<Venue.Venue, NoSuchVenue>
    /** All of them by name. */
    readonly entries: Effect.Effect<ReadonlyArray<Entry>>
  }
>() {}

/**
 * A venue on its way into the registry.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contribution<out E, out R> {
  readonly id: Account.VenueId
  readonly family: Venue.Family
  readonly make: Effect.Effect<Venue.Venue, E, R>
  /** When to try again after a failed start. Defaults to every second, doubling up to a minute. */
  readonly retry?: Schedule.Schedule<unknown, unknown> | undefined
}

/** Every second, doubling up to a minute. @category constants @since 0.1.0 */
export const retryStart: Schedule.Schedule<unknown> = Schedule.union(
  Schedule.exponential("1 second"),
  Schedule.spaced("1 minute")
)

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * One attempt to start. What a failed one has opened is closed with it, and not held until the program ends. A venue that
 * dies while it starts does not work, like one that fails: the others go on without it.
 */
const attempt = <E, R>({ make }: Contribution<E, R>): Effect.Effect<Venue.Venue, unknown, R | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
      return yield* Effect.onExit(restore(Scope.extend(make, scope)), (exit) =>
        Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void)
    })).pipe(Effect.catchAllDefect(Effect.fail))

/**
 * An empty registry, to be filled by the layers of venues.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<VenueRegistry> = Layer.sync(VenueRegistry, () => {
  const entries = new Map<Account.VenueId, Entry>()
  let sorted: ReadonlyArray<Entry> = []
  const put = (entry: Entry): void => {
    entries.set(entry.id, entry)
    sorted = [...entries.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }
  const drop = (id: Account.VenueId): void => {
    entries.delete(id)
    sorted = sorted.filter((entry) => entry.id !== id)
  }
  const start = <E, R>(contribution: Contribution<E, R>) =>
    Effect.tapBoth(attempt(contribution), {
      onSuccess: (venue) =>
        Effect.sync(() => put({ id: contribution.id, family: venue.family, state: Either.right(venue) })),
      onFailure: (error) =>
        Effect.sync(() =>
          put({ id: contribution.id, family: contribution.family, state: Either.left(describe(error)) })
        )
    })
  return {
    contribute: (contribution) =>
      Effect.suspend(() => {
        if (entries.has(contribution.id)) return Effect.fail(new DuplicateVenue({ venue: contribution.id }))
        const leave = Effect.sync(() => drop(contribution.id))
        // Its name is taken before it has started, because layers are built beside each other.
        const enter = Effect.sync(() =>
          put({ id: contribution.id, family: contribution.family, state: Either.left("it has not started yet") }))
        return Effect.acquireRelease(enter, () => leave).pipe(
          Effect.zipRight(Effect.either(start(contribution))),
          // Nobody finds it any more when what it has opened is closed.
          Effect.tap(() => Effect.addFinalizer(() => leave)),
          Effect.flatMap((started) =>
            Either.isRight(started)
              ? Effect.void
              : start(contribution).pipe(
                Effect.retry(contribution.retry ?? retryStart),
                Effect.delay("1 second"),
                Effect.forkScoped,
                Effect.asVoid
              )
          )
        )
      }),
    get: (id) => {
      const entry = entries.get(id)
      if (entry !== undefined && Either.isRight(entry.state)) return Either.right(entry.state.right)
      return Either.left(
        new NoSuchVenue({
          venue: id,
          failure: entry === undefined || Either.isRight(entry.state) ? undefined : entry.state.left,
          available: [...entries.values()].filter((other) => Either.isRight(other.state)).map((other) => other.id).sort()
        })
      )
    },
    entries: Effect.sync(() => sorted)
  }
})

/**
 * The layer of one venue: contributes it to the registry that it is merged into.
 *
 * @category layers
 * @since 0.1.0
 */
export const venue = <E, R>(
  contribution: Contribution<E, R>
): Layer.Layer<never, DuplicateVenue, VenueRegistry | Exclude<R, Scope.Scope>> =>
  Layer.scopedDiscard(Effect.flatMap(VenueRegistry, (registry) => registry.contribute(contribution)))
