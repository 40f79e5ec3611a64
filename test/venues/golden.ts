import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Embedded from "execution-interface-manager/data/Embedded"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Entry from "execution-interface-manager/domain/Entry"
import * as Simulation from "execution-interface-manager/sim/Simulation"
import * as World from "execution-interface-manager/sim/World"
import * as VenueRegistry from "execution-interface-manager/venue/VenueRegistry"
import { assert } from "vitest"
import * as fixtures from "../sim/Exchange/fixtures.js"

/** A venue over the table of figures. */
export const layer = (venue: fixtures.VenueLayer, balances: Parameters<typeof fixtures.opening>[0]) =>
  venue.pipe(
    Layer.provideMerge(VenueRegistry.layer),
    Layer.provideMerge(Simulation.layer(fixtures.opening(balances))),
    Layer.provide(Embedded.layer().pipe(Layer.provide(NodeContext.layer)))
  )

const begin = "2024-06-01T00:00:00Z"
const end = "2025-06-01T00:00:00Z"

/** The text of a number without its point, and how many decimals it has: `-3.737e-05` is -3737 with 8. */
const digits = (text: string): readonly [bigint, number] => {
  const [mantissa, exponent] = text.split("e")
  const [whole, fraction = ""] = mantissa!.split(".")
  return [BigInt(whole! + fraction), fraction.length - Number(exponent ?? "0")]
}

/** Rates and rate × mark of ether at a venue over the year, read from the file by hand and summed in 1e-18. */
const sums = (venue: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const text = yield* fs.readFileString(decodeURIComponent(new URL("figures-8h.csv", Embedded.url).pathname))
    const [header, ...rows] = text.trim().split(/\r?\n/).map((line) => line.split(","))
    const column = (name: string) => header!.indexOf(name)
    let count = 0
    let rates = 0n
    let received = 0n
    let marked = ""
    for (const row of rows) {
      // Where a row has no mark, the one before it is the newest that is known.
      marked = row[column(`perp.${venue}.ETH`)] || marked
      if (row[0]! <= begin || row[0]! > end) continue
      const [rate, rateDecimals] = digits(row[column(`funding.${venue}.ETH`)]!)
      const [mark, markDecimals] = digits(marked)
      count++
      rates += rate * 10n ** BigInt(18 - rateDecimals)
      received += rate * mark * 10n ** BigInt(18 - rateDecimals - markDecimals)
    }
    return { count, rates, received }
  }).pipe(Effect.provide(NodeContext.layer))

/** One ether short over the year without other costs: checks what is received, and gives the sum of the rates. */
export const holdShort = (id: string, account: `${string}:${string}`) =>
  Effect.gen(function*() {
    const venue = yield* fixtures.venue(id)
    const at = fixtures.time(begin)
    yield* venue.accruals(at)
    const opened = yield* fixtures.perform(venue.trade!, {
      operationId: "open",
      at,
      instruction: fixtures.trade({ venue: id, trade_type: "perp", side: "SHORT", symbol: "ETHUSDT-PERP", amount: "1" })
    })
    assert.deepStrictEqual(opened.receipt.entries, [])
    const before = World.balance(yield* fixtures.currentWorld, account, "USDT")
    const accruals = yield* venue.accruals(fixtures.time(end))
    const expected = yield* sums(id)
    const world = yield* fixtures.currentWorld

    assert.strictEqual(accruals.length, expected.count)
    assert.strictEqual(accruals.every(({ kind }) => kind === "funding"), true)
    for (const { entries } of accruals) assert.deepStrictEqual(Entry.imbalance(entries), [])
    assert.strictEqual(new Set(accruals.map((accrual) => accrual.id)).size, expected.count)
    // The contra account says exactly what was due, and the account has it to less than its step.
    assert.strictEqual(-World.balance(world, `funding:${id}`, "USDT"), expected.received)
    const credited = World.balance(world, account, "USDT") - before
    assert.isTrue(expected.received - credited >= 0n && expected.received - credited < Amount.quantumOf(8))
    assert.strictEqual(World.balance(world, `rounding:${id}`, "USDT"), expected.received - credited)
    assert.deepStrictEqual(fixtures.unbalanced(world), [])
    assert.deepStrictEqual(fixtures.impossible(world), [])
    return { settlements: expected.count, rates: Amount.format(expected.rates), credited: Amount.format(credited) }
  })
