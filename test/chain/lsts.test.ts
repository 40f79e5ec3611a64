/**
 * The simulated Lido and ether.fi beside doubles of their contracts on a real EVM: the same actions at the same rates,
 * the same refusals, and everything equal to the unit.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import type { TransactionReceipt } from "viem"
import * as Amount from "../../src/domain/Amount.js"
import * as Decimal from "../../src/domain/Decimal.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import * as ShareToken from "../../src/sim/ShareToken.js"
import * as Protocol from "../../src/sim/ShareToken/Protocol.js"
import * as Queue from "../../src/sim/ShareToken/Queue.js"
import * as Simulation from "../../src/sim/Simulation.js"
import * as World from "../../src/sim/World.js"
import * as Layers from "../../src/testing/Layers.js"
import * as Venue from "../../src/venue/Venue.js"
import * as VenueRegistry from "../../src/venue/VenueRegistry.js"
import * as EtherFiConfig from "../../src/venues/etherfi/Config.js"
import * as EtherFi from "../../src/venues/etherfi/Simulated.js"
import * as LidoConfig from "../../src/venues/lido/Config.js"
import * as Lido from "../../src/venues/lido/Simulated.js"
import * as Anvil from "./Anvil.js"
import * as LstDeploy from "./LstDeploy.js"

const begin = Timestamp.unsafe("2024-06-01T00:00:00Z")

/** Steps of an hour that a request waits. */
const wait = 4

const fee = Decimal.unsafe("0.003")

const actions = ["stake", "stake_wrapped", "wrap", "unwrap", "unstake", "unstake_wrapped", "redeem", "redeem_wrapped", "claim"] as const

type Action = (typeof actions)[number]

interface Step {
  readonly action: Action
  readonly amount: bigint | "max"
  /** Change of the rate before it, in 1e-16. */
  readonly change: bigint
}

const amount = FastCheck.oneof(
  { weight: 8, arbitrary: FastCheck.bigInt({ min: 1n, max: 30n * Amount.unit }) },
  { weight: 2, arbitrary: FastCheck.bigInt({ min: 1n, max: 120n }) },
  { weight: 2, arbitrary: FastCheck.bigInt({ min: 900n * Amount.unit, max: 2_300n * Amount.unit }) },
  { weight: 1, arbitrary: FastCheck.constant("max" as const) }
)

const step: FastCheck.Arbitrary<Step> = FastCheck.record({
  action: FastCheck.constantFrom(...actions, "stake", "unstake", "claim", "claim"),
  amount,
  // Up as in a day, unchanged, or down as by a slashing.
  change: FastCheck.oneof(
    { weight: 5, arbitrary: FastCheck.bigInt({ min: 1n, max: 3n * 10n ** 12n }) },
    { weight: 1, arbitrary: FastCheck.constant(0n) },
    { weight: 2, arbitrary: FastCheck.bigInt({ min: -(10n ** 13n), max: -1n }) }
  )
})

/** What the trader has: ether as it changes, tokens and shares. */
interface Shown {
  readonly token: bigint
  readonly wrapped: bigint
  readonly shares: bigint
}

/** One protocol on the chain. */
interface OnChain {
  readonly read: () => Promise<Shown>
  readonly report: (pool: ShareToken.Pool) => Promise<void>
  /** Finalises every request up to one. */
  readonly finalise: (id: number, pool: ShareToken.Pool) => Promise<void>
  readonly claimable: (ids: ReadonlyArray<number>) => Promise<TransactionReceipt>
  /** Everything but a claim. */
  readonly perform: (action: Action, amount: bigint, pool: ShareToken.Pool) => Promise<Performed>
}

interface Performed {
  readonly receipt: TransactionReceipt
  /** How many requests it makes. */
  readonly requests: number
  /** Gas of a transaction that went before, and succeeded. */
  readonly before?: bigint
}

/** Shares so many that the trader's own stakes do not move the rate, which the simulation takes for granted. */
const depth = 10n ** 20n

