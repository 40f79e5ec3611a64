/**
 * The laws that a venue keeps together with the manager.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Account from "../../domain/Account.js"
import * as Deltas from "../../domain/Deltas.js"
import * as InstructionBlock from "../../domain/InstructionBlock.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import * as ExecutionInterfaceManager from "../../manager/ExecutionInterfaceManager.js"
import type * as VenueRegistry from "../../venue/VenueRegistry.js"
import * as Layers from "../Layers.js"
import * as Bench from "./Bench.js"
import type * as Instructions from "./Instructions.js"

/**
 * A case before the manager.
 *
 * @category models
 * @since 0.1.0
 */
export interface Case {
  readonly name: string
  readonly setup: ReadonlyArray<{ readonly at: Timestamp.Timestamp; readonly instruction: InstructionBlock.Input }>
  readonly instruction: InstructionBlock.Input
  readonly at: Timestamp.Timestamp
}

const named = (input: InstructionBlock.Input, blockId: string): InstructionBlock.Input =>
  Either.match(InstructionBlock.decode(input), {
    onLeft: () => input,
    onRight: (block) => ({
      ...block,
      blockId,
      instructions: block.instructions.map((instruction, index) => ({ ...instruction, operationId: `${blockId}-${index}` }))
    })
  })

/** The same id for another instruction: one that may not be started after the end of time. */
const another = (input: InstructionBlock.Input, deadline: Timestamp.Timestamp): InstructionBlock.Input =>
  Either.match(InstructionBlock.decode(input), {
    onLeft: () => input,
    onRight: (block) => ({ ...block, instructions: block.instructions.map((instruction) => ({ ...instruction, deadline })) })
  })

const day = 86_400_000

/**
 * An id is executed once: the same block again is replayed with empty deltas, another one under its ids is refused as a
 * conflict, an id that never was is refused as such. None of them changes anything.
 *
 * @category laws
 * @since 0.1.0
 */
export const replays = <E>(
  venue: Account.VenueId,
  layer: Layer.Layer<VenueRegistry.VenueRegistry, E>,
  { at, instruction, name, setup }: Case
): Effect.Effect<Instructions.Examined, Bench.Stop, Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Effect.catchAll(
      Layer.build(Layers.manager().pipe(Layer.provideMerge(layer), Layer.provideMerge(Layers.clock(setup[0]?.at ?? at)))),
      (error) => Bench.stop(name, "a layer that builds", String(error))
    )
    const manager = Context.get(context, ExecutionInterfaceManager.ExecutionInterfaceManager)
    const bench = yield* Bench.make(venue, Layer.succeedContext(context))
    const execute = (block: InstructionBlock.Input, then: Timestamp.Timestamp = at) =>
      Effect.catchAll(manager.execute(then, block), (error) => Bench.stop(name, "a report of the manager", error.message))
    yield* Effect.forEach(setup, (step, index) => execute(named(step.instruction, `setup-${index}`), step.at))
    const block = named(instruction, "law")
    const first = yield* execute(block)
    const status = first.operations[0]?.status
    if (status !== "settled" && status !== "partial" && status !== "pending") return undefined
    const before = yield* bench.holdings(at)
    const breaches: Array<Bench.Breach> = []
    const second = yield* execute(block)
    if (!second.replayed) breaches.push({ in: name, expected: "a replay", actual: `status ${second.operations[0]?.status}` })
    for (const key of Object.keys(second.deltas)) breaches.push({ in: name, expected: "empty deltas of a replay", actual: `deltas at ${key}` })
    const recorded = second.operations[0]?.recorded
    if (recorded !== undefined && Object.keys(Deltas.combine([recorded.deltas, negative(first.operations[0]!.deltas)])).length > 0) {
      breaches.push({ in: name, expected: "the first report under recorded", actual: "another one" })
    }
    const conflict = yield* Effect.merge(Effect.map(manager.execute(at, another(block, at + 36_500 * day)), ({ error }) => error))
    if (conflict?.code !== "EIM-009") {
      breaches.push({ in: name, expected: "a conflict, EIM-009", actual: conflict?.code ?? "no error" })
    }
    const unknown = yield* Effect.either(manager.resolve("never-was", at))
    if (Either.isRight(unknown)) breaches.push({ in: name, expected: "an id that never was is refused", actual: unknown.right.status })
    for (const breach of Bench.differences(before, Bench.nothing, yield* bench.holdings(at))) breaches.push({ in: `${name}, replayed`, ...breach })
    return breaches
  })

const negative = (deltas: Deltas.Deltas): Deltas.Deltas =>
  Object.fromEntries(Object.entries(deltas).map(([venue, assets]) => [
    venue,
    Object.fromEntries(Object.entries(assets).map(([asset, amount]) => [asset, -amount]))
  ]))
