/**
 * One script, twice: on the protocol's own bytecode and simulated, through the same manager.
 *
 * The simulation is given the chain's supply index at each instant, the gas that the transactions used and what it
 * cost; all else it knows by itself.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Memory from "../../src/data/DataProvider/Memory.js"
import * as Account from "../../src/domain/Account.js"
import * as Amount from "../../src/domain/Amount.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Deltas from "../../src/domain/Deltas.js"
import type * as ExecutionReport from "../../src/domain/ExecutionReport.js"
import * as EventsMemory from "../../src/events/EventLogger/Memory.js"
import * as HealthManager from "../../src/health/HealthManager.js"
import type * as Journal from "../../src/journal/Journal.js"
import * as JournalMemory from "../../src/journal/Journal/Memory.js"
import * as ExecutionInterfaceManager from "../../src/manager/ExecutionInterfaceManager.js"
import type * as RoutingStatus from "../../src/manager/RoutingStatus.js"
import * as Gas from "../../src/sim/Gas.js"
import * as Simulation from "../../src/sim/Simulation.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import * as Reserves from "../../src/venues/aave/Reserves.js"
import * as Simulated from "../../src/venues/aave/Simulated.js"
import * as Abi from "../../src/venues/aave/Abi.js"
import * as Fixture from "./Fixture.js"

type Manager = Context.Tag.Service<ExecutionInterfaceManager.ExecutionInterfaceManager>

const action = (operationId: string, name: "supply" | "withdraw", amount: string) => ({
  instruction_type: "smart_contract_action" as const,
  operation_id: operationId,
  protocol: "aave",
  action: name,
  token: "USDT",
  amount
})

/** What the script does, and how much time passes before each step. A step without a block settles what is due. */
const script = [
  { name: "supply 10,000 USDT", wait: 0, block: action("supply-1", "supply", "10000") },
  { name: "a year passes", wait: 31_536_000, block: undefined },
  { name: "withdraw max, 12 s later", wait: 12, block: action("withdraw-1", "withdraw", "max") }
] as const

const ports = Layer.mergeAll(JournalMemory.layer, HealthManager.layer, EventsMemory.layerNoop, VenueRegistry.layer)

const manager = <E>(
  venue: Layer.Layer<never, E, VenueRegistry.VenueRegistry | Journal.Journal>,
  executionMode: RoutingStatus.Program["executionMode"]
): Layer.Layer<ExecutionInterfaceManager.ExecutionInterfaceManager, E> =>
  ExecutionInterfaceManager.layer({ program: { executionMode, configHash: "" } }).pipe(
    Layer.provide(venue),
    Layer.provide(ports)
  )

/** The manager over the chain. */
const onChain = (chain: Fixture.Chain) => manager(Fixture.aave(chain).pipe(Layer.provide(Fixture.evm(chain))), "live")

/** Net change of a step by `account asset`. */
type Change = ReadonlyMap<string, Amount.Amount>

const assets = ["USDT", "aUSDT", "ETH"] as const
const venueOf = (asset: string): string => (asset === "aUSDT" ? "aave" : "wallet")

const changeOf = (report: ExecutionReport.ExecutionReport): Change =>
  new Map(assets.map((asset) => [asset, Deltas.get(report.deltas, venueOf(asset), asset)]))

interface Step {
  readonly change: Change
  readonly balances: Fixture.Balances
  readonly block: bigint
  readonly at: number
  /** Scaled by 1e27. */
  readonly index: bigint
  readonly transactions: ReadonlyArray<{ readonly purpose: string; readonly gas_used: string; readonly gas_price_gwei: string }>
}

const head = (chain: Fixture.Chain) =>
  Effect.map(Effect.promise(() => chain.hand.getBlock()), ({ number, timestamp }) => ({ block: number, at: Number(timestamp) * 1000 }))

/** The script on the chain. */
const live = Effect.fnUntraced(function*(chain: Fixture.Chain) {
  const eim = Context.get(yield* Layer.build(onChain(chain)), ExecutionInterfaceManager.ExecutionInterfaceManager)
  const begin = yield* Fixture.balances(chain)
  const steps: Array<Step> = []
  for (const { block, wait } of script) {
    if (wait > 0 && block === undefined) yield* Fixture.pass(chain, wait)
    else if (wait > 0) yield* Effect.promise(() => chain.admin.increaseTime({ seconds: wait }))
    const report = yield* eim.execute((yield* head(chain)).at, block)
    const after = yield* head(chain)
    const detail = report.operations[0]?.detail["transactions"] as Step["transactions"] | undefined
    steps.push({
      ...after,
      change: changeOf(report),
      balances: yield* Fixture.balances(chain, after.block),
      index: yield* Fixture.index(chain, after.block),
      transactions: detail ?? []
    })
  }
  return { begin, steps }
})