const deepen = ({ pooled, shares }: ShareToken.Pool) => [pooled * depth, shares * depth] as const

const lidoOn = (client: Anvil.TestClient, pool: ShareToken.Pool) =>
  Effect.map(LstDeploy.lido(client, ...deepen(pool)), ({ queue, token, wrapped }): OnChain => {
    const trader = client.account.address
    const { least, most } = LidoConfig.resolve().contracts
    const one = async (receipt: Promise<TransactionReceipt>): Promise<Performed> => ({ receipt: await receipt, requests: 0 })
    return {
      read: async () => {
        const [shown, held, shares] = (await LstDeploy.read(client, [
          [token, "balanceOf", trader],
          [wrapped, "balanceOf", trader],
          [token, "sharesOf", trader]
        ])) as ReadonlyArray<bigint>
        return { token: shown!, wrapped: held!, shares: shares! }
      },
      report: async (pool) => void (await LstDeploy.send(client, token, "report", deepen(pool))),
      finalise: async (id, pool) =>
        void (await LstDeploy.send(client, queue, "finalize", [BigInt(id), ShareToken.rate27(pool)], 20_000n * Amount.unit)),
      claimable: async (ids) => {
        const last = (await LstDeploy.read(client, [[queue, "getLastCheckpointIndex"]]))[0]
        const sorted = ids.map(BigInt)
        const [hints] = await LstDeploy.read(client, [[queue, "findCheckpointHints", sorted, 1n, last]])
        return LstDeploy.send(client, queue, "claimWithdrawals", [sorted, hints])
      },
      perform: async (action, amount, pool) => {
        switch (action) {
          case "stake":
            return one(LstDeploy.send(client, token, "submit", [trader], amount))
          case "stake_wrapped":
            return one(LstDeploy.pay(client, wrapped, amount))
          case "wrap":
          case "unwrap":
            return one(LstDeploy.send(client, wrapped, action, [amount]))
          default: {
            const ofWrapped = action === "unstake_wrapped"
            const parts = ofWrapped
              ? Queue.parts(amount, ShareToken.toShares(pool, least.amount) + 1n, ShareToken.toShares(pool, most))
              : Queue.parts(amount, least.amount, most)
            const name = ofWrapped ? "requestWithdrawalsWstETH" : "requestWithdrawals"
            return { receipt: await LstDeploy.send(client, queue, name, [parts, trader]), requests: parts.length }
          }
        }
      }
    }
  })

const etherfiOn = (client: Anvil.TestClient, first: ShareToken.Pool) =>
  Effect.map(LstDeploy.etherfi(client, ...deepen(first), 30n), ({ adapter, pool, queue, redemption, token, wrapped }): OnChain => {
    const trader = client.account.address
    const one = async (receipt: Promise<TransactionReceipt>, requests = 0): Promise<Performed> => ({ receipt: await receipt, requests })
    return {
      read: async () => {
        const [shown, held, shares] = (await LstDeploy.read(client, [
          [token, "balanceOf", trader],
          [wrapped, "balanceOf", trader],
          [token, "shares", trader]
        ])) as ReadonlyArray<bigint>
        return { token: shown!, wrapped: held!, shares: shares! }
      },
      report: async (next) => void (await LstDeploy.send(client, pool, "report", deepen(next))),
      finalise: async (id) => {
        await client.setBalance({ address: pool.address, value: 10n ** 6n * Amount.unit })
        await LstDeploy.send(client, queue, "finalizeRequests", [BigInt(id)])
      },
      claimable: (ids) => LstDeploy.send(client, queue, "batchClaimWithdraw", [ids.map(BigInt)]),
      perform: async (action, amount) => {
        switch (action) {
          case "stake":
            return one(LstDeploy.send(client, pool, "deposit", [], amount))
          case "stake_wrapped":
            return one(LstDeploy.send(client, adapter, "depositETHForWeETH", [trader], amount))
          case "wrap":
          case "unwrap":
            return one(LstDeploy.send(client, wrapped, action, [amount]))
          case "redeem":
            return one(LstDeploy.send(client, redemption, "redeemEEth", [amount, trader]))
          case "redeem_wrapped":
            return one(LstDeploy.send(client, redemption, "redeemWeEth", [amount, trader]))
          case "unstake_wrapped": {
            // Two transactions: where the first fails, nothing is asked back.
            const unwrapped = await LstDeploy.send(client, wrapped, "unwrap", [amount])
            if (unwrapped.status === "reverted") return { receipt: unwrapped, requests: 1 }
            const [ether] = await LstDeploy.read(client, [[wrapped, "getEETHByWeETH", amount]])
            return { ...(await one(LstDeploy.send(client, pool, "requestWithdraw", [trader, ether]), 1)), before: unwrapped.gasUsed }
          }
          default:
            return one(LstDeploy.send(client, pool, "requestWithdraw", [trader, amount]), 1)
        }
      }
    }
  })

