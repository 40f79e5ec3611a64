import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as EimError from "../../src/domain/EimError.js"
import type * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import type * as InstructionBlock from "../../src/domain/InstructionBlock.js"
import type * as Journal from "../../src/journal/Journal.js"
import type * as Plan from "../../src/manager/Plan.js"
import * as Planning from "../../src/manager/Planning.js"
import type * as TradingState from "../../src/manager/TradingState.js"
import type * as Venue from "../../src/venue/Venue.js"
import { action, bare, full, intentOf, journalOf, recording, registryOf, trade } from "./parts.js"

const carrier: Venue.Venue = { ...bare("wallet"), atomic: recording("atomic", []) }

interface Setup extends Partial<Pick<Planning.Options, "requireIds" | "enableAtomicChaining">> {
  readonly venues?: { readonly [id: string]: Venue.Venue | string }
  readonly journal?: Partial<Journal.Journal["Type"]>
}

const planning = ({ enableAtomicChaining = true, journal = {}, requireIds = true, venues = {} }: Setup = {}) => {
  const desk: Venue.Venue = { ...bare("desk"), trade: { ...recording("trade", []), arrival: () => Effect.die("not asked") } }
  const pool: Venue.Venue = { ...bare("pool"), action: { ...recording("action", []), actions: new Set(["supply"]) } }
  const { past, plan } = Planning.make({
    registry: registryOf({ desk, pool, wallet: carrier, ...venues }),
    journal: journalOf(journal).journal,
    requireIds,
    enableAtomicChaining
  })
  return (
    input: InstructionBlock.Input,
    at = 1000,
    state: TradingState.TradingState = "active",
    trigger: ExecutionReport.TriggerSource = "manual"
  ): Effect.Effect<Planned, EimError.EimError> =>
    Effect.flatMap(plan(at, input, trigger, state), (planned) => Effect.map(past(planned), (known) => ({ plan: planned, past: known })))
}

interface Planned {
  readonly plan: Plan.Plan
  readonly past: ReadonlyMap<string, Journal.Record>
}

const operationsOf = ({ steps }: Plan.Plan) => steps.flatMap(({ operations }) => operations)
const ids = ({ plan }: Planned) => operationsOf(plan).map(({ operationId }) => operationId)

const named = { ...trade, operationId: "a" }
const group = { blockId: "g", executionMode: "atomic" as const, instructions: [action, action] }