/** The script simulated, at the instants and indices of the chain. */
const simulated = Effect.fnUntraced(function*(begin: Fixture.Balances, steps: ReadonlyArray<Step>) {
  const all = steps.flatMap(({ transactions }) => transactions)
  const used = (purpose: string) => Number(all.find((transaction) => transaction.purpose === purpose)?.gas_used ?? 0)
  const index = new Map(steps.map((step) => [step.at, Decimal.make(step.index, 27)]))
  const price = new Map(steps.flatMap(({ at, transactions: [first] }) =>
    first === undefined ? [] : [[at, Decimal.unsafe(first.gas_price_gwei)] as const]))
  const observations = (values: ReadonlyMap<number, Decimal.Decimal>) => [...values].map(([at, value]) => ({ at, value }))
  const wallet = Account.make("wallet", "wallet")
  const layer = manager(
    Simulated.layer({ rounding: "v3.0" }).pipe(
      Layer.provide(Gas.layer({ units: { approval: used("approve"), supply: used("supply"), withdraw: used("withdraw") }, tank: false })),
      Layer.provide(Simulation.layer({
        at: steps[0]!.at,
        opening: [
          { account: wallet, asset: "USDT", amount: Amount.fromUnits(begin.usdt, 6) },
          { account: wallet, asset: "ETH", amount: begin.eth }
        ]
      })),
      Layer.provide(Memory.layer([
        { name: Reserves.supplyIndex("USDT"), observations: observations(index) },
        { name: Gas.series, observations: observations(price) }
      ]))
    ),
    "backtest"
  )
  const eim = Context.get(yield* Layer.build(layer), ExecutionInterfaceManager.ExecutionInterfaceManager)
  return yield* Effect.forEach(script, ({ block }, step) => Effect.map(eim.execute(steps[step]!.at, block), changeOf))
})

/** One asset at one step. */
export interface Line {
  readonly step: string
  readonly asset: string
  readonly simulated: Amount.Amount
  readonly chain: Amount.Amount
  /** What the chain's own balance changed by. */
  readonly balance: Amount.Amount
}

export const isEqual = (line: Line): boolean => line.simulated === line.chain && line.chain === line.balance

const balanceOf = (balances: Fixture.Balances, asset: string): Amount.Amount =>
  asset === "ETH" ? balances.eth : Amount.fromUnits(asset === "USDT" ? balances.usdt : balances.aUsdt, 6)

/** The script on the chain and simulated, line by line. */
export const compare = Effect.fnUntraced(function*(chain: Fixture.Chain) {
  const { begin, steps } = yield* live(chain)
  const expected = yield* simulated(begin, steps)
  return steps.flatMap((step, position) =>
    assets.map((asset): Line => ({
      step: script[position]!.name,
      asset,
      simulated: expected[position]!.get(asset)!,
      chain: step.change.get(asset)!,
      balance: balanceOf(step.balances, asset) - balanceOf(position === 0 ? begin : steps[position - 1]!.balances, asset)
    }))
  )
})

/** What was seen when the connection was cut after the broadcast of a supply. */
export interface Cut {
  readonly reported: string
  readonly code: string | undefined
  /** The same instruction sent again before it was resolved. */
  readonly repeated: string
  readonly resolved: string
  /** The same instruction sent again afterwards. */
  readonly replayed: boolean
  /** Supplies of the trader that the pool saw in all of this. */
  readonly supplies: number
  /** Transactions of the trader: the approval and the supply. */
  readonly transactions: number
  readonly deltas: Deltas.Deltas
  readonly balance: Fixture.Balances
}

const supplies = (chain: Fixture.Chain, fromBlock: bigint) =>
  Effect.promise(async () => {
    const events = await chain.hand.getContractEvents({
      address: chain.world.pool,
      abi: Abi.pool,
      eventName: "Supply",
      args: { onBehalfOf: chain.trader },
      fromBlock
    })
    return events.length
  })

/** Cuts the connection after the node has got the supply, and finds out what became of it. */
export const cut = Effect.fnUntraced(function*(chain: Fixture.Chain) {
  const eim: Manager = Context.get(yield* Layer.build(onChain(chain)), ExecutionInterfaceManager.ExecutionInterfaceManager)
  const before = yield* Fixture.balances(chain)
  const { block } = yield* head(chain)
  const supply = action("cut-1", "supply", "1000")
  const now = Effect.map(head(chain), ({ at }) => at)
  let broadcasts = 0
  yield* chain.proxy.rule((method) => (method === "eth_sendRawTransaction" && ++broadcasts === 2 ? "cut_after" : "pass"))
  const first = yield* eim.execute(yield* now, supply)
  yield* chain.proxy.rule(() => "pass")
  const repeated = yield* eim.execute(yield* now, supply)
  const resolved = yield* eim.resolve("cut-1", yield* now)
  const again = yield* eim.execute(yield* now, supply)
  const after = yield* Fixture.balances(chain)
  return {
    reported: first.operations[0]!.status,
    code: first.error?.code,
    repeated: repeated.operations[0]!.status,
    resolved: resolved.status,
    replayed: again.replayed,
    supplies: yield* supplies(chain, block + 1n),
    transactions: after.nonce - before.nonce,
    deltas: resolved.deltas,
    balance: {
      usdt: after.usdt - before.usdt,
      aUsdt: after.aUsdt - before.aUsdt,
      eth: after.eth - before.eth,
      nonce: after.nonce - before.nonce
    }
  } satisfies Cut
})

/** Whether the cut ended in exactly one supply, never called failed, its deltas those of the chain. */
export const isOnce = (seen: Cut): boolean =>
  seen.reported === "unknown" && seen.repeated === "unknown" && seen.resolved === "settled" && seen.replayed &&
  seen.supplies === 1 && seen.transactions === 2 &&
  assets.every((asset) => Deltas.get(seen.deltas, venueOf(asset), asset) === balanceOf(seen.balance, asset))

/** A chain whose gas costs the same in every block: its base fee is zero, and the tip is what is paid. */
export const chain: Effect.Effect<Fixture.Chain, Effect.Effect.Error<ReturnType<typeof Fixture.chain>>, Scope.Scope> = Fixture.chain([
  "--block-base-fee-per-gas",
  "0"
])