/** An instruction that means the same. */
const instruction = ({ token, venue, wrapped }: Protocol.Protocol, action: Action, amount: bigint | "max"): Instruction.SmartContractAction => {
  const of = (name: Instruction.Action, asset: string, tokenOut?: string): Instruction.SmartContractAction => ({
    instructionType: "smart_contract_action",
    protocol: { venue, sub: undefined },
    action: name,
    token: asset,
    ...(name === "claim" ? {} : { amount }),
    ...(tokenOut === undefined ? {} : { tokenOut })
  })
  switch (action) {
    case "stake":
      return of(action, "ETH")
    case "stake_wrapped":
      return of("stake", "ETH", wrapped)
    case "wrap":
      return of(action, token)
    case "unwrap":
      return of(action, wrapped)
    case "unstake":
      return of(action, token)
    case "unstake_wrapped":
      return of("unstake", wrapped)
    case "redeem":
      return of("unstake", token, "ETH")
    case "redeem_wrapped":
      return of("unstake", wrapped, "ETH")
    case "claim":
      return of(action, "ETH")
  }
}

const ratesOf = (first: bigint, steps: ReadonlyArray<Step>): ReadonlyArray<Decimal.Decimal> => {
  let rate = first
  return steps.map(({ change }) => Decimal.make((rate += change), 16))
}

/** The venue alone over these rates, an hour each, with ether in the wallet. */
const simulated = (protocol: Protocol.Protocol, rates: ReadonlyArray<Decimal.Decimal>) =>
  Effect.gen(function*() {
    const series = Object.fromEntries(rates.map((rate, hour) => [Timestamp.format(begin + hour * Timestamp.hour), Decimal.format(rate)]))
    const config = { withdrawalDays: wait / 24 }
    const context = yield* Layer.build(Layers.world({
      at: begin,
      data: { [Protocol.series(protocol)]: series },
      balances: { "wallet:wallet": { ETH: "1000000" } },
      venues: [protocol.venue === "lido" ? Lido.layer(config) : EtherFi.layer({ ...config, instantExitFee: fee })]
    }))
    const simulation = Context.get(context, Simulation.Simulation)
    const venue = yield* Context.get(context, VenueRegistry.VenueRegistry).get(protocol.venue)
    return { venue, world: simulation.world }
  })

interface Tally {
  steps: number
  done: number
  refused: number
  /** Claims that paid less than was asked. */
  short: number
  readonly gas: Map<string, ReadonlyArray<bigint>>
}

