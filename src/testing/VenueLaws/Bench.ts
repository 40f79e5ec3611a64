/**
 * Where a venue is put to the test: its layers built afresh, instructions performed on it as the manager does.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import type * as EimError from "../../domain/EimError.js"
import type * as Entry from "../../domain/Entry.js"
import * as InstructionBlock from "../../domain/InstructionBlock.js"
import type * as Outcome from "../../domain/Outcome.js"
import * as Timestamp from "../../domain/Timestamp.js"
import * as Plan from "../../manager/Plan.js"
import type * as Venue from "../../venue/Venue.js"
import * as VenueRegistry from "../../venue/VenueRegistry.js"

/**
 * A law that does not hold, in one case.
 *
 * @category models
 * @since 0.1.0
 */
export interface Breach {
  /** The case, or the instant, at which it shows. */
  readonly in: string
  readonly expected: string
  readonly actual: string
}

/** The case cannot go on. @category errors @since 0.1.0 */
export class Stop extends Data.TaggedError("Stop")<{ readonly breach: Breach }> {}

/**
 * A case that the subject cannot be asked: an instruction that is none of its venues', a step before it that is refused,
 * instants out of order. No law says anything about it.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unsuitable extends Data.TaggedError("Unsuitable")<{ readonly breach: Breach }> {}

/** What stops the preparation of a case makes the case unsuitable. @category combinators @since 0.1.0 */
export const asUnsuitable = <A, R>(self: Effect.Effect<A, Stop, R>): Effect.Effect<A, Unsuitable, R> =>
  Effect.mapError(self, ({ breach }) => new Unsuitable({ breach }))

/**
 * Ends a case with one breach: where it showed, what was expected, and what came.
 *
 * @category constructors
 * @since 0.1.0
 */
export const stop = (where: string, expected: string, actual: string): Effect.Effect<never, Stop> =>
  Effect.fail(new Stop({ breach: { in: where, expected, actual } }))

/** Everything held and every position, by `account asset` and `venue symbol`. @category models @since 0.1.0 */
export type Holdings = ReadonlyMap<string, Amount.Amount>

/**
 * An instruction performed: what its venue answered, and what it was sent.
 *
 * @category models
 * @since 0.1.0
 */
export interface Performed {
  readonly step: Plan.Step
  /** Durable part of the call; absent where it was refused before there was one. */
  readonly wire: Venue.Call<unknown>["wire"] | undefined
  readonly outcome: Outcome.Outcome
}

/**
 * The venues of one fresh build.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bench {
  readonly venue: Venue.Venue
  /** All that work, by name. */
  readonly venues: ReadonlyArray<Venue.Venue>
  readonly plan: (input: InstructionBlock.Input, operationId: string, at: Timestamp.Timestamp) => Effect.Effect<Plan.Step, Stop>
  readonly prepare: (step: Plan.Step, at: Timestamp.Timestamp) => Effect.Effect<unknown>
  readonly perform: (step: Plan.Step, at: Timestamp.Timestamp) => Effect.Effect<Performed>
  /** What came due at all venues. */
  readonly settle: (at: Timestamp.Timestamp) => Effect.Effect<ReadonlyArray<Outcome.Accrual>, Stop>
  readonly holdings: (at: Timestamp.Timestamp) => Effect.Effect<Holdings, Stop>
}

const identity = <A>(self: A): A => self

const prepared = (step: Plan.Step, at: Timestamp.Timestamp) => Effect.either(step.begin(at, [], identity).prepare)

const perform = (step: Plan.Step, at: Timestamp.Timestamp): Effect.Effect<Performed> =>
  Effect.gen(function*() {
    const { prepare, submit } = step.begin(at, [], identity)
    const call = yield* Effect.either(prepare)
    if (Either.isLeft(call)) return { step, wire: undefined, outcome: call.left }
    return { step, wire: call.right.wire, outcome: yield* Effect.merge(submit(call.right)) }
  })

const planned = (
  registry: VenueRegistry.VenueRegistry["Type"],
  input: InstructionBlock.Input,
  operationId: string,
  at: Timestamp.Timestamp
): Effect.Effect<Plan.Step, Stop> => {
  const plan: Either.Either<Plan.Plan, EimError.EimError> = Either.flatMap(InstructionBlock.decode(input), (block) =>
    Plan.make(
      { instructions: block.instructions.map((instruction) => ({ ...instruction, operationId })) },
      { at, requireIds: true, sequence: () => 0, venue: registry.get, enableAtomicChaining: true }
    ))
  if (Either.isLeft(plan)) return stop(operationId, "an instruction that a venue of the subject can be asked for", plan.left.message)
  const [step, ...more] = plan.right.steps
  return step === undefined || more.length > 0 || step.group !== undefined
    ? stop(operationId, "one instruction, not of an atomic group", `${plan.right.steps.length} calls`)
    : Effect.succeed(step)
}