describe("Planning", () => {
  it.effect("counts the intents of an instant that nobody named, and asks no journal for them", () => {
    const plan = planning({ requireIds: false, journal: { find: () => full, isBlockComplete: () => full } })
    return Effect.gen(function*() {
      const first = yield* plan({ instructions: [trade, trade] })
      assert.deepStrictEqual(ids(first), ["1970-01-01T00:00:01Z#1", "1970-01-01T00:00:01Z#2"])
      assert.strictEqual(first.past.size, 0)
      assert.deepStrictEqual(ids(yield* plan(trade)), ["1970-01-01T00:00:01Z#3"])
      assert.deepStrictEqual(ids(yield* plan(trade, 2000)), ["1970-01-01T00:00:02Z#1"])
    })
  })

  it.effect("asks for an id where one is required, and for every retry", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(planning()(trade))).path, "instructions[0].operation_id")
      const counting = planning({ requireIds: false })
      assert.strictEqual((yield* Effect.flip(counting(trade, 1000, "active", "retry"))).path, "instructions[0].operation_id")
      assert.deepStrictEqual(ids(yield* counting(named, 1000, "active", "retry")), ["a"])
    }))

  it.effect("refuses what it does not understand, and what no venue does", () =>
    Effect.gen(function*() {
      const understood = yield* Effect.flip(planning()({ hello: 1 }))
      assert.strictEqual(understood.code, "EIM-001")
      const away = yield* Effect.flip(planning({ venues: { desk: "maintenance" } })(named))
      assert.strictEqual(away.code, "EIM-002")
      assert.include(away.reason, "maintenance")
    }))

  it.effect("knows a venue by what stands in the registry now", () =>
    Effect.gen(function*() {
      const venues: Record<string, Venue.Venue | string> = { desk: bare("desk"), wallet: carrier }
      const registry = registryOf(venues)
      const make = Planning.make({ registry, journal: journalOf().journal, requireIds: true, enableAtomicChaining: true })
      assert.strictEqual((yield* Effect.flip(make.plan(1000, named, "manual", "active"))).path, "instructions[0].venue")
      venues["desk"] = { ...bare("desk"), trade: { ...recording("trade", []), arrival: () => Effect.die("not asked") } }
      assert.deepStrictEqual(operationsOf(yield* make.plan(1000, named, "manual", "active")).map(({ operationId }) => operationId), ["a"])
    }))

  it.effect("takes a group where a carrier can send it as one", () =>
    Effect.gen(function*() {
      assert.lengthOf((yield* planning()(group)).plan.steps.filter(({ group }) => group === "g"), 1)
      for (const [setup, reason] of [
        [{ enableAtomicChaining: false }, /^enable_atomic_chaining is off/],
        [{ venues: { wallet: "no node" } }, /^no carrier/],
        [{ venues: { wallet: bare("wallet") } }, /^no carrier/]
      ] as const) {
        const refused = yield* Effect.flip(planning(setup)(group))
        assert.strictEqual(refused.code, "EIM-010")
        assert.match(refused.reason, reason)
        assert.include(refused.reason, "atomic group g ")
        assert.strictEqual(refused.path, "instructions[0]")
        // What is no group needs no carrier.
        assert.deepStrictEqual(ids(yield* planning(setup)(named)), ["a"])
      }
    }))

  it.effect("refuses what the state does not allow, by the first such instruction", () =>
    Effect.gen(function*() {
      const closing = { ...trade, operationId: "b", tradeType: "perp" as const, reduceOnly: true }
      const block = { instructions: [closing, named] }
      const reducing = yield* Effect.flip(planning()(block, 1000, "reducing"))
      assert.deepInclude({ ...reducing }, { operationId: "a", path: "instructions[1]", reason: "only what makes exposure smaller is allowed" })
      assert.strictEqual(reducing.code, "EIM-011")
      const halted = yield* Effect.flip(planning()(block, 1000, "halted"))
      assert.deepInclude({ ...halted }, { operationId: "b", path: "instructions[0]", reason: "trading is halted" })
      assert.deepStrictEqual(ids(yield* planning()(closing, 1000, "reducing")), ["b"])
    }))

  it.effect("waits for every block that it depends on", () =>
    Effect.gen(function*() {
      const complete = planning({ journal: { isBlockComplete: (id) => Effect.succeed(id === "entry") } })
      const block = (...dependencies: ReadonlyArray<string>) => ({ blockId: "hedge", dependencies, instructions: [trade] })
      assert.deepStrictEqual(ids(yield* complete(block("entry"))), ["hedge:0"])
      const missing = yield* Effect.flip(complete(block("entry", "swap")))
      assert.deepInclude({ ...missing }, { path: "dependencies", expected: "blocks that have been executed", actual: "swap" })
      assert.strictEqual(missing.code, "EIM-001")
      const unread = yield* Effect.flip(planning({ journal: { isBlockComplete: () => full } })(block("entry")))
      assert.deepStrictEqual([unread.code, unread.reason], ["EIM-012", "no space left"])
    }))

  it.effect("waits for them also where no intent has a name", () =>
    Effect.gen(function*() {
      const missing = yield* Effect.flip(planning({ requireIds: false })({ dependencies: ["entry"], instructions: [trade] }))
      assert.strictEqual(missing.path, "dependencies")
    }))

  it.effect("gives what the journal knows of the named intents", () =>
    Effect.gen(function*() {
      const contents = new Map(operationsOf((yield* planning()({ instructions: [named, { ...named, operationId: "b" }] })).plan).map(
        ({ content, operationId }) => [operationId, content]
      ))
      const asked: Array<string> = []
      const known: Journal.Record = { intent: intentOf("trade", { operationId: "b", content: contents.get("b")! }), report: undefined }
      const plan = planning({
        requireIds: false,
        journal: { find: (id) => Effect.sync(() => (asked.push(id), id === "b" ? known : undefined)) }
      })
      const { past } = yield* plan({ instructions: [trade, named, { ...named, operationId: "b" }] })
      assert.deepStrictEqual(asked, ["a", "b"])
      assert.deepStrictEqual([...past], [["b", known]])
    }))

  it.effect("refuses an id that stands for something else, and a journal that cannot be read", () =>
    Effect.gen(function*() {
      const known: Journal.Record = { intent: intentOf("trade", { content: "another" }), report: undefined }
      const { plan } = yield* planning()(named)
      const conflict = yield* Effect.flip(planning({ journal: { find: () => Effect.succeed(known) } })(named))
      assert.strictEqual(conflict.code, "EIM-009")
      assert.deepInclude({ ...conflict }, {
        operationId: "a",
        venue: "desk",
        path: "instructions[0].operation_id",
        expected: "another",
        actual: operationsOf(plan)[0]!.content
      })
      assert.include(conflict.reason, "1970-01-01T00:00:01Z")
      const unread = yield* Effect.flip(planning({ journal: { find: () => full } })(named))
      assert.deepStrictEqual([unread.code, unread.operationId, unread.reason], ["EIM-012", "a", "no space left"])
    }))
})
