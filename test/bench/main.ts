/**
 * How fast the manager routes, and what it costs over a bare loop: validation, plan, guard, ledger, fees, slippage,
 * reports and buffered events all on. Exits with 1 where it takes more than four and a half times the processor time of
 * the bare loop, which is a third above what was measured on quiet machines, or where the memory grows with the number
 * of instructions.
 *
 *     npm run -s bench -- [--json] [--count N] [--memory N]
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Effect, Either, Layer } from "effect"
import { Amount, Backtest, DataProvider, Decimal, EventLogger, ExecutionInterfaceManager, type Instruction, MarketSnapshot, Timestamp } from "execution-interface-manager"
import * as Embedded from "execution-interface-manager/data/Embedded"
import * as Jsonl from "execution-interface-manager/events/EventLogger/Jsonl"
import * as Bare from "./bare.js"

const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number.parseInt(process.argv[at + 1]!, 10)
}

const count = argument("--count", 50_000)
const largest = argument("--memory", 1_000_000)
const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
const end = Timestamp.unsafe("2025-06-01T00:00:00Z")
const directory = fs.mkdtempSync(path.join(os.tmpdir(), "eim-bench-"))
const amount = Amount.unsafe("0.5")

/** The most processor time that routing may take, in times of the bare loop. */
const ratioLimit = 4.5
/** The most bytes that the heap may grow by for each instruction: less than any object takes. */
const growthLimit = 16

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

const backtest = (file: string) =>
  Backtest.layer({
    at: start,
    balances: { binance: { USDT: Amount.unsafe("1000000000"), ETH: Amount.unsafe("1000000") } },
    events: Jsonl.layer({ file: path.join(directory, file) }).pipe(Layer.provide(NodeContext.layer))
  })

/** Microseconds of the processor, those of the collector of garbage included. */
const processorSince = (before: NodeJS.CpuUsage): number => {
  const { system, user } = process.cpuUsage(before)
  return system + user
}

interface Memory {
  readonly heap: number
  readonly rss: number
}

const memoryNow = (): Memory => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, rss: rss / 2 ** 20 }
}

/** Instructions a second, and the memory after each of `marks`. */
const routed = (file: string, total: number, make: (n: number) => any, marks: ReadonlyArray<number> = []) =>
  Effect.gen(function*() {
    const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
    const events = yield* EventLogger.EventLogger
    const step = Math.floor((end - start) / total)
    const memory: Array<Memory> = []
    const began = performance.now()
    const worked = process.cpuUsage()
    for (let n = 0; n < total; n++) {
      yield* eim.updateState(start + n * step, "execution_manager", make(n))
      if ((n + 1) % 1000 === 0) yield* events.flush
      if (marks.includes(n + 1)) memory.push(memoryNow())
    }
    yield* events.flush
    return { perSecond: total / ((performance.now() - began) / 1000), processor: processorSince(worked) / total, memory }
  }).pipe(Effect.provide(backtest(file)))

const bareSeries = Effect.gen(function*() {
  const data = yield* DataProvider.DataProvider
  const times: Array<number> = []
  const prices: Array<bigint> = []
  for (const at of yield* data.timestamps(start, end)) {
    const price = MarketSnapshot.price(yield* data.getData(at), "ETH")
    if (Either.isLeft(price)) continue
    times.push(at)
    prices.push(Decimal.toScale(price.right, 18, "down"))
  }
  return { times, prices }
})

const best = (values: ReadonlyArray<number>): number => values.reduce((a, b) => Math.max(a, b))

const least = (values: ReadonlyArray<number>): number => values.reduce((a, b) => Math.min(a, b))

const program = Effect.gen(function*() {
  const series = yield* bareSeries
  const trades = Array.from({ length: count }, (_, n) => ({ side: n % 2 === 0 ? "buy" as const : "sell" as const, amount }))
  const step = Math.floor((end - start) / count)
  const typed: Array<number> = []
  const json: Array<number> = []
  const bare: Array<number> = []
  const processor: { readonly bare: Array<number>; readonly typed: Array<number> } = { bare: [], typed: [] }
  // In turn, so that the machine's moods fall on all alike; the first round only warms up.
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage()
    bare.push(Bare.run(trades, start, step, series, path.join(directory, "bare.jsonl")))
    processor.bare.push(processorSince(before) / count)
    const typedRun = yield* routed("typed.jsonl", count, trade)
    typed.push(typedRun.perSecond)
    processor.typed.push(typedRun.processor)
    json.push((yield* routed("json.jsonl", count, tradeJson)).perSecond)
  }
  const [bareRate, typedRate, jsonRate] = [bare, typed, json].map((rates) => best(rates.slice(1)))
  const { memory } = yield* routed("memory.jsonl", largest, trade, [largest / 10, largest])
  const bytes = fs.statSync(path.join(directory, "typed.jsonl")).size / count
  return {
    routed_per_second: Math.round(typedRate!),
    routed_json_per_second: Math.round(jsonRate!),
    bare_loop_per_second: Math.round(bareRate!),
    ratio_to_bare_loop: Math.round((bareRate! / typedRate!) * 100) / 100,
    ratio_of_processor_time: Math.round((least(processor.typed.slice(1)) / least(processor.bare.slice(1))) * 100) / 100,
    heap_bytes_per_instruction: Math.round((memory[1]!.heap - memory[0]!.heap) / (largest * 0.9)),
    rss_growth_mb: Math.round((memory[1]!.rss - memory[0]!.rss) * 10) / 10,
    rss_mb: Math.round(memory[1]!.rss),
    instructions: count,
    memory_instructions: [largest / 10, largest],
    event_bytes_per_instruction: Math.round(bytes)
  }
}).pipe(
  Effect.provide(Embedded.layer().pipe(Layer.provideMerge(NodeContext.layer))),
  Effect.ensuring(Effect.sync(() => fs.rmSync(directory, { recursive: true, force: true }))),
  Effect.tap((figures) =>
    Effect.sync(() => {
      if (process.argv.includes("--json")) console.log(JSON.stringify(figures))
      else for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(34)} ${String(figure)}`)
      const broken = [
        ...(figures.ratio_of_processor_time > ratioLimit ? [`more than ${ratioLimit} times the processor time of the bare loop`] : []),
        ...(figures.heap_bytes_per_instruction > growthLimit ? [`more than ${growthLimit} bytes kept of an instruction`] : [])
      ]
      for (const what of broken) console.error(`limit broken: ${what}`)
      if (broken.length > 0) process.exitCode = 1
    })
  )
)

NodeRuntime.runMain(program)
