/**
 * How fast the manager routes each kind of instruction, everything on, beside spot trades in the same run.
 *
 *     npm run -s bench:mixed -- [--json] [--count N]
 *
 * Each kind goes back and forth, so that it can go on for as long as it is asked to: what is bought is sold, what is
 * supplied is withdrawn. Ten minutes pass from one call to the next, and with them what is due of funding and interest.
 * `mixed` is all of them in turn in one run, where every call also settles what all the others hold and owe.
 *
 * The rate is by the clock; how it compares with spot trades is told by the time of the processor, which other programs
 * of the machine change less.
 */
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { Effect, Layer } from "effect"
import { Amount, Backtest, EventLogger, ExecutionInterfaceManager, type InstructionBlock, Timestamp } from "execution-interface-manager"
import * as Embedded from "execution-interface-manager/data/Embedded"
import * as Jsonl from "execution-interface-manager/events/EventLogger/Jsonl"

const given = process.argv.indexOf("--count")
const count = given < 0 ? 4_000 : Number.parseInt(process.argv[given + 1]!, 10)
const rounds = 3
const start = Timestamp.unsafe("2024-06-01T00:00:00Z")
const step = Timestamp.hour / 6
const directory = fs.mkdtempSync(path.join(os.tmpdir(), "eim-mixed-"))

const trade = (trade_type: "spot" | "perp", side: "buy" | "sell") => ({
  instruction_type: "cex_trade", venue: "binance", trade_type, side, symbol: "ETHUSDT", amount: "0.5"
})
const call = (protocol: string, action: string, token: string, amount: unknown, more: { readonly [field: string]: unknown } = {}) => ({
  instruction_type: "smart_contract_action", protocol, action, token, amount, ...more
})
const swap = (protocol: string, token: string, token_out: string, amount: string) =>
  call(protocol, "swap", token, amount, { token_out, slippage_tolerance: "0.05" })

const market = "wstETH-WETH-94.5"

/** A leveraged entry, on collateral that is there before it. */
const group = (n: number) => {
  const id = (step: string) => `group-${n}.${step}`
  return {
    block_id: `group-${n}`,
    execution_mode: "atomic",
    instructions: [
      call("morpho", "flash_borrow", "WETH", "0.9", { operation_id: id("flash") }),
      call("wallet", "unwrap", "WETH", "0.9", { operation_id: id("unwrap") }),
      call("etherfi", "stake", "ETH", "1", { token_out: "weETH", operation_id: id("stake") }),
      call("aave", "supply", "weETH", { output_of: id("stake") }, { operation_id: id("collateral") }),
      call("aave", "borrow", "WETH", "0.9", { operation_id: id("borrow") }),
      call("morpho", "flash_repay", "WETH", "0.9", { operation_id: id("repay") })
    ]
  }
}

type Make = (n: number) => unknown

interface Kind {
  /** Of each call. */
  readonly instructions: number
  readonly make: Make
  /** What has to be there before: collateral, where something is borrowed. */
  readonly before?: ReadonlyArray<object>
}

const turns = (...all: ReadonlyArray<object>): Make => (n) => all[n % all.length]!

const atMorpho = [call("morpho", "supply_collateral", "wstETH", "10", { market })]
const atAave = [call("aave", "set_emode", "weETH", undefined, { emode_category: 1 }), call("aave", "supply", "weETH", "1000")]

const kinds: { readonly [kind: string]: Kind } = {
  spot: { instructions: 1, make: turns(trade("spot", "buy"), trade("spot", "sell")) },
  perpetual: { instructions: 1, make: turns(trade("perp", "buy"), trade("perp", "sell")) },
  aave: { instructions: 1, make: turns(call("aave", "supply", "USDT", "100"), call("aave", "withdraw", "USDT", "90")) },
  curve: { instructions: 1, make: turns(swap("curve", "weETH", "WETH", "1"), swap("curve", "WETH", "weETH", "1")) },
  uniswap: { instructions: 1, make: turns(swap("uniswap", "WETH", "USDT", "0.5"), swap("uniswap", "USDT", "WETH", "1500")) },
  lido: { instructions: 1, make: turns(call("lido", "stake", "ETH", "0.5"), call("lido", "stake", "ETH", "0.5", { token_out: "wstETH" })) },
  morpho: {
    instructions: 1,
    before: atMorpho,
    make: turns(call("morpho", "borrow", "WETH", "0.1", { market }), call("morpho", "repay", "WETH", "0.1", { market }))
  },
  group: { instructions: 6, before: atAave, make: group }
}

