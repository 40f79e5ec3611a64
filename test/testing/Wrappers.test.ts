import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Deltas from "execution-interface-manager/domain/Deltas"
import * as DataProvider from "execution-interface-manager/data/DataProvider"
import * as EventsMemory from "execution-interface-manager/events/EventLogger/Memory"
import * as ExecutionInterfaceManager from "execution-interface-manager/manager/ExecutionInterfaceManager"
import * as FaultyVenue from "execution-interface-manager/testing/FaultyVenue"
import * as Layers from "execution-interface-manager/testing/Layers"
import * as RecordingVenue from "execution-interface-manager/testing/RecordingVenue"
import * as Wrapped from "execution-interface-manager/testing/Wrapped"
import * as Binance from "execution-interface-manager/venues/binance/Simulated"
import { at, trade } from "./subjects.js"

const balances: Layers.Balances = { "binance:spot": { ETH: "2" } }

const sale = (id: string, amount = "1") => ({ ...trade("binance", "spot", "sell", amount), operation_id: id })

const over = (venue: Layer.Layer<never, any, Layers.WorldServices>) =>
  Layers.layer({ at, data: { "price.ETH": "3000" }, balances, venues: [venue] })

const manager = ExecutionInterfaceManager.ExecutionInterfaceManager

const execute = (id: string, amount?: string) => Effect.flatMap(manager, (eim) => eim.execute(at, sale(id, amount)))

const resolve = (id: string) => Effect.flatMap(manager, (eim) => eim.resolve(id, at))

describe("a recording venue", () => {
  it.effect("answers as the venue does, and knows what it was asked", () =>
    Effect.gen(function*() {
      const recorder = yield* RecordingVenue.recorder
      const run = Effect.all([execute("a"), execute("b", "5"), execute("a")])
      const plain = yield* run.pipe(Effect.provide(over(Binance.layer())))
      const watched = yield* run.pipe(Effect.provide(over(RecordingVenue.layer(recorder, Binance.layer()))))
      assert.deepStrictEqual(watched, plain)
      assert.deepStrictEqual(plain.map(({ operations }) => operations[0]?.status), ["settled", "rejected", "settled"])

      const calls = yield* recorder.calls
      assert.deepStrictEqual(calls.map(({ _tag }) => _tag), ["Accruals", "Prepare", "Submit", "Accruals", "Prepare", "Submit", "Accruals"])
      assert.deepStrictEqual((yield* recorder.sent).map(({ operationId }) => operationId), ["a", "b"])
      const refused = calls[5]
      assert.isTrue(refused?._tag === "Submit" && refused.answer._tag === "Left" && refused.answer.left._tag === "Rejected")
      yield* recorder.clear
      assert.deepStrictEqual(yield* recorder.calls, [])
    }))
})

