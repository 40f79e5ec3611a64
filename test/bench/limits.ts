/**
 * The limits that the specification sets, each beside what is measured. Exits with 1 where one is broken.
 *
 *     npm run -s bench:limits -- [--json] [--count N]
 *
 * - look-up: `VenueRegistry.get` of every venue in turn.
 * - routing: `updateState` of one undecoded instruction, from JSON to deltas, with all simulated venues, ledger, fees,
 *   gas, reports and an event log on disk. Trades, transfers and actions in turn.
 * - abstraction: the same to a venue that answers at once and does nothing: all that stands between caller and venue.
 * - memory: `held` is the heap after garbage collection that this program holds after all calls, its modules and the
 *   market data in memory included, less that of an empty program run in the same way; `manager` is the part of it that
 *   came with the manager, its venues and its calls.
 * - CPU: time of the processor over that of the clock, while ten instructions a second are routed.
 *
 * Times are judged by their 99th percentile. The greatest is told, and belongs to the collector of garbage and to
 * whatever else the machine does.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Effect, Either, Layer } from "effect"
import { Amount, Backtest, EventLogger, ExecutionInterfaceManager, type Instruction, type InstructionBlock, Outcome, Timestamp, Venue, VenueRegistry } from "execution-interface-manager"
import * as Embedded from "execution-interface-manager/data/Embedded"
import * as Jsonl from "execution-interface-manager/events/EventLogger/Jsonl"

const limits = { lookup_ms: 1, routing_ms: 10, abstraction_ms: 5, memory_mb: 50, cpu_percent: 5 }

const given = process.argv.indexOf("--count")
const count = given < 0 ? 20_000 : Number.parseInt(process.argv[given + 1]!, 10)
const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
const end = Timestamp.unsafe("2025-06-01T00:00:00Z")
const step = Math.floor((end - start) / (count * 2 + 20_000))
const directory = fs.mkdtempSync(path.join(os.tmpdir(), "eim-limits-"))
const paceSeconds = 10
const pacePerSecond = 10

const trade = (side: "buy" | "sell") => ({
  instruction_type: "cex_trade", venue: "binance", trade_type: "spot", side, symbol: "ETHUSDT", amount: "0.5"
})
const action = (protocol: string, action: string) => ({
  instruction_type: "smart_contract_action", protocol, action, token: "USDT", amount: "100"
})
const transfer = (from: string, to: string) => ({
  instruction_type: "wallet_transfer", from_venue: from, to_venue: to, token: "USDT", amount: "10"
})

const kinds = [
  trade("buy"), action("aave", "supply"), transfer("binance_spot", "binance_perp"),
  trade("sell"), { ...action("aave", "withdraw"), amount: "max" }, transfer("binance_perp", "binance_spot")
]

/** Answers at once, and does nothing. */
const idle: Venue.Venue = {
  id: "idle",
  family: "onchain",
  accounts: ["position"],
  accruals: Venue.noAccruals,
  portfolio: () => Effect.succeed({ holdings: [], positions: [] }),
  action: {
    actions: new Set(["supply"]),
    ...Venue.capability<Instruction.SmartContractAction, undefined>({
      prepare: () => Effect.succeed({ wire: {}, payload: undefined }),
      submit: (_, { at }) => Effect.succeed(new Outcome.Settled({ receipt: Outcome.emptyReceipt(at) })),
      resolve: () => Effect.succeed(new Outcome.Settled({ receipt: Outcome.emptyReceipt(0) }))
    })
  }
}

const layer = Backtest.layer({
  at: start,
  balances: {
    binance: { USDT: Amount.unsafe("1000000000"), ETH: Amount.unsafe("1000000") },
    wallet: { USDT: Amount.unsafe("1000000000"), ETH: Amount.unsafe("1000000") }
  },
  venues: { idle: VenueRegistry.venue({ id: "idle", family: "onchain", make: Effect.succeed(idle) }) },
  events: Jsonl.layer({ file: path.join(directory, "events.jsonl") }).pipe(Layer.provide(NodeContext.layer))
})