const names = Object.keys(kinds)

/** All kinds, each going through its own turns. */
const all: typeof kinds = {
  ...kinds,
  mixed: {
    instructions: Object.values(kinds).reduce((sum, { instructions }) => sum + instructions, 0) / names.length,
    before: [...atMorpho, ...atAave],
    make: (n) => kinds[names[n % names.length]!]!.make(Math.floor(n / names.length))
  }
}

/** Calls for about as many instructions of each kind, in whole turns. */
const calls = ({ instructions }: Kind): number => Math.ceil(count / instructions / names.length) * names.length

const layer = (file: string) =>
  Backtest.layer({
    at: start,
    balances: {
      binance_spot: { USDT: Amount.unsafe("1000000000"), ETH: Amount.unsafe("1000000") },
      binance_perp: { USDT: Amount.unsafe("1000000000") },
      wallet: {
        USDT: Amount.unsafe("1000000000"),
        ETH: Amount.unsafe("1000000"),
        WETH: Amount.unsafe("1000000"),
        weETH: Amount.unsafe("1000000"),
        wstETH: Amount.unsafe("1000000")
      }
    },
    events: Jsonl.layer({ file: path.join(directory, file) }).pipe(Layer.provide(NodeContext.layer))
  })

interface Rate {
  readonly perSecond: number
  readonly perProcessorSecond: number
}

const measured = (file: string, total: number, { before = [], instructions, make }: Kind) =>
  Effect.gen(function*() {
    const eim = yield* ExecutionInterfaceManager.ExecutionInterfaceManager
    const events = yield* EventLogger.EventLogger
    for (const instruction of before) yield* eim.updateState(start, "execution_manager", instruction as InstructionBlock.Input)
    const [began, used] = [performance.now(), process.cpuUsage()]
    for (let n = 0; n < total; n++) {
      yield* eim.updateState(start + n * step, "execution_manager", make(n) as InstructionBlock.Input)
      if ((n + 1) % 1000 === 0) yield* events.flush
    }
    yield* events.flush
    const seconds = (performance.now() - began) / 1000
    const { system, user } = process.cpuUsage(used)
    const { instructionsRouted } = yield* eim.getRoutingStatus
    const routed = instructionsRouted - before.length
    const asked = Math.round(total * instructions)
    if (routed !== asked) return yield* Effect.dieMessage(`${routed} of ${asked} instructions were executed`)
    const rate: Rate = { perSecond: routed / seconds, perProcessorSecond: routed / ((user + system) / 1e6) }
    return rate
  }).pipe(Effect.provide(layer(file)))

const best = (rates: ReadonlyArray<Rate>): Rate => ({
  perSecond: Math.max(...rates.map(({ perSecond }) => perSecond)),
  perProcessorSecond: Math.max(...rates.map(({ perProcessorSecond }) => perProcessorSecond))
})

const program = Effect.gen(function*() {
  const rates: Record<string, Array<Rate>> = {}
  // In turn, so that the machine's moods fall on all alike; the first round only warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, kind] of Object.entries(all)) {
      const rate = yield* measured(`${name}.jsonl`, calls(kind), kind)
      if (round > 0) (rates[name] ??= []).push(rate)
    }
  }
  const spot = best(rates["spot"]!)
  return {
    instructions: count,
    load: os.loadavg().map((load) => Math.round(load * 10) / 10),
    kinds: Object.fromEntries(Object.entries(rates).map(([kind, values]) => {
      const { perProcessorSecond, perSecond } = best(values)
      return [kind, { per_second: Math.round(perSecond), of_spot: Math.round((perProcessorSecond / spot.perProcessorSecond) * 100) / 100 }]
    }))
  }
}).pipe(
  Effect.provide(Embedded.layer().pipe(Layer.provideMerge(NodeContext.layer))),
  Effect.ensuring(Effect.sync(() => fs.rmSync(directory, { recursive: true, force: true }))),
  Effect.tap(({ instructions, kinds, load }) =>
    Effect.sync(() => {
      if (process.argv.includes("--json")) return console.log(JSON.stringify({ instructions, load, kinds }))
      for (const [kind, { of_spot, per_second }] of Object.entries(kinds)) {
        console.log(`${kind.padEnd(10)} ${String(per_second).padStart(6)} a second  ${of_spot.toFixed(2)} of spot`)
      }
      console.log(`${instructions} instructions of each kind; load of the machine ${load.join(", ")}`)
    }))
)

NodeRuntime.runMain(program)