describe("a faulty venue", () => {
  const scripted = (faults: FaultyVenue.Script) =>
    Effect.map(FaultyVenue.script(faults), (control) => ({ control, layer: over(FaultyVenue.layer(control, Binance.layer())) }))

  it.effect("does what nobody hears of, and tells it when asked", () =>
    Effect.gen(function*() {
      const { control, layer } = yield* scripted({ submit: ["unknown_after"], resolve: ["unknown"] })
      yield* Effect.gen(function*() {
        const report = yield* execute("a")
        assert.deepStrictEqual([report.operations[0]?.status, report.deltas], ["unknown", {}])
        assert.strictEqual((yield* Effect.flip(resolve("a"))).code, "EIM-008")
        assert.strictEqual((yield* execute("a")).operations[0]?.status, "unknown")
        const found = yield* resolve("a")
        assert.strictEqual(found.status, "settled")
        assert.strictEqual(Deltas.get(found.deltas, "binance", "ETH"), -Amount.unit)
        assert.strictEqual((yield* execute("a")).replayed, true)
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual([...(yield* control.effects)], [["a", 1]])
      assert.deepStrictEqual([...(yield* control.injected)], [["submit unknown_after", 1], ["resolve unknown", 1]])
    }))

  it.effect("loses requests: what never arrived may be sent again", () =>
    Effect.gen(function*() {
      const { control, layer } = yield* scripted({ submit: ["unknown_before"] })
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* execute("a")).operations[0]?.status, "unknown")
        const found = yield* resolve("a")
        assert.deepStrictEqual([found.status, found.deltas], ["not_sent", {}])
        const again = yield* execute("a")
        assert.deepStrictEqual([again.operations[0]?.status, again.replayed], ["settled", false])
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual([...(yield* control.effects)], [["a", 1]])
    }))

  it.effect("refuses before and after the way to it", () =>
    Effect.gen(function*() {
      const { control, layer } = yield* scripted({
        prepare: ["not_sent_never", "rejected"],
        submit: ["not_sent_after", "not_sent_after", "none", "not_sent_never", "rejected"],
        accruals: ["none", "not_sent_after"]
      })
      yield* Effect.gen(function*() {
        const status = (id: string) => Effect.map(Effect.either(execute(id, "0.1")), (report) =>
          report._tag === "Left" ? report.left.code : `${report.right.operations[0]?.status} ${report.right.operations[0]?.attempts}`)
        assert.deepStrictEqual(yield* Effect.forEach(["a", "b", "c", "d", "e", "f", "g"], status), [
          "not_sent 0",
          "skipped 0",
          "rejected 0",
          "settled 3",
          "not_sent 1",
          "rejected 1",
          "settled 1"
        ])
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual([...(yield* control.effects)], [["d", 1], ["g", 1]])
    }))

  it.effect("fails by its seed, until it is healed", () =>
    Effect.gen(function*() {
      const run = (seed: number) =>
        Effect.gen(function*() {
          const control = yield* FaultyVenue.seeded({ seed })
          const ids = Array.from({ length: 12 }, (_, index) => `op-${index}`)
          const statuses = yield* Effect.forEach(ids, (id) =>
            Effect.map(Effect.either(execute(id, "0.05")), (report) => (report._tag === "Left" ? report.left.code : report.right.operations[0]!.status))
          ).pipe(Effect.provide(over(FaultyVenue.layer(control, Binance.layer()))))
          yield* control.heal
          const well = yield* execute("well").pipe(Effect.provide(over(FaultyVenue.layer(control, Binance.layer()))))
          assert.strictEqual(well.operations[0]?.status, "settled")
          return statuses
        })
      const first = yield* run(7)
      assert.deepStrictEqual(yield* run(7), first)
      assert.notDeepEqual(yield* run(8), first)
      assert.isAbove(new Set(first).size, 2)
    }))
})

describe("wrapping", () => {
  it.effect("leaves what a venue lacks absent", () =>
    Effect.gen(function*() {
      const recorder = yield* RecordingVenue.recorder
      const venue = RecordingVenue.make(recorder, {
        id: "bare",
        family: "dex",
        accounts: ["wallet"],
        accruals: () => Effect.succeed([]),
        portfolio: () => Effect.succeed({ holdings: [], positions: [] })
      })
      assert.deepStrictEqual(Wrapped.names.map((name) => Wrapped.part(venue, name)), [undefined, undefined, undefined, undefined, undefined])
    }))
})

describe("layers for tests", () => {
  it.effect("set the clock, give data of a literal, and hold events", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Clock.currentTimeMillis, at)
      const data = yield* DataProvider.DataProvider
      const snapshot = yield* data.getData(at + 1000 * 86_400_000)
      assert.deepStrictEqual(snapshot.observe("price.ETH")?.value, Decimal.unsafe("3000"))
      yield* execute("a")
      const { events } = yield* EventsMemory.Recording
      assert.isAbove((yield* events).length, 2)
    }).pipe(Effect.provide(over(Binance.layer()))))

  it.effect("ask for ids, as live execution does, unless told otherwise", () =>
    Effect.gen(function*() {
      const unnamed = Effect.flatMap(manager, (eim) => eim.execute(at, trade("binance", "spot", "sell", "1")))
      const error = yield* Effect.flip(unnamed.pipe(Effect.provide(over(Binance.layer()))))
      assert.strictEqual(error.path, "instructions[0].operation_id")
      const report = yield* unnamed.pipe(Effect.provide(
        Layers.layer({ at, data: { "price.ETH": "3000" }, balances, venues: [Binance.layer()], manager: { requireIds: false } })
      ))
      assert.strictEqual(report.operations[0]?.status, "settled")
    }))
})
