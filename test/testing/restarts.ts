import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import type * as ExecutionReport from "execution-interface-manager/domain/ExecutionReport"
import type * as InstructionBlock from "execution-interface-manager/domain/InstructionBlock"
import * as Timestamp from "execution-interface-manager/domain/Timestamp"
import * as Journal from "execution-interface-manager/journal/Journal"
import * as JournalMemory from "execution-interface-manager/journal/Journal/Memory"
import * as ExecutionInterfaceManager from "execution-interface-manager/manager/ExecutionInterfaceManager"
import * as Arbitraries from "execution-interface-manager/testing/Arbitraries"
import * as FaultyVenue from "execution-interface-manager/testing/FaultyVenue"
import * as Layers from "execution-interface-manager/testing/Layers"
import * as Bench from "execution-interface-manager/testing/VenueLaws/Bench"
import type * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import * as Aave from "execution-interface-manager/venues/aave/Simulated"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import * as Wallet from "execution-interface-manager/venues/wallet/Simulated"
import { at, balances, data } from "./subjects.js"

const instruction = FastCheck.oneof(
  Arbitraries.trade({ venues: ["binance"], type: "spot", symbols: ["ETHUSDT"], amount: { min: "0.01", max: "2", quantum: "0.0001" } }),
  Arbitraries.trade({ venues: ["binance_perp"], type: "perp", symbols: ["ETHUSDT-PERP"], amount: { min: "0.1", max: "4", quantum: "0.001" } }),
  Arbitraries.transfer({ ways: [["binance_spot", "binance_perp"], ["binance_perp", "binance_spot"]], tokens: ["USDT"], amount: { min: "1", max: "9000" }, max: true }),
  Arbitraries.transfer({ ways: [["wallet", "binance"], ["binance", "wallet"]], tokens: ["ETH", "USDT"], amount: { min: "0.5", max: "30", quantum: "0.000001" } }),
  Arbitraries.action({ protocols: ["aave"], actions: ["supply", "withdraw", "borrow", "repay"], tokens: ["USDT", "WETH"], amount: { min: "0.1", max: "5", quantum: "0.000001" }, max: true })
)

/** What a program and its host do in turn. */
export type Step =
  /** A new block, or an earlier one again; the process may end after so many lines of the journal. */
  | { readonly do: "block"; readonly hours: number; readonly instructions: InstructionBlock.InstructionBlock["instructions"]; readonly crash: number | undefined }
  | { readonly do: "again"; readonly hours: number; readonly which: number }
  | { readonly do: "resolve"; readonly which: number }
  | { readonly do: "restart" }

const venues: ReadonlyArray<Layer.Layer<never, VenueRegistry.DuplicateVenue, Layers.WorldServices>> = [
  Wallet.layer(),
  Binance.layer(),
  Aave.layer()
]

const hours = FastCheck.integer({ min: 0, max: 3 })

const step: FastCheck.Arbitrary<Step> = FastCheck.oneof(
  {
    weight: 4,
    arbitrary: FastCheck.record({
      do: FastCheck.constant("block" as const),
      hours,
      instructions: FastCheck.array(instruction, { minLength: 1, maxLength: 4 }),
      crash: FastCheck.option(FastCheck.integer({ min: 0, max: 5 }), { nil: undefined, freq: 3 })
    })
  },
  { weight: 3, arbitrary: FastCheck.record({ do: FastCheck.constant("again" as const), hours, which: FastCheck.nat() }) },
  { weight: 3, arbitrary: FastCheck.record({ do: FastCheck.constant("resolve" as const), which: FastCheck.nat() }) },
  { weight: 1, arbitrary: FastCheck.constant<Step>({ do: "restart" }) }
)

export const life = FastCheck.record({ seed: Arbitraries.seed, steps: FastCheck.array(step, { minLength: 1, maxLength: 10 }) })

export interface Outcome {
  /** Where what was reported is not what changed. */
  readonly differences: ReadonlyArray<Omit<Bench.Breach, "in">>
  /** Operations that took effect more than once. */
  readonly doubled: ReadonlyArray<string>
  /** Operations whose outcome nobody knows at the end. */
  readonly open: ReadonlyArray<string>
  readonly counts: ReadonlyMap<string, number>
}

