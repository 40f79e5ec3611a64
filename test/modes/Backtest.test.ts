import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Layer, Schema } from "effect"
import { Account, Amount, Backtest, Config, DataProvider, Decimal, Deltas, ExecutionInterfaceManager, ExecutionReport, MarketSnapshot, Outcome, Result, Script, Timestamp, Venue, VenueRegistry } from "execution-interface-manager"
import * as ReportSchema from "execution-interface-manager/domain/ReportSchema"
import * as ResultSchema from "execution-interface-manager/modes/Backtest/ResultSchema"
import * as Embedded from "execution-interface-manager/data/Embedded"
import * as Memory from "execution-interface-manager/data/DataProvider/Memory"
import * as EventsMemory from "execution-interface-manager/events/EventLogger/Memory"
import * as Jsonl from "execution-interface-manager/events/EventLogger/Jsonl"
import * as Simulation from "execution-interface-manager/sim/Simulation"
import * as World from "execution-interface-manager/sim/World"

const seed = 20240601
const at = Timestamp.unsafe
const start = at("2024-06-01T00:00:00Z")
const table = Embedded.layer().pipe(Layer.provide(NodeContext.layer))

/** Every series of the embedded table in memory, so that a run over it is synchronous. */
const preloaded = (until = Number.MAX_SAFE_INTEGER) =>
  Effect.gen(function*() {
    const data = yield* DataProvider.DataProvider
    const series = yield* data.series
    const last = yield* data.getData(Math.max(...series.map(({ to }) => to)))
    return Memory.layer(series.map(({ name }) => ({
      name,
      observations: last.since(name, -1).filter((observation) => observation.at <= until)
    })))
  }).pipe(Effect.provide(table))

const balances = { wallet: { USDT: Amount.unsafe("50000"), ETH: Amount.unsafe("5"), WETH: Amount.unsafe("5") }, binance: { USDT: Amount.unsafe("20000"), ETH: Amount.unsafe("3") }, binance_perp: { USDT: Amount.unsafe("9000") }, bybit: { USDT: Amount.unsafe("9000") } }

const trade = (venue: string, trade_type: string, side: string, amount: string, more = {}) => ({ instruction_type: "cex_trade", venue, trade_type, side, symbol: "ETHUSDT", amount, ...more })
const action = (name: string, token: string, amount: string) => ({ instruction_type: "smart_contract_action", protocol: "aave", action: name, token, amount })
const transfer = (from_venue: string, to_venue: string, token: string, amount: string) => ({ instruction_type: "wallet_transfer", from_venue, to_venue, token, amount })

const size = fc.integer({ min: 20, max: 1_500 }).map((n) => Decimal.format(Decimal.make(BigInt(n), 3)))
const instruction = fc.oneof(
  fc.tuple(fc.constantFrom("binance", "bybit", "okx"), fc.constantFrom("spot", "perp"), fc.constantFrom("buy", "sell"), size).map(([v, t, s, a]) => trade(v, t, s, a)),
  fc.tuple(fc.constantFrom("binance", "bybit"), fc.constantFrom("buy", "sell"), size).map(([v, s, a]) => trade(v, "perp", s, a, { reduce_only: true })),
  fc.tuple(fc.constantFrom("supply", "withdraw", "borrow", "repay"), fc.constantFrom("USDT", "WETH"), fc.oneof(size, fc.constant("max"))).map(([n, t, a]) => action(n, t, n === "borrow" && a === "max" ? "1" : a)),
  fc.tuple(fc.constantFrom("wallet", "binance", "binance_perp", "bybit", "aave", "okx"), fc.constantFrom("wallet", "binance", "binance_perp", "bybit", "aave"), fc.constantFrom("USDT", "ETH"), fc.oneof(size, fc.constant("500"), fc.constant("max"))).map(([f, t, k, a]) => transfer(f, t, k, a)),
  fc.tuple(fc.constantFrom("wrap", "unwrap"), size).map(([n, a]) => ({ instruction_type: "smart_contract_action", protocol: "wallet", action: n, token: n === "wrap" ? "ETH" : "WETH", amount: a }))
)
const session = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.array(instruction, { minLength: 1, maxLength: 2 })), { minLength: 5, maxLength: 15 })

