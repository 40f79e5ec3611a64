/**
 * One measurement in a process of its own, in rounds, whose processor time it prints: the same spot trade back and forth,
 * or steps of a backtest whose script does nothing.
 *
 *     subject.ts bare|typed|json|idle|memory --rounds N [--count N]
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Effect, Either, Layer } from "effect"
import { Amount, Backtest, DataProvider, Decimal, EventLogger, ExecutionInterfaceManager, type Instruction, MarketSnapshot, Script, Timestamp } from "execution-interface-manager"
import * as Embedded from "execution-interface-manager/data/Embedded"
import * as Jsonl from "execution-interface-manager/events/EventLogger/Jsonl"
import * as Bare from "./bare.js"

const [name = "bare"] = process.argv.slice(2)
const argument = (option: string, otherwise: number): number => {
  const at = process.argv.indexOf(option)
  return at < 0 ? otherwise : Number.parseInt(process.argv[at + 1]!, 10)
}
const rounds = argument("--rounds", 20)
const count = argument("--count", 1_000_000)

const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
/** Between two trades, so that a million of them are within the year of the data. */
const step = 30_000
const amount = Amount.unsafe("0.5")
/** Processor time of a round, in microseconds. */
const roundTime = 80_000
/** Processor time until the compiler of Node has done what it does. */
const warmUp = 1_500_000

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "eim-bench-"))

const trade = (n: number): Instruction.CexTrade => ({
  instructionType: "cex_trade",
  venue: { venue: "binance", sub: undefined },
  tradeType: "spot",
  side: n % 2 === 0 ? "buy" : "sell",
  symbol: { base: "ETH", quote: "USDT" },
  amount
})

const tradeJson = (n: number) => ({
  instruction_type: "cex_trade",
  venue: "binance",
  trade_type: "spot",
  side: n % 2 === 0 ? "buy" : "sell",
  symbol: "ETHUSDT",
  amount: "0.5"
})

/** Microseconds of the processor, those of the collector of garbage included. */
const processor = (): number => {
  const { system, user } = process.cpuUsage()
  return system + user
}

/** Microseconds of the processor an instruction, of each round. */
const measure = <R>(routed: (count: number) => Effect.Effect<unknown, unknown, R>, least = 100) =>
  Effect.gen(function*() {
    const began = processor()
    let warmed = 0
    while (processor() - began < warmUp) {
      yield* routed(Math.max(1000, least))
      warmed += Math.max(1000, least)
    }
    let size = Math.max(least, Math.round((roundTime * warmed) / (processor() - began)))
    const times: Array<number> = []
    for (let round = 0; round < rounds; round++) {
      const before = processor()
      yield* routed(size)
      const used = processor() - before
      times.push(used / size)
      size = Math.max(least, Math.round((size * roundTime) / Math.max(used, 1)))
    }
    return times
  })

const manager = (make: (n: number) => any) =>
  Effect.gen(function*() {
    const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
    const events = yield* EventLogger.EventLogger
    let done = 0
    return (count: number) =>
      Effect.gen(function*() {
        for (const end = done + count; done < end; done++) {
          yield* eim.updateState(start + done * step, "execution_manager", make(done))
          if ((done + 1) % 1000 === 0) yield* events.flush
        }
        yield* events.flush
      })
  })

const backtest = Backtest.layer({
  at: start,
  balances: { binance: { USDT: Amount.unsafe("1000000000"), ETH: Amount.unsafe("1000000") } },
  events: Jsonl.layer({ file: path.join(directory, "events.jsonl") }).pipe(Layer.provide(NodeContext.layer))
})

const series = Effect.gen(function*() {
  const data = yield* DataProvider.DataProvider
  const times: Array<number> = []
  const prices: Array<bigint> = []
  for (const at of yield* data.timestamps(start, Timestamp.unsafe("2025-06-01T00:00:00Z"))) {
    const price = MarketSnapshot.price(yield* data.getData(at), "ETH")
    if (Either.isLeft(price)) continue
    times.push(at)
    prices.push(Decimal.toScale(price.right, 18, "down"))
  }
  return { times, prices }
})

/** Steps of a backtest that holds ether and dollars and does nothing: one every ten minutes; so many that setting it up is little. */
const idle = measure((count) =>
  Backtest.run(Script.make({ every: "10 minutes", decide: () => [] }), {
    id: "idle",
    from: start,
    to: start + (count - 1) * 600_000,
    balances: { binance: { USDT: Amount.unsafe("1000000"), ETH: Amount.unsafe("10") }, wallet: { USDT: Amount.unsafe("1000") } }
  }), 20_000)

const memoryNow = () => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, rss }
}

/** Memory after a tenth of the instructions, and after all of them. */
const memory = Effect.gen(function*() {
  const routed = yield* manager(trade)
  yield* routed(count / 10)
  const before = memoryNow()
  yield* routed(count - count / 10)
  const after = memoryNow()
  return { heap_growth: after.heap - before.heap, rss_growth: after.rss - before.rss, rss: after.rss, instructions: count - count / 10 }
})

const subjects: { readonly [name: string]: Effect.Effect<unknown, unknown, DataProvider.DataProvider> } = {
  bare: Effect.flatMap(series, (known) => {
    const loop = Bare.make(known, start, step, amount, path.join(directory, "bare.jsonl"))
    return measure((count) => Effect.sync(() => loop(count)))
  }),
  typed: Effect.flatMap(manager(trade), measure).pipe(Effect.provide(backtest)),
  json: Effect.flatMap(manager(tradeJson), measure).pipe(Effect.provide(backtest)),
  idle,
  memory: memory.pipe(Effect.provide(backtest))
}

NodeRuntime.runMain(subjects[name]!.pipe(
  Effect.provide(Embedded.layer().pipe(Layer.provideMerge(NodeContext.layer))),
  Effect.ensuring(Effect.sync(() => fs.rmSync(directory, { recursive: true, force: true }))),
  Effect.tap((answer) => Effect.sync(() => console.log(JSON.stringify(answer))))
))
