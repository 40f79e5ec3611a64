import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { maxUint256, parseEventLogs } from "viem"
import * as Amount from "../../src/domain/Amount.js"
import * as Asset from "../../src/domain/Asset.js"
import * as Entry from "../../src/domain/Entry.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import type * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import type * as Contract from "../../src/sim/Contract.js"
import * as World from "../../src/sim/World.js"
import * as AccountData from "../../src/venues/aave/AccountData.js"
import * as Flash from "../../src/venues/aave/Flash.js"
import * as Interest from "../../src/venues/aave/Interest.js"
import * as Opening from "../../src/venues/aave/Opening.js"
import * as Position from "../../src/venues/aave/Position.js"
import * as Simulated from "../../src/venues/aave/Simulated.js"
import * as AaveSim from "./AaveSim.js"
import * as AaveWorld from "./AaveWorld.js"
import * as Anvil from "./Anvil.js"
import { checked } from "../sim/liquidations.js"

const { settings, tokens } = AaveSim
const lendingActions = ["supply", "withdraw", "borrow", "repay"] as const

const seconds = FastCheck.oneof(FastCheck.integer({ min: 1, max: 7_200 }), FastCheck.integer({ min: 1, max: 40 * 86_400 }))
const token = FastCheck.constantFrom(...tokens)

/** Dollars, or units of the token. */
const size = FastCheck.oneof(
  { weight: 6, arbitrary: FastCheck.record({ dollars: FastCheck.integer({ min: 1, max: 70_000 }) }) },
  { weight: 1, arbitrary: FastCheck.bigInt({ min: 1n, max: 3n }) },
  { weight: 3, arbitrary: FastCheck.constant("max" as const) }
)

const done = FastCheck.oneof(
  { weight: 12, arbitrary: FastCheck.record({ action: FastCheck.constantFrom(...lendingActions), token, size }) },
  { weight: 2, arbitrary: FastCheck.record({ action: FastCheck.constant("set_collateral" as const), token, enabled: FastCheck.boolean() }) },
  { weight: 2, arbitrary: FastCheck.record({ action: FastCheck.constant("set_emode" as const), category: FastCheck.constantFrom(0, 1, 1, 7) }) },
  { weight: 1, arbitrary: FastCheck.record({ action: FastCheck.constant("flash" as const), token, size }) }
)

const chosen = FastCheck.record({
  done,
  seconds,
  /** Where present, the prices in dollars from now on, and the rate of the liquid staking token in 1e-4. */
  market: FastCheck.option(
    FastCheck.record({
      ether: FastCheck.integer({ min: 1_600, max: 4_000 }),
      bitcoin: FastCheck.integer({ min: 40_000, max: 90_000 }),
      rate: FastCheck.integer({ min: 10_300, max: 10_600 })
    }),
    { freq: 1, nil: undefined }
  )
})

/** Indebted from the start, so that prices can liquidate: against dollars, in an efficiency mode, and of several kinds. */
const begun = (seed: number): ReadonlyArray<Chosen["done"]> => {
  const lend = (token: (typeof tokens)[number], size: Extract<Chosen["done"], { readonly size: unknown }>["size"] = "max") =>
    ({ action: "supply", token, size }) as const
  const owe = (token: (typeof tokens)[number], size: Extract<Chosen["done"], { readonly size: unknown }>["size"] = "max") =>
    ({ action: "borrow", token, size }) as const
  switch (seed % 3) {
    case 0:
      return [lend("WETH"), owe("USDT")]
    case 1:
      return [lend("WBTC"), { action: "set_emode", category: 1 }, lend("weETH", { dollars: 60_000 }), owe("WETH")]
    default:
      return [lend("weETH", { dollars: 50_000 }), lend("WETH", { dollars: 30_000 }), owe("WETH", { dollars: 20_000 }), owe("USDT")]
  }
}

type Chosen = typeof chosen extends FastCheck.Arbitrary<infer A> ? A : never