/** Lives a life: a program that writes a journal, sends blocks again after a restart, and resolves what is unknown. */
export const live = Effect.fnUntraced(function*(
  { seed, steps }: { readonly seed: number; readonly steps: ReadonlyArray<Step> },
  spoil: (journal: Journal.Journal["Type"]) => Journal.Journal["Type"] = (journal) => journal
) {
  const control = yield* FaultyVenue.seeded({ seed })
  const context = yield* Layer.build(Layers.world({
    at,
    data,
    balances,
    gas: {},
    venues: venues.map((venue) => FaultyVenue.layer(control, venue))
  }))
  const bench = yield* Bench.make("binance", Layer.succeedContext(context))
  const journal = spoil(yield* JournalMemory.make)
  /** Lines that the journal still takes before the process ends. */
  let lines = Infinity
  const written = <A, R>(line: Effect.Effect<A, Journal.JournalError, R>) =>
    Effect.suspend(() => (lines-- > 0 ? line : Effect.fail(new Journal.JournalError({ message: "the process has ended" }))))
  const start = Effect.map(
    Layer.build(ExecutionInterfaceManager.layer().pipe(
      Layer.provide(Layers.ports.pipe(Layer.merge(Layer.succeed(Journal.Journal, {
        ...journal,
        intent: (intent) => written(journal.intent(intent)),
        outcome: (id, report) => written(journal.outcome(id, report))
      })))),
      Layer.provide(Layer.succeedContext(context))
    )),
    Context.get(ExecutionInterfaceManager.ExecutionInterfaceManager)
  )
  let manager = yield* start
  let now = at
  const blocks: Array<InstructionBlock.InstructionBlock> = []
  const told: Array<Parameters<typeof Bench.told>[1][number]> = []
  const counted = new Set<string>()
  const heard = new Set<string>()
  const counts = new Map<string, number>()
  const count = (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)

  const hear = (report: ExecutionReport.OperationReport) => {
    count(report.replayed ? "replayed" : report.status)
    heard.add(report.operationId)
    if (report.replayed) {
      // What a report said that never reached the program, because its process had ended.
      if (counted.has(report.operationId) || report.recorded === undefined) return
      counted.add(report.operationId)
      told.push(report.recorded)
      count("recovered")
      return
    }
    told.push(report)
    if (report.status === "settled" || report.status === "partial" || report.status === "pending") counted.add(report.operationId)
  }
  const hearAll = (report: ExecutionReport.ExecutionReport) => {
    told.push(...report.accruals)
    for (const operation of report.operations) hear(operation)
  }
  const execute = (block: InstructionBlock.InstructionBlock | undefined) =>
    Effect.match(manager.execute(now, block), { onSuccess: hearAll, onFailure: () => undefined })
  const resolve = (operationId: string) => Effect.match(manager.resolve(operationId, now), { onSuccess: hear, onFailure: () => count("unresolved") })
  const operations = () => blocks.flatMap(({ instructions }) => instructions.flatMap(({ operationId }) => operationId ?? []))
  const again = () =>
    Effect.forEach(blocks, (block) => execute(block), { discard: true })

  const before = yield* bench.holdings(at)
  for (const step of steps) {
    switch (step.do) {
      case "block": {
        now += step.hours * Timestamp.hour
        const blockId = `block-${blocks.length}`
        const block = {
          blockId,
          instructions: step.instructions.map((instruction, index) => ({ ...instruction, operationId: `${blockId}-${index}` }))
        }
        blocks.push(block)
        const settled = yield* Effect.match(manager.execute(now, undefined), {
          onSuccess: (report) => (hearAll(report), report.error === undefined),
          onFailure: () => false
        })
        if (step.crash === undefined || !settled) {
          yield* execute(block)
        } else {
          lines = step.crash
          // Whatever it says, nobody hears it, unless it could not begin: then what was due is with the venues still.
          yield* Effect.match(manager.execute(now, block), { onSuccess: () => count("crash"), onFailure: () => undefined })
          lines = Infinity
          manager = yield* start
          yield* again()
        }
        break
      }
      case "again":
        now += step.hours * Timestamp.hour
        if (blocks.length > 0) yield* execute(blocks[step.which % blocks.length]!)
        break
      case "resolve": {
        // What the program has not heard of it sends again: resolve tells only what was not reported before.
        const all = operations().filter((operationId) => heard.has(operationId))
        if (all.length > 0) yield* resolve(all[step.which % all.length]!)
        break
      }
      case "restart":
        manager = yield* start
    }
  }

  // In the end everything is found out.
  yield* control.heal
  manager = yield* start
  now += Timestamp.hour
  yield* again()
  for (const { intent } of yield* journal.open) yield* resolve(intent.operationId)
  // Until the last transfer has arrived.
  now += Timestamp.hour
  yield* execute(undefined)
  for (const { intent } of yield* journal.open) yield* resolve(intent.operationId)

  const after = yield* bench.holdings(now)
  for (const [what, times] of yield* control.injected) counts.set(what, times)
  const outcome: Outcome = {
    differences: Bench.differences(before, Bench.told(bench.venues, told), after),
    doubled: [...(yield* control.effects)].flatMap(([id, times]) => (times > 1 ? [`${id}: ${times}`] : [])),
    open: (yield* journal.open).map(({ intent }) => intent.operationId),
    counts
  }
  return outcome
}, Effect.scoped, Effect.provide(Layers.clock(at)))