type Session = ReadonlyArray<readonly [number, ReadonlyArray<unknown>]>

/** Runs a session, and looks at the world after each block. */
const play = (steps: Session, look: (world: World.World, report: ExecutionReport.ExecutionReport | undefined, before: World.World) => void) =>
  Effect.gen(function*() {
    const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
    const simulation = yield* Simulation.Simulation
    let time = start
    for (const [hours, instructions] of steps) {
      time += hours * 3 * Timestamp.hour
      yield* Effect.either(eim.execute(time, undefined))
      const before = yield* simulation.world
      const executed = yield* Effect.either(eim.execute(time, { instructions: instructions as any }))
      look(yield* simulation.world, Either.isRight(executed) ? executed.right : executed.left.report, before)
    }
  })

const strict = { onExcessProperty: "error" } as const
const decodeReport = Schema.decodeUnknownSync(ReportSchema.Report, strict)
const decodeResult = Schema.decodeUnknownSync(ResultSchema.Result, strict)

const sums = (world: World.World): ReadonlyMap<string, bigint> => {
  const all = new Map<string, bigint>()
  for (const { amount, asset } of World.holdings(world)) all.set(asset, (all.get(asset) ?? 0n) + amount)
  return all
}

describe("Backtest", () => {
  it.effect("conserves every asset after every operation, and its deltas are the change of what is held", () =>
    Effect.gen(function*() {
      const data = yield* preloaded()
      let settled = 0
      fc.assert(
        fc.property(session, (steps) => {
          Effect.runSync(
            play(steps, (world, report, before) => {
              for (const [asset, sum] of sums(world)) assert.strictEqual(sum, 0n, `${asset} is not conserved`)
              for (const { account, amount } of World.holdings(world)) if (!Account.isContra(account)) assert.isTrue(amount >= 0n)
              if (report === undefined) return
              decodeReport(JSON.parse(JSON.stringify(ExecutionReport.toJson(report))))
              settled += report.operations.filter(({ status }) => status === "settled").length
              const change: Deltas.Sum = new Map()
              for (const [state, sign] of [[world, 1n], [before, -1n]] as const) {
                for (const { account, amount, asset } of World.holdings(state)) {
                  if (!Account.isContra(account)) Deltas.addTo(change, Account.venue(account), asset, sign * amount)
                }
              }
              assert.deepStrictEqual(ExecutionReport.deltasToJson(report.deltas), ExecutionReport.deltasToJson(Deltas.fromSum(change)))
            }).pipe(Effect.provide(Backtest.layer({ at: start, balances })), Effect.provide(data))
          )
        }),
        { seed, numRuns: 40 }
      )
      assert.isTrue(settled > 100, `only ${settled} operations were settled`)
    }), 120_000)

  it.effect("sees nothing of the future: a run over data that ends at an instant is the same up to it", () =>
    Effect.gen(function*() {
      const whole = yield* preloaded()
      const history = (data: Layer.Layer<DataProvider.DataProvider, DataProvider.DataError>, steps: Session) => {
        const reports: Array<unknown> = []
        Effect.runSync(play(steps, (_, report) => reports.push(report === undefined ? null : ExecutionReport.toJson(report))).pipe(
          Effect.provide(Backtest.layer({ at: start, balances })),
          Effect.provide(data)
        ))
        return reports
      }
      for (const steps of fc.sample(session, { numRuns: 6, seed })) {
        const end = steps.reduce((time, [hours]) => time + hours * 3 * Timestamp.hour, start)
        assert.deepStrictEqual(history(yield* preloaded(end), steps), history(whole, steps))
      }
    }), 120_000)

  it.effect("replays a run byte for byte", () =>
    Effect.gen(function*() {
      const data = yield* preloaded()
      const script = Script.make({
        initialBalances: { wallet: { USDT: "10000", ETH: "1" } },
        every: "1 day",
        decide: (time, positions) => positions.balance("aave", "aUSDT") === 0n ? [action("supply", "USDT", "9000")] : time % (30 * Timestamp.day) === 0 ? [action("withdraw", "USDT", "10")] : []
      })
      const once = () => {
        const memory = EventsMemory.layer()
        let lines = ""
        const result = Effect.runSync(Effect.gen(function*() {
          const recording = yield* EventsMemory.Recording
          const events = yield* Effect.context<EventsMemory.Recording | import("execution-interface-manager/events/EventLogger").EventLogger>()
          const result = yield* Backtest.run(script, { id: "r", from: start, to: at("2024-12-01T00:00:00Z"), events: Layer.succeedContext(events) })
          lines = (yield* recording.events).map(Jsonl.line).join("\n")
          return result
        }).pipe(Effect.provide(memory), Effect.provide(data)))
        return [JSON.stringify(Result.toJson(result)), lines] as const
      }
      const [first, second] = [once(), once()]
      decodeResult(JSON.parse(first[0]))
      assert.strictEqual(second[0], first[0])
      assert.strictEqual(second[1], first[1])
      assert.include(first[1], "component_initialization")
      assert.include(first[1], "\"event_type\":\"accrual\"")
    }), 60_000)

  it.effect("lends 10,000 USDT for a year: 510.256954 USDT, and 510.256956 under the older rounding", () =>
    Effect.gen(function*() {
      const run = (venues: Config.Config["venues"]) =>
        Backtest.run([
          { timestamp: start, triggerSource: "manual", block: action("supply", "USDT", "10000") },
          { timestamp: at("2025-06-01T00:00:00Z"), triggerSource: "manual", block: action("withdraw", "USDT", "max") }
        ], { id: "golden", config: { ...Config.defaults, venues }, balances: { wallet: { USDT: Amount.unsafe("10000"), ETH: Amount.unsafe("1") } } })
      const floor = yield* run({})
      const halfUp = yield* run({ aave: { rounding: "v3.0" } })
      assert.strictEqual(Amount.format(floor.balances["wallet"]!["USDT"]!), "10510.256954")
      assert.strictEqual(Amount.format(halfUp.balances["wallet"]!["USDT"]!), "10510.256956")
    }).pipe(Effect.provide(table)), 60_000)

  it.effect.each([["binance", "0.07559916"], ["bybit", "0.07832738"]] as const)("pays a short of 1 ETH on %s the rates times the marks of 1,095 settlements", ([venue, rates]) =>
    Effect.gen(function*() {
      const free = { fees: { spot: { taker: "0", maker: "0" }, perp: { taker: "0", maker: "0" } }, slippage: { spot: "0", perp: "0" } }
      const held = venue === "binance" ? "binance_perp" : "bybit"
      const accruals: Array<Outcome.Accrual> = []
      const result = yield* Backtest.run([
        { timestamp: start, triggerSource: "manual", block: trade(venue, "perp", "sell", "1") },
        { timestamp: at("2025-06-01T00:00:00Z"), triggerSource: "manual", block: trade(venue, "perp", "buy", "max", { reduce_only: true }) }
      ], {
        id: "golden",
        config: { ...Config.defaults, venues: { [venue]: free } },
        balances: { [held]: { USDT: Amount.unsafe("10000") } },
        onReport: (report) => Effect.sync(() => void accruals.push(...report.accruals))
      })
      assert.isUndefined(result.error)
      const data = yield* DataProvider.DataProvider
      const last = yield* data.getData(at("2025-06-01T00:00:00Z"))
      const settlements = last.since(`funding.${venue}.ETH`, start)
      assert.strictEqual(settlements.length, 1095)
      assert.strictEqual(Decimal.format(settlements.reduce((sum, { value }) => Decimal.add(sum, value), Decimal.zero)), rates)
      let exact = Decimal.zero
      for (const { at: time, value } of settlements) {
        const mark = MarketSnapshot.value(yield* data.getData(time), `perp.${venue}.ETH`)
        exact = Decimal.add(exact, Decimal.multiply(value, Either.getOrThrow(mark)))
      }
      const funding = result.costs.find(({ kind }) => kind === "funding")!
      assert.strictEqual(Amount.format(-funding.amount), Decimal.format(exact))
      const opening = Amount.unsafe("10000")
      const first = Either.getOrThrow(MarketSnapshot.value(yield* data.getData(start), `perp.${venue}.ETH`))
      const closing = Either.getOrThrow(MarketSnapshot.value(last, `perp.${venue}.ETH`))
      const realised = Amount.times(Amount.unit, Decimal.subtract(first, closing), 1n, "down")
      const received = result.balances[venue]!["USDT"]! - opening - realised
      const off = received - Decimal.toScale(exact, 18, "down")
      assert.isTrue(Amount.abs(off) < Amount.quantumOf(8), `received ${Amount.format(received)}, exactly ${Decimal.format(exact)}`)
    }).pipe(Effect.provide(table)), 60_000)

  it.effect("sells 1 ETH at 3304.02, and holds the same sale back at 3762.62", () =>
    Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const sale = { ...trade("binance", "spot", "sell", "1"), estimated_deltas: { binance: { ETH: -1, USDT: 3300 } } }
      const refused = yield* Effect.flip(eim.updateState(start, "manual", sale))
      assert.strictEqual(refused.code, "EIM-005")
      assert.include(refused.message, "3762.62")
      const deltas = yield* eim.updateState(at("2024-07-03T16:00:00Z"), "manual", sale)
      // 3304.02 less 5 bps, down to the tick of 0.01: 3302.36; less 0.1 % of fee.
      assert.deepStrictEqual(ExecutionReport.deltasToJson(deltas), { binance: { ETH: "-1", USDT: "3299.05764" } })
    }).pipe(Effect.provide(Backtest.layer({ balances: { binance: { ETH: Amount.unsafe("2") } } })), Effect.provide(table)))

  it.effect("executes only what is missing when a block is sent again", () =>
    Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const block = { block_id: "entry", instructions: [trade("binance", "spot", "buy", "1"), trade("binance", "perp", "sell", "1"), action("supply", "USDT", "100")] }
      const error = yield* Effect.flip(eim.updateState(start, "execution_manager", block))
      assert.strictEqual(error.code, "EIM-006")
      assert.deepStrictEqual(error.report?.operations.map(({ status }) => status), ["settled", "rejected", "skipped"])
      assert.strictEqual(Deltas.get(error.report!.deltas, "binance", "ETH"), Amount.unsafe("0.999"))
      yield* eim.updateState(start, "manual", transfer("binance", "binance_perp", "USDT", "5000"))
      const again = yield* eim.execute(start, block, { triggerSource: "retry" })
      assert.deepStrictEqual(again.operations.map(({ replayed, status }) => [status, replayed]), [["settled", true], ["settled", false], ["settled", false]])
    }).pipe(Effect.provide(Backtest.layer({ balances: { binance: { USDT: Amount.unsafe("20000") }, wallet: { USDT: Amount.unsafe("100"), ETH: Amount.unsafe("1") } } })), Effect.provide(table)))

  it.effect("liquidates where maintenance margin is not met, and goes on", () =>
    Effect.gen(function*() {
      const result = yield* Backtest.run([
        { timestamp: start, triggerSource: "manual", block: trade("binance", "perp", "buy", "10") },
        { timestamp: at("2024-09-01T00:00:00Z"), triggerSource: "manual", block: undefined }
      ], { id: "liquidated", balances: { binance_perp: { USDT: Amount.unsafe("4000") } } })
      assert.isUndefined(result.error)
      assert.deepStrictEqual(result.positions, [])
      // The clearance fee takes what the loss left.
      assert.deepStrictEqual(result.balances, {})
      assert.strictEqual(result.value.at(-1)?.at, at("2024-09-01T00:00:00Z"))
      assert.isTrue(result.value.every(({ value }) => value.value >= 0n))
    }).pipe(Effect.provide(table)))

  it.effect("loses nothing that was settled before the data ended", () =>
    Effect.gen(function*() {
      const data = yield* preloaded(at("2024-07-15T00:00:00Z"))
      Effect.runSync(Effect.gen(function*() {
        const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
        const simulation = yield* Simulation.Simulation
        yield* eim.updateState(start, "manual", { instructions: [trade("binance", "perp", "buy", "10"), action("supply", "USDT", "1000")] })
        const before = yield* simulation.world
        const error = yield* Effect.flip(eim.updateState(at("2024-09-01T00:00:00Z"), "manual"))
        assert.strictEqual(error.code, "EIM-007")
        const after = yield* simulation.world
        const change: Deltas.Sum = new Map()
        for (const [state, sign] of [[after, 1n], [before, -1n]] as const) {
          for (const { account, amount, asset } of World.holdings(state)) {
            if (!Account.isContra(account)) Deltas.addTo(change, Account.venue(account), asset, sign * amount)
          }
        }
        assert.isTrue((error.report?.accruals.length ?? 0) > 10)
        assert.deepStrictEqual(error.report?.deltas, Deltas.fromSum(change))
      }).pipe(
        Effect.provide(Backtest.layer({ at: start, balances: { binance_perp: { USDT: Amount.unsafe("40000") }, wallet: { USDT: Amount.unsafe("1000"), ETH: Amount.unsafe("1") } } })),
        Effect.provide(data)
      ))
    }), 60_000)

  it.effect("stops where the rates of an open position end, in place of holding it for nothing", () =>
    Effect.gen(function*() {
      const day = (n: number) => start + n * Timestamp.day
      const series = (name: string, days: number, value: string) => ({ name, observations: Array.from({ length: days }, (_, n) => ({ at: day(n), value: Decimal.unsafe(value) })) })
      const result = yield* Backtest.run([
        { timestamp: start, triggerSource: "manual", block: trade("binance", "perp", "buy", "1") },
        { timestamp: day(15), triggerSource: "manual", block: undefined }
      ], { id: "gap", balances: { binance_perp: { USDT: Amount.unsafe("4000") } } }).pipe(
        Effect.provide(Memory.layer([series("perp.binance.ETH", 20, "3000"), series("price.ETH", 20, "3000"), series("funding.binance.ETH", 3, "0.0001")]))
      )
      assert.strictEqual(result.error?.code, "EIM-007")
      assert.include(result.error?.message ?? "", "funding.binance.ETH")
    }))

  it.effect("lets a test swap one venue for a mock", () => {
    const deaf: Venue.Venue = { id: "binance", family: "cex", accounts: ["spot"], accruals: Venue.noAccruals, portfolio: () => Effect.succeed({ holdings: [], positions: [] }) }
    const venues = { binance: VenueRegistry.venue({ id: "binance", family: "cex", make: Effect.succeed(deaf) }) }
    return Effect.gen(function*() {
      const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
      const error = yield* Effect.flip(eim.updateState(start, "manual", trade("binance", "spot", "sell", "1")))
      assert.include(error.message, "binance does not trade")
    }).pipe(Effect.provide(Backtest.layer({ venues })), Effect.provide(table))
  })

  it.effect("refuses settings and balances that nobody knows", () =>
    Effect.gen(function*() {
      const failing = (options: Backtest.Options) => Effect.flip(Layer.build(Backtest.layer(options)).pipe(Effect.scoped))
      const path = (error: Effect.Effect.Success<ReturnType<typeof failing>>) => (error._tag === "ConfigError" ? error.faults[0].path : error._tag)
      assert.strictEqual(path(yield* failing({ balances: { binnance: { USDT: 1n } } })), "balances.binnance")
      assert.strictEqual(path(yield* failing({ config: { ...Config.defaults, venues: { kraken: {} } } })), "venues.kraken")
      assert.strictEqual(path(yield* failing({ config: { ...Config.defaults, venues: { binance: { fee: 1 } } } })), "venues.binance.fee")
    }).pipe(Effect.provide(table)))
})