const instruction = (
  action: Instruction.Action,
  token: string,
  rest: Partial<Instruction.SmartContractAction>
): Instruction.SmartContractAction => ({ instructionType: "smart_contract_action", protocol: { venue: "aave", sub: undefined }, action, token, ...rest })

const run = (contract: Contract.Contract, world: World.World, snapshot: MarketSnapshot.MarketSnapshot, asked: Instruction.SmartContractAction) =>
  Either.getOrThrow(contract.prepare({ operationId: "1", at: snapshot.at, instruction: asked })).run(world, snapshot)

const unitsOf = (snapshot: MarketSnapshot.MarketSnapshot, token: string, size: { readonly dollars: number } | bigint): bigint =>
  typeof size === "bigint"
    ? size
    : (BigInt(size.dollars) * 10n ** 8n * 10n ** BigInt(Asset.decimals(token))) / Either.getOrThrow(AccountData.oraclePrice(snapshot, token))

describe("the simulated venue beside Aave v3.0.2", () => {
  it.scopedLive("reserves, position and wallet over random instructions, interest, e-mode, flash loans and liquidations, to the unit", () =>
    Effect.gen(function*() {
      const { url } = yield* Anvil.start()
      const [admin, trader, liquidator] = [0, 1, 2].map((index) => Anvil.client(url, index)) as [Anvil.TestClient, Anvil.TestClient, Anvil.TestClient]
      const self = trader.account.address
      const deployed = yield* Effect.promise(() => AaveSim.deploy(admin, trader, liquidator))
      const chain = AaveWorld.chain(admin, deployed)
      const send = (user: Anvil.TestClient, timestamp: bigint, ...calls: ReadonlyArray<AaveWorld.Call>) =>
        Effect.promise(() => chain.calls(user, timestamp, calls))
      const read = Effect.promise(() => chain.read(self))
      const contract = Simulated.contract(settings)
      const model = Interest.model(settings)
      const addressOf = (symbol: string) => deployed.reserves.get(symbol)!.token
      const total = { sequences: 0, done: 0, refused: 0, liquidations: 0, flash: 0, switched: 0, names: new Set<string>() }
      const gasOf = new Map<string, bigint>()
      const measure = (what: string, { gasUsed, refusal }: AaveWorld.Called) => {
        if (refusal === undefined && gasUsed > (gasOf.get(what) ?? 0n)) gasOf.set(what, gasUsed)
      }
      const begin = yield* Effect.promise(async () => (await admin.getBlock()).timestamp)
      let base = yield* Effect.promise(() => admin.snapshot())

      for (const seed of AaveSim.seeds) {
        yield* Effect.promise(() => admin.revert({ id: base }))
        base = yield* Effect.promise(() => admin.snapshot())
        const first = yield* read
        let now = begin + 10n
        let market = AaveSim.opening
        let simulated = AaveSim.worldOf(first, now)

        const prelude = begun(seed).map((done): Chosen => ({ done, seconds: 60, market: undefined }))
        for (const next of [...prelude, ...FastCheck.sample(chosen, { numRuns: AaveSim.steps, seed })]) {
          if (next.market !== undefined) {
            market = { ether: BigInt(next.market.ether), bitcoin: BigInt(next.market.bitcoin), rate: BigInt(next.market.rate) }
            now += 1n
            const priced = AaveSim.snapshotAt(now, market)
            const calls = tokens.map((symbol) => AaveSim.price(deployed, symbol, priced))
            for (const { refusal } of yield* send(admin, now, ...calls)) assert.isUndefined(refusal)
          }
          now += BigInt(next.seconds)
          const snapshot = AaveSim.snapshotAt(now, market)
          const settled = Either.getOrThrow(model.settle(simulated, snapshot))
          simulated = { ...settled.world, at: snapshot.at }
          assert.deepStrictEqual(Entry.imbalance(settled.value.flatMap(({ entries }) => entries)), [])
          const liquidations = checked(settled.value)

          if (liquidations.length > 0) {
            const calls = liquidations.map(({ detail }) => ({
              to: deployed.pool,
              functionName: "liquidationCall",
              args: [addressOf(detail["collateral"] as string), addressOf(detail["debt"] as string), self, maxUint256, false]
            }))
            const called = yield* send(liquidator, now, ...calls)
            called.forEach(({ logs, refusal }, n) => {
              const { debt, collateral, repaid, seized } = liquidations[n]!.detail as Record<string, string>
              assert.isUndefined(refusal, `${n} of ${liquidations.length}, ${debt} against ${collateral}`)
              const [event] = parseEventLogs({ abi: AaveWorld.abi, eventName: "LiquidationCall", logs: [...logs] })
              assert.strictEqual(Amount.format(Amount.fromUnits(event!.args.repaid, Asset.decimals(debt!))), repaid)
              assert.strictEqual(Amount.format(Amount.fromUnits(event!.args.seized, Asset.decimals(collateral!))), seized)
              measure("liquidationCall", called[n]!)
            })
            total.liquidations += liquidations.length
          } else {
            yield* act(next, snapshot)
          }
          yield* compare(snapshot)
        }
        total.sequences++

        function act({ done }: Chosen, snapshot: MarketSnapshot.MarketSnapshot) {
          return Effect.gen(function*() {
            const told: Array<AaveWorld.Call> = []
            let ran: ReturnType<typeof run>
            if (done.action === "set_emode") {
              ran = run(contract, simulated, snapshot, instruction(done.action, "WETH", { emodeCategory: done.category }))
              told.push({ to: deployed.pool, functionName: "setUserEMode", args: [done.category] })
            } else if (done.action === "set_collateral") {
              ran = run(contract, simulated, snapshot, instruction(done.action, done.token, { enabled: done.enabled }))
              told.push({ to: deployed.pool, functionName: "setUserUseReserveAsCollateral", args: [addressOf(done.token), done.enabled] })
            } else {
              const decimals = Asset.decimals(done.token)
              const held = Amount.toUnits(World.balance(simulated, Opening.wallet, done.token), decimals, "down")
              const all = done.size === "max"
              const units = done.size === "max" ? spare(snapshot, done.token) : unitsOf(snapshot, done.token, done.size)
              if (done.action === "flash") {
                const premium = Flash.premium(settings, units)
                if (premium > held) return void (yield* send(trader, BigInt(snapshot.at / 1000)))
                const lent = run(contract, simulated, snapshot, instruction("flash_borrow", done.token, { amount: Amount.fromUnits(units, decimals) }))
                ran = Either.flatMap(lent, ({ world }) => {
                  assert.match(contract.open!(world)!.message, /is not given back/)
                  return run(contract, world, snapshot, instruction("flash_repay", done.token, { amount: "max" }))
                })
                told.push({ to: deployed.pool, functionName: "flashLoanSimple", args: [deployed.receiver, addressOf(done.token), units, "0x", 0] })
                // The receiver of the mocks mints its premium: the trader pays as much.
                if (Either.isRight(ran)) told.push({ to: addressOf(done.token), functionName: "transfer", args: [deployed.receiver, premium] })
              } else {
                const amount = all && done.action !== "borrow" ? "max" : Amount.fromUnits(units, decimals)
                ran = run(contract, simulated, snapshot, instruction(done.action, done.token, { amount }))
                const asked = amount !== "max" ? units : done.action === "supply" ? held : amount
                told.push(AaveWorld.call(deployed, self, done.action, addressOf(done.token), asked))
              }
            }
            const [called] = yield* send(trader, BigInt(snapshot.at / 1000), ...told)
            const what = `${JSON.stringify(done, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value))}: ${called!.refusal ?? "done"} on the chain, ${
              Either.isLeft(ran) ? ran.left.message : "done"
            }`
            assert.strictEqual(Either.isLeft(ran), called!.refusal !== undefined, what)
            measure(told[0]!.functionName, called!)
            if (Either.isLeft(ran)) {
              assert.isTrue(AaveSim.isSame(called!.refusal!, ran.left), what)
              total.names.add(called!.refusal!)
              total.refused++
              return
            }
            assert.deepStrictEqual(Entry.imbalance(ran.right.value.entries), [])
            assert.isUndefined(contract.open!(ran.right.world))
            simulated = ran.right.world
            total.done++
            if (done.action === "flash") {
              const [event] = parseEventLogs({ abi: AaveWorld.abi, eventName: "FlashLoan", logs: [...called!.logs] })
              assert.strictEqual(Amount.format(Amount.fromUnits(event!.args.premium, Asset.decimals(done.token))), ran.right.value.detail["premium"])
              total.flash++
            }
            if (done.action === "set_emode" || done.action === "set_collateral") total.switched++
          })
        }

        /** Nearly all that the collateral still carries. */
        function spare(snapshot: MarketSnapshot.MarketSnapshot, symbol: string): bigint {
          const data = Either.getOrThrow(AccountData.of(settings, Position.slot.get(simulated), snapshot))
          const value = (data.collateral * data.ltv) / 10_000n - data.debt
          const units = unitsOf(snapshot, symbol, value < 10n ** 9n ? 1_000n : { dollars: Number((value * 99n) / 10n ** 10n) })
          return units > 0n ? units : 1n
        }

        function compare(snapshot: MarketSnapshot.MarketSnapshot) {
          return Effect.map(read, (stored) => {
            const position = Position.slot.get(simulated)
            for (const [symbol, seen] of stored.reserves) {
              const held = Position.holding(position, symbol)
              assert.deepStrictEqual(position.pool.get(symbol), seen.reserve, symbol)
              assert.deepStrictEqual([held.supply, held.debt], [seen.supply, seen.debt], symbol)
              if (held.supply > 0n) assert.strictEqual(held.collateral, seen.collateral, symbol)
              const units = (account: string, asset: string) =>
                Amount.toUnits(World.balance(simulated, account as never, asset), Asset.decimals(symbol), "down")
              assert.strictEqual(units(Opening.wallet, symbol), seen.wallet, symbol)
              assert.strictEqual(units(Opening.account, Asset.claimOn(symbol)), seen.aToken, symbol)
              assert.strictEqual(units(Opening.account, Asset.debtOf(symbol)), seen.debtToken, symbol)
            }
            assert.strictEqual(BigInt(position.emode), stored.emode)
            const data = Either.getOrThrow(AccountData.of(settings, position, snapshot))
            assert.deepStrictEqual(
              [data.collateral, data.debt, data.healthFactor ?? maxUint256],
              [stored.account.collateral, stored.account.debt, stored.account.healthFactor]
            )
          })
        }
      }
      assert.isTrue(total.done >= 60 && total.refused >= 20 && total.liquidations >= 5 && total.flash >= 3 && total.switched >= 5, JSON.stringify({ ...total, names: [...total.names] }))
      console.info(
        `aave: ${total.sequences} sequences, ${total.done} instructions done (${total.flash} flash loans, ${total.switched} switches), ` +
          `${total.refused} refused (${[...total.names].sort().join(", ")}), ${total.liquidations} liquidations, largest difference 0; gas at most ${
            [...gasOf].map(([name, used]) => `${name} ${used}`).join(", ")
          }`
      )
    }), 180_000)

  it.scopedLive("refuses what the pool refuses in reserves that are frozen, paused or closed to loans, by the same names", () =>
    Effect.gen(function*() {
      const { url } = yield* Anvil.start()
      const [admin, trader, liquidator] = [0, 1, 2].map((index) => Anvil.client(url, index)) as [Anvil.TestClient, Anvil.TestClient, Anvil.TestClient]
      const self = trader.account.address
      const deployed = yield* Effect.promise(() => AaveSim.deploy(admin, trader, liquidator))
      const chain = AaveWorld.chain(admin, deployed)
      const send = (user: Anvil.TestClient, timestamp: bigint, ...calls: ReadonlyArray<AaveWorld.Call>) =>
        Effect.promise(() => chain.calls(user, timestamp, calls))
      const addressOf = (symbol: string) => deployed.reserves.get(symbol)!.token
      const contract = Simulated.contract(settings)
      const first = yield* Effect.promise(() => chain.read(self))
      let now = (yield* Effect.promise(async () => (await admin.getBlock()).timestamp)) + 1n
      let simulated = AaveSim.worldOf(first, now)
      // Something is supplied and owed everywhere, before anything is closed.
      const one = (symbol: string) => 10n ** BigInt(Asset.decimals(symbol))
      for (const [action, symbol, whole] of [
        ["supply", "USDT", 50_000n], ["supply", "WETH", 5n], ["supply", "weETH", 5n], ["supply", "WBTC", 1n],
        ["borrow", "USDT", 100n], ["borrow", "WETH", 1n], ["borrow", "weETH", 1n]
      ] as const) {
        const units = whole * one(symbol)
        const [called] = yield* send(trader, now, AaveWorld.call(deployed, self, action, addressOf(symbol), units))
        assert.isUndefined(called!.refusal)
        const amount = Amount.fromUnits(units, Asset.decimals(symbol))
        simulated = Either.getOrThrow(run(contract, simulated, AaveSim.snapshotAt(now, AaveSim.opening), instruction(action, symbol, { amount }))).world
        now += 1n
      }
      for (const [functionName, symbol, value] of [
        ["setReserveFreeze", "WETH", true],
        ["setReservePause", "weETH", true],
        ["setReserveFlashLoaning", "WBTC", false]
      ] as const) {
        const [called] = yield* send(admin, now, { to: deployed.configurator, functionName, args: [addressOf(symbol), value] })
        assert.isUndefined(called!.refusal)
        now += 1n
      }
      const reserves = new Map(settings.reserves)
      reserves.set("WETH", { ...reserves.get("WETH")!, frozen: true })
      reserves.set("weETH", { ...reserves.get("weETH")!, paused: true })
      reserves.set("WBTC", { ...reserves.get("WBTC")!, flashable: false })
      const closed = Simulated.contract({ ...settings, reserves })

      const names: Array<string> = []
      for (const symbol of tokens) {
        for (const action of [...lendingActions, "set_collateral", "flash_borrow"] as const) {
          const units = one(symbol) / 10n
          const asked = action === "set_collateral" ? { enabled: false } : { amount: Amount.fromUnits(units, Asset.decimals(symbol)) }
          now += 1n
          const ran = run(closed, simulated, AaveSim.snapshotAt(now, AaveSim.opening), instruction(action, symbol, asked))
          const told: AaveWorld.Call = action === "set_collateral"
            ? { to: deployed.pool, functionName: "setUserUseReserveAsCollateral", args: [addressOf(symbol), false] }
            : action === "flash_borrow"
              ? { to: deployed.pool, functionName: "flashLoanSimple", args: [deployed.receiver, addressOf(symbol), units, "0x", 0] }
              : AaveWorld.call(deployed, self, action, addressOf(symbol), units)
          const base = yield* Effect.promise(() => admin.snapshot())
          const [called] = yield* send(trader, now, told)
          yield* Effect.promise(() => admin.revert({ id: base }))
          const what = `${action} ${symbol}: ${called!.refusal ?? "done"} on the chain, ${Either.isLeft(ran) ? ran.left.message : "done"}`
          assert.strictEqual(Either.isLeft(ran), called!.refusal !== undefined, what)
          if (Either.isRight(ran)) continue
          assert.isTrue(AaveSim.isSame(called!.refusal!, ran.left), what)
          names.push(`${action} ${symbol} ${called!.refusal}`)
        }
      }
      assert.deepStrictEqual(names, [
        "supply WETH 28",
        "borrow WETH 28",
        "supply weETH 29",
        "withdraw weETH 29",
        "borrow weETH 29",
        "repay weETH 29",
        "set_collateral weETH 29",
        "flash_borrow weETH 29",
        "borrow WBTC 30",
        "repay WBTC 39",
        "flash_borrow WBTC 91"
      ])
    }), 120_000)
})
