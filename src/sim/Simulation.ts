/**
 * The kernel of simulation: holds the one world, lets time pass in it, and takes steps.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as DataProvider from "../data/DataProvider.js"
import * as Account from "../domain/Account.js"
import * as Amount from "../domain/Amount.js"
import * as Entry from "../domain/Entry.js"
import type * as MarketSnapshot from "../domain/MarketSnapshot.js"
import * as Multiples from "../domain/Multiples.js"
import * as Outcome from "../domain/Outcome.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as Venue from "../venue/Venue.js"
import type * as VenueRegistry from "../venue/VenueRegistry.js"
import type * as Contract from "./Contract.js"
import * as Refusal from "./Refusal.js"
import * as World from "./World.js"

/**
 * What a step comes to: the next world, and the receipt of what happened in it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stepped<out A> {
  readonly world: World.World
  readonly value: A
}

/**
 * How time passes for one venue.
 *
 * @category models
 * @since 0.1.0
 */
export interface Model {
  readonly venue: Account.VenueId
  /**
   * The instants in `(world.at, snapshot.at]` at which this venue has something to settle or to check, in any order.
   * Cheap where nothing is held.
   */
  readonly due: (world: World.World, snapshot: MarketSnapshot.MarketSnapshot) => ReadonlyArray<Timestamp.Timestamp>
  /** Settles what is due at `snapshot.at`. A refusal stops the run. */
  readonly settle: (
    world: World.World,
    snapshot: MarketSnapshot.MarketSnapshot
  ) => Either.Either<Stepped<ReadonlyArray<Outcome.Accrual>>, Refusal.Refusal>
}

/**
 * The world and its time.
 *
 * @category services
 * @since 0.1.0
 */
export class Simulation extends Context.Tag("execution-interface-manager/sim/Simulation")<
  Simulation,
  {
    readonly world: Effect.Effect<World.World>
    /** Adds the model of a venue. */
    readonly register: (model: Model) => Effect.Effect<void>
    /**
     * Settles everything due up to an instant, of all venues in the order of time, and gives what concerns one of them
     * and was not given before.
     */
    readonly accruals: (venue: Account.VenueId) => Venue.Accruals
    /** Puts the contracts of a venue where transactions find them. */
    readonly deploy: (contract: Contract.Contract) => Effect.Effect<void>
    readonly contract: (venue: Account.VenueId) => Contract.Contract | undefined
    /** A simulated call has always happened once it was made; only its transfer may still be under way. */
    readonly resolve: (handle: Outcome.Handle) => Effect.Effect<Outcome.Success>
    /** Looks at the world as it is, with the data as of an instant. Nothing is settled or changed. */
    readonly look: <A>(
      at: Timestamp.Timestamp,
      f: (world: World.World, snapshot: MarketSnapshot.MarketSnapshot) => Either.Either<A, Refusal.Refusal>
    ) => Effect.Effect<A, Outcome.NotSent>
    /** Takes a step at an instant that is settled. A refusal leaves the world as it was. */
    readonly step: <A>(
      at: Timestamp.Timestamp,
      f: (world: World.World, snapshot: MarketSnapshot.MarketSnapshot) => Either.Either<Stepped<A>, Refusal.Refusal>
    ) => Effect.Effect<A, Outcome.Rejected>
  }
>() {}

/**
 * The layer of a simulated venue: a member of the registry, over the world of the simulation. `R` is what it needs
 * beside them.
 *
 * @category layers
 * @since 0.1.0
 */
export type VenueLayer<R = never> = Layer.Layer<
  never,
  VenueRegistry.DuplicateVenue,
  VenueRegistry.VenueRegistry | Simulation | R
>

/**
 * Opening balances by account and asset, against `opening:balance`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Instant at which the world begins. Defaults to the first instant that is settled or stepped at. */
  readonly at?: Timestamp.Timestamp | undefined
  readonly opening?: ReadonlyArray<{
    readonly account: Account.Account
    readonly asset: string
    readonly amount: Amount.Amount
  }>
}

const credit = (world: World.World, transit: World.Transit): Either.Either<Stepped<Outcome.Accrual>, Refusal.Refusal> => {
  const from = Account.contra("transit", transit.id)
  const credited = Amount.quantize(transit.amount, transit.quantum, "down")
  const entries = [
    ...Entry.move(from, transit.to, transit.asset, credited, "transfer"),
    ...Entry.move(from, Account.contra("rounding", Account.venue(transit.to)), transit.asset, transit.amount - credited, "rounding")
  ]
  return Either.map(
    World.post({ ...world, transits: world.transits.filter((other) => other !== transit) }, entries),
    (next) => ({
      world: next,
      value: {
        id: `credit:${transit.id}`,
        kind: "credit" as const,
        venue: Account.venue(transit.to),
        account: transit.to,
        at: transit.due,
        entries,
        detail: { operation_id: transit.id }
      }
    })
  )
}