const run = (
  protocol: Protocol.Protocol,
  client: Anvil.TestClient,
  chain: OnChain,
  steps: ReadonlyArray<Step>,
  rates: ReadonlyArray<Decimal.Decimal>,
  tally: Tally
) =>
  Effect.gen(function*() {
    const { venue, world } = yield* simulated(protocol, rates)
    const trader = client.account.address
    const shown = Effect.map(world, (then): Shown => ({
      token: World.balance(then, Protocol.wallet, protocol.token),
      wrapped: World.balance(then, Protocol.wallet, protocol.wrapped),
      shares: protocol.slot.get(then).holding.shares
    }))
    const ether = Effect.map(world, (then) => World.balance(then, Protocol.wallet, "ETH"))
    const made: Array<{ readonly id: number; readonly due: number; claimed: boolean }> = []
    let finalised = 0
    for (const [hour, { action, amount: asked }] of steps.entries()) {
      const now = begin + hour * Timestamp.hour
      const pool = ShareToken.ofRate(rates[hour]!)
      yield* Effect.promise(() => chain.report(pool))
      const due = made.filter((request) => request.due <= hour && request.id > finalised)
      if (due.length > 0) {
        finalised = due[due.length - 1]!.id
        yield* Effect.promise(() => chain.finalise(finalised, pool))
      }
      yield* venue.accruals(now)
      const before = yield* Effect.promise(chain.read)
      assert.deepStrictEqual(yield* shown, before, `step ${hour}, at the rate of ${Decimal.format(rates[hour]!)}`)

      const amount = asked === "max" && action.startsWith("stake") ? Amount.unit : asked
      const intent: Venue.Intent<Instruction.SmartContractAction> = {
        operationId: `op-${hour}`,
        at: now,
        instruction: instruction(protocol, action, amount)
      }
      const had = yield* ether
      const asking = protocol.slot.get(yield* world).requests.filter((request) => request.due <= now)
      const outcome = yield* Effect.either(
        Effect.flatMap(venue.action!.prepare(intent), (call) => venue.action!.submit(Venue.journaled(intent, call)))
      )
      // Lido has no such exit, and nothing to compare it with.
      if (protocol.venue === "lido" && action.startsWith("redeem")) {
        assert.isTrue(Either.isLeft(outcome))
        continue
      }
      const open = made.filter((request) => !request.claimed && request.id <= finalised)
      const waiting = made.find((request) => request.id > finalised)
      if (action === "claim" && open.length === 0 && waiting === undefined) {
        assert.isTrue(Either.isLeft(outcome))
        continue
      }
      const balance = yield* Effect.promise(() => client.getBalance({ address: trader }))
      const { before: gasBefore, receipt, requests } = yield* Effect.promise(async (): Promise<Performed> => {
        if (action === "claim") {
          return { receipt: await chain.claimable(open.length > 0 ? open.map(({ id }) => id) : [waiting!.id]), requests: 0 }
        }
        const all = action === "unwrap" || action === "unstake_wrapped" || action === "redeem_wrapped" ? before.wrapped : before.token
        return chain.perform(action, amount === "max" ? all : amount, pool)
      })
      tally.steps++
      const told = Either.isLeft(outcome) ? outcome.left.message : "done"
      assert.strictEqual(receipt.status === "success", Either.isRight(outcome), `step ${hour}, ${action} of ${amount}: ${told}`)
      if (Either.isLeft(outcome)) {
        tally.refused++
        assert.deepStrictEqual(yield* shown, before)
        // What went before is one step with it here, and stays done on the chain: the two are no longer the same.
        if (gasBefore !== undefined) return
        continue
      }
      tally.done++
      tally.gas.set(action, [...(tally.gas.get(action) ?? []), receipt.gasUsed / BigInt(Math.max(requests, action === "claim" ? open.length : 1))])
      for (let id = made.length + 1, end = made.length + requests; id <= end; id++) made.push({ id, due: hour + wait, claimed: false })
      if (action === "claim") {
        for (const request of open) request.claimed = true
        if ((yield* ether) - had < asking.reduce((sum, request) => sum + request.amount, 0n)) tally.short++
      }
      assert.deepStrictEqual(yield* shown, yield* Effect.promise(chain.read), `step ${hour}, after ${action} of ${amount}`)
      if (gasBefore === undefined) {
        const after = yield* Effect.promise(() => client.getBalance({ address: trader }))
        const spent = receipt.gasUsed * receipt.effectiveGasPrice
        assert.strictEqual((yield* ether) - had, after - balance + spent, `ether of step ${hour}, ${action} of ${amount}`)
      }
      assert.strictEqual(protocol.slot.get(yield* world).made, made.length)
    }
  })