interface Times {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const ofTimes = (times: Float64Array): Times => {
  const sorted = times.slice().sort()
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]!
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

/** Milliseconds of each call, after as many as let the compiler of the machine settle. */
const timed = <E, R>(call: (n: number) => Effect.Effect<unknown, E, R>): Effect.Effect<Times, E, R> =>
  Effect.gen(function*() {
    const times = new Float64Array(count)
    const warm = 5_000
    for (let n = -warm; n < count; n++) {
      const began = performance.now()
      yield* call(n + warm)
      if (n >= 0) times[n] = performance.now() - began
    }
    return ofTimes(times)
  })

/** Heap in use after garbage collection, in MB. */
const heap = Effect.sync(() => {
  // Twice: what the first round finds unreachable may hold more that only the second one frees.
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
})

const emptyHeap = Effect.sync(() => {
  const script = "globalThis.gc(); process.memoryUsage().heapUsed / 2 ** 20"
  const { stdout } = spawnSync(process.execPath, ["--expose-gc", "--import", "tsx", "-p", script], { encoding: "utf8" })
  return Number.parseFloat(stdout)
})

const calls = Effect.gen(function*() {
  const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
  const events = yield* EventLogger.EventLogger
  const registry = yield* VenueRegistry.VenueRegistry
  const venues = (yield* registry.entries).map(({ id }) => id)
  let at = start
  const route = (instruction: unknown) => {
    at += step
    return eim.updateState(at, "execution_manager", instruction as InstructionBlock.Input)
  }
  const lookup = yield* timed((n) => Effect.sync(() => Either.getOrThrow(registry.get(venues[n % venues.length]!))))
  const routing = yield* timed((n) => route(kinds[n % kinds.length]))
  const abstraction = yield* timed(() => route(action("idle", "supply")))
  yield* events.flush

  const [clock, processor] = [performance.now(), process.cpuUsage()]
  for (let n = 0; n < paceSeconds * pacePerSecond; n++) {
    yield* route(kinds[n % kinds.length])
    yield* Effect.sleep(Math.max(0, clock + ((n + 1) * 1000) / pacePerSecond - performance.now()))
  }
  const { system, user } = process.cpuUsage(processor)
  const cpu = (user + system) / 10 / (performance.now() - clock)

  const after = yield* heap
  const { instructionsFailed, instructionsRouted } = yield* eim.getRoutingStatus
  return { lookup, routing, abstraction, after, cpu, routed: instructionsRouted, failed: instructionsFailed }
})

const program = Effect.gen(function*() {
  const empty = yield* emptyHeap
  const before = yield* heap
  const { after, ...measured } = yield* Effect.provide(calls, layer)
  return { ...measured, memory: { held: after - empty, manager: after - before } }
}).pipe(
  Effect.provide(Embedded.layer().pipe(Layer.provideMerge(NodeContext.layer))),
  Effect.ensuring(Effect.sync(() => fs.rmSync(directory, { recursive: true, force: true })))
)

const digits = (value: number): number => Number(value.toPrecision(3))

const rounded = ({ max, p50, p99 }: Times) => ({ p50: digits(p50), p99: digits(p99), max: digits(max) })

const main = Effect.flatMap(program, (measured) =>
  Effect.sync(() => {
    const rows = [
      { name: "lookup_ms", judged: measured.lookup.p99, figures: rounded(measured.lookup) },
      { name: "routing_ms", judged: measured.routing.p99, figures: rounded(measured.routing) },
      { name: "abstraction_ms", judged: measured.abstraction.p99, figures: rounded(measured.abstraction) },
      { name: "memory_mb", judged: measured.memory.held, figures: { held: digits(measured.memory.held), manager: digits(measured.memory.manager) } },
      { name: "cpu_percent", judged: measured.cpu, figures: { used: digits(measured.cpu) } }
    ].map((row) => ({ ...row, limit: limits[row.name as keyof typeof limits] }))
    const broken = rows.filter(({ judged, limit }) => !(judged < limit))
    if (process.argv.includes("--json")) {
      const { failed, routed } = measured
      const figures = Object.fromEntries(rows.map(({ figures, limit, name }) => [name, { ...figures, limit }]))
      console.log(JSON.stringify({ ...figures, routed, failed, broken: broken.map(({ name }) => name) }))
    } else {
      for (const { figures, limit, name } of rows) {
        const text = Object.entries(figures).map(([name, value]) => `${name} ${value}`).join("  ")
        console.log(`${name.padEnd(16)} < ${String(limit).padEnd(4)} ${text}`)
      }
      console.log(`${measured.routed} instructions routed, ${measured.failed} failed`)
    }
    for (const { judged, limit, name } of broken) console.error(`limit broken: ${name} ${digits(judged)}, and less than ${limit} is asked for`)
    if (measured.failed > 0) console.error(`${measured.failed} instructions failed`)
    if (broken.length > 0 || measured.failed > 0) process.exitCode = 1
  }))

NodeRuntime.runMain(main)