/**
 * A fresh world with opening balances.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<Simulation, never, DataProvider.DataProvider> =>
  Layer.effect(
    Simulation,
    Effect.map(DataProvider.DataProvider, (data) => {
      const opening = (options.opening ?? []).flatMap((held) =>
        Entry.move(Account.contra("opening", "balance"), held.account, held.asset, held.amount, "opening")
      )
      const begin = (at: Timestamp.Timestamp): World.World =>
        Either.getOrThrowWith(World.post(World.empty(at), opening), ({ message }) => `opening balances: ${message}`)
      let world = begin(options.at ?? -1)
      const models: Array<Model> = []
      const contracts = new Map<Account.VenueId, Contract.Contract>()
      const outbox = new Map<Account.VenueId, Array<Outcome.Accrual>>()
      const put = (accrual: Outcome.Accrual) => {
        const box = outbox.get(accrual.venue)
        if (box === undefined) outbox.set(accrual.venue, [accrual])
        else box.push(accrual)
      }

      // All of an instant is settled or nothing of it, so that after a refusal nothing can be settled twice.
      const settleAt = (snapshot: MarketSnapshot.MarketSnapshot): Refusal.Refusal | undefined => {
        let next = world
        const accruals: Array<Outcome.Accrual> = []
        for (const model of models) {
          const settled = model.settle(next, snapshot)
          if (Either.isLeft(settled)) return { ...settled.left, venue: model.venue }
          next = settled.right.world
          accruals.push(...settled.right.value)
        }
        // After the models: what arrives at the end of a step was not there for what happened inside it.
        for (const transit of world.transits) {
          if (transit.due <= snapshot.at) {
            const credited = credit(next, transit)
            if (Either.isLeft(credited)) return credited.left
            next = credited.right.world
            accruals.push(credited.right.value)
          }
        }
        world = { ...next, at: snapshot.at }
        for (const accrual of accruals) put(accrual)
        return undefined
      }

      const dueIn = (snapshot: MarketSnapshot.MarketSnapshot): ReadonlyArray<Timestamp.Timestamp> => {
        const due: Array<Timestamp.Timestamp> = []
        for (const transit of world.transits) {
          if (transit.due <= snapshot.at) due.push(transit.due)
        }
        for (const model of models) {
          for (const at of model.due(world, snapshot)) due.push(at)
        }
        return due.length < 2 ? due : [...new Set(due)].sort((a, b) => a - b)
      }

      /** A refusal takes along what all venues had settled before it, so that nothing of it is lost. */
      const withAccruals = (rejected: Outcome.Rejected): Outcome.Rejected => {
        const accruals = [...outbox.values()].flat().sort((a, b) => a.at - b.at)
        outbox.clear()
        // The message of an error is not among the properties that a spread copies.
        return new Outcome.Rejected({ ...rejected, message: rejected.message, accruals })
      }

      // Of an instant the data says the same thing however often it is asked.
      let seen: MarketSnapshot.MarketSnapshot | undefined
      const withMultiples = Multiples.view()
      const read = (at: Timestamp.Timestamp): Effect.Effect<MarketSnapshot.MarketSnapshot, Refusal.Refusal> =>
        Effect.suspend(() =>
          seen?.at === at
            ? Effect.succeed(seen)
            : Effect.mapBoth(data.getData(at), {
              onFailure: (error) => Refusal.make("market_data", error.message),
              onSuccess: (snapshot) => seen = withMultiples(snapshot)
            }))

      const settle = Effect.fnUntraced(function*(until: Timestamp.Timestamp) {
        if (world.at < 0) world = { ...world, at: until }
        if (until <= world.at) return
        const snapshot = seen?.at === until ? seen : yield* read(until)
        for (const at of dueIn(snapshot)) {
          const refusal = settleAt(at === until ? snapshot : yield* read(at))
          if (refusal !== undefined) return yield* Effect.fail(refusal)
        }
        world = { ...world, at: until }
      })

      const taken = (venue: Account.VenueId): ReadonlyArray<Outcome.Accrual> => {
        const box = outbox.get(venue) ?? []
        outbox.delete(venue)
        return box
      }

      return {
        world: Effect.sync(() => world),
        register: (model) => Effect.sync(() => void models.push(model)),
        deploy: (contract) => Effect.sync(() => void contracts.set(contract.venue, contract)),
        contract: (venue) => contracts.get(venue),
        resolve: (handle) =>
          Effect.sync(() => {
            const receipt = Outcome.emptyReceipt(world.at)
            return world.transits.some(({ id }) => id === handle.operationId)
              ? new Outcome.Pending({ handle, receipt })
              : new Outcome.Settled({ receipt })
          }),
        accruals: (venue) =>
          Object.assign(
            (until: Timestamp.Timestamp) =>
              Effect.mapBoth(settle(until), {
                onFailure: (refusal) => withAccruals(Refusal.toRejected(refusal)),
                onSuccess: () => taken(venue)
              }),
            { quiet: (until: Timestamp.Timestamp) => until <= world.at && !outbox.has(venue) }
          ),
        look: (at, f) =>
          Effect.suspend(() =>
            seen?.at === at
              ? Either.mapLeft(f(world, seen), Refusal.toNotSent)
              : Effect.mapError(Effect.flatMap(read(at), (snapshot) => f(world, snapshot)), Refusal.toNotSent)),
        step: (at, f) => {
          const take = (snapshot: MarketSnapshot.MarketSnapshot) => {
            const stepped = f(world, snapshot)
            if (Either.isLeft(stepped)) return Effect.fail(stepped.left)
            world = stepped.right.world
            return Effect.succeed(stepped.right.value)
          }
          return Effect.mapError(
            Effect.suspend(() =>
              at > world.at
                ? Effect.flatMap(Effect.zipRight(settle(at), read(at)), take)
                : seen?.at === at ? take(seen) : Effect.flatMap(read(at), take)),
            Refusal.toRejected
          )
        }
      }
    })
  )