const summary = (name: string, sequences: number, { done, gas, refused, short, steps }: Tally): string => {
  const costs = [...gas].map(([action, all]) => `${action} ${all.reduce((a, b) => (a > b ? a : b), 0n)}`)
  return `${name}: ${sequences} sequences, ${steps} actions (${done} done, ${refused} refused by both; ${short} claims of less than was asked), largest difference 0; gas at most ${costs.join(", ")}`
}

const protocols = [
  { protocol: LidoConfig.resolve({ withdrawalDays: wait / 24 }), first: 11_634n * 10n ** 12n, on: lidoOn },
  { protocol: EtherFiConfig.resolve({ withdrawalDays: wait / 24 }), first: 10_396_831_081_397_173n, on: etherfiOn }
]

describe("staking beside the contracts", () => {
  for (const { first, on, protocol } of protocols) {
    it.scopedLive(`${protocol.venue}: random sequences of stakes, wraps, rebases, requests and claims`, () =>
      Effect.gen(function*() {
        const { url } = yield* Anvil.start()
        const client = Anvil.client(url, 1)
        yield* Effect.promise(() => client.setBalance({ address: client.account.address, value: 10n ** 6n * Amount.unit }))
        const tally: Tally = { steps: 0, done: 0, refused: 0, short: 0, gas: new Map() }
        const seeds = [1, 2, 3, 4]
        for (const seed of seeds) {
          const steps = FastCheck.sample(step, { numRuns: 32, seed })
          // Something to begin with, so that few of the others are refused.
          const sequence: ReadonlyArray<Step> = [
            { action: "stake", amount: 3_000n * Amount.unit, change: 0n },
            { action: "stake_wrapped", amount: 3_000n * Amount.unit, change: 1n },
            ...steps
          ]
          const rates = ratesOf(first, sequence)
          const chain = yield* on(client, ShareToken.ofRate(rates[0]!))
          yield* run(protocol, client, chain, sequence, rates, tally)
        }
        console.log(summary(protocol.venue, seeds.length, tally))
        assert.isTrue(tally.done >= 60 && tally.refused >= 5 && tally.short >= 3, summary(protocol.venue, seeds.length, tally))
        for (const action of ["stake", "stake_wrapped", "wrap", "unwrap", "unstake", "unstake_wrapped", "claim"]) {
          assert.isTrue(tally.gas.has(action), `${action} was done`)
        }
      }), 90_000)
  }

  it.scopedLive("the arithmetic of shares at pools of any size", () =>
    Effect.gen(function*() {
      const { url } = yield* Anvil.start()
      const client = Anvil.client(url, 1)
      const unit = FastCheck.bigInt({ min: 1n, max: 10n ** 26n })
      const lido = yield* LstDeploy.lido(client, 1n, 1n)
      const etherfi = yield* LstDeploy.etherfi(client, 1n, 1n, 30n)
      for (const [pooled, shares, values] of FastCheck.sample(FastCheck.tuple(unit, unit, FastCheck.array(unit, { minLength: 20, maxLength: 20 })), { numRuns: 8, seed: 1 })) {
        const pool = { pooled, shares }
        yield* Effect.promise(() => LstDeploy.send(client, lido.token, "report", [pooled, shares]))
        yield* Effect.promise(() => LstDeploy.send(client, etherfi.pool, "report", [pooled, shares]))
        for (const [contract, toShares, toAmount] of [
          [lido.token, "getSharesByPooledEth", "getPooledEthByShares"],
          [etherfi.pool, "sharesForAmount", "amountForShare"]
        ] as const) {
          const told = yield* Effect.promise(() =>
            LstDeploy.read(client, values.flatMap((value) => [[contract, toShares, value] as const, [contract, toAmount, value] as const])))
          assert.deepStrictEqual(told, values.flatMap((value) => [ShareToken.toShares(pool, value), ShareToken.toAmount(pool, value)]))
        }
      }
    }), 60_000)
})