const held = (venues: ReadonlyArray<Venue.Venue>, at: Timestamp.Timestamp): Effect.Effect<Holdings, Stop> =>
  Effect.gen(function*() {
    const all = new Map<string, Amount.Amount>()
    for (const venue of venues) {
      const portfolio = yield* Effect.catchAll(venue.portfolio(at), (error) =>
        stop(venue.id, `a portfolio at ${Timestamp.format(at)}`, error.message))
      for (const { account, amount, asset } of portfolio.holdings) {
        if (amount !== 0n) all.set(`${account} ${asset}`, (all.get(`${account} ${asset}`) ?? 0n) + amount)
      }
      for (const position of portfolio.positions) {
        if (position.size !== 0n) all.set(`${position.venue} ${position.symbol}`, position.size)
      }
    }
    return all
  })

/**
 * Builds the layer afresh. A layer that does not build, or without the venue, stops the case.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <E>(
  id: Account.VenueId,
  layer: Layer.Layer<VenueRegistry.VenueRegistry, E>
): Effect.Effect<Bench, Stop, Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Effect.catchAll(Layer.build(layer), (error) => stop(id, "a layer that builds", String(error)))
    const registry = yield* Effect.provide(VenueRegistry.VenueRegistry, context)
    const venue = yield* Effect.catchAll(registry.get(id), (error) => stop(id, `venue ${id}`, error.message))
    const venues = (yield* registry.entries).flatMap(({ state }) => (Either.isRight(state) ? [state.right] : []))
    return {
      venue,
      venues,
      plan: (input, operationId, at) => planned(registry, input, operationId, at),
      prepare: prepared,
      perform,
      settle: (at) =>
        Effect.map(
          Effect.forEach(venues, (one) =>
            Effect.catchAll(one.accruals(at), (error) => stop(one.id, `what is due at ${Timestamp.format(at)}`, error.message))),
          (all) => all.flat()
        ),
      holdings: (at) => held(venues, at)
    }
  })

/** What was told of, and may have changed something: the receipt of an outcome. @category combinators @since 0.1.0 */
export const receiptOf = (outcome: Outcome.Outcome): Outcome.Receipt | undefined =>
  outcome._tag === "Settled" || outcome._tag === "Pending" || outcome._tag === "Rejected" ? outcome.receipt : undefined

/** Whether the venue did it, or is about to. @category guards @since 0.1.0 */
export const isDone = (outcome: Outcome.Outcome): outcome is Outcome.Success =>
  outcome._tag === "Settled" || outcome._tag === "Pending"

/** An outcome in a few words. @category combinators @since 0.1.0 */
export const show = (outcome: Outcome.Outcome): string =>
  isDone(outcome) ? outcome._tag : `${outcome._tag}: ${outcome.message}`

/**
 * The change that receipts tell of, at the accounts and positions of these venues. What they do to a venue that is no
 * part of the build cannot be looked up.
 *
 * @category combinators
 * @since 0.1.0
 */
export const told = (
  venues: ReadonlyArray<Venue.Venue>,
  receipts: ReadonlyArray<{
    readonly entries: ReadonlyArray<Entry.Entry>
    readonly positions?: ReadonlyArray<Outcome.PositionChange> | undefined
  }>
): Holdings => {
  const known = new Set(venues.map(({ id }) => id))
  const changes = new Map<string, Amount.Amount>()
  const add = (key: string, amount: Amount.Amount) => changes.set(key, (changes.get(key) ?? 0n) + amount)
  for (const { entries, positions } of receipts) {
    for (const { account, amount, asset } of entries) {
      if (!Account.isContra(account) && known.has(Account.venue(account))) add(`${account} ${asset}`, amount)
    }
    for (const { change, symbol, venue } of positions ?? []) {
      if (known.has(venue)) add(`${venue} ${symbol}`, change)
    }
  }
  return changes
}

/** Where `after` is not `before` with the changes, in words; empty where it is. @category combinators @since 0.1.0 */
export const differences = (before: Holdings, changes: Holdings, after: Holdings): ReadonlyArray<Omit<Breach, "in">> =>
  [...new Set([...before.keys(), ...changes.keys(), ...after.keys()])].sort().flatMap((key) => {
    const expected = (before.get(key) ?? 0n) + (changes.get(key) ?? 0n)
    const actual = after.get(key) ?? 0n
    return expected === actual
      ? []
      : [{ expected: `${key} ${Amount.format(expected)}`, actual: `${key} ${Amount.format(actual)}` }]
  })

/** No change. @category constants @since 0.1.0 */
export const nothing: Holdings = new Map()

/** The breaches of an examination; a stop and a defect are breaches of their own. @category combinators @since 0.1.0 */
export const breaches = (
  where: string,
  examination: Effect.Effect<ReadonlyArray<Breach>, Stop, Scope.Scope>
): Effect.Effect<ReadonlyArray<Breach>> =>
  Effect.scoped(examination).pipe(
    Effect.catchAll(({ breach }) => Effect.succeed([{ ...breach, in: `${where}: ${breach.in}` }])),
    Effect.catchAllCause((cause) =>
      Effect.succeed([{ in: where, expected: "an answer", actual: `a defect: ${Cause.pretty(cause)}` }]))
  )
