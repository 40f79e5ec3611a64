import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "../../src/domain/Amount.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Entry from "../../src/domain/Entry.js"
import type * as Instruction from "../../src/domain/Instruction.js"
import type * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as World from "../../src/sim/World.js"
import * as Config from "../../src/venues/morpho/Config.js"
import * as Interest from "../../src/venues/morpho/Interest.js"
import * as Market from "../../src/venues/morpho/Market.js"
import * as SharesMath from "../../src/venues/morpho/SharesMath.js"
import * as Simulated from "../../src/venues/morpho/Simulated.js"
import * as State from "../../src/venues/morpho/State.js"
import * as Anvil from "./Anvil.js"
import { checked } from "../sim/liquidations.js"
import * as MorphoChain from "./MorphoChain.js"
import * as MorphoDeploy from "./MorphoDeploy.js"

const { account, wallet } = State
const unit = 10n ** 18n
const trader = 1
const steps = 40

/** The market of the simulation: weETH for WETH, at the rate that the snapshot says. */
const settings = Config.resolve({ markets: { "weETH-WETH-94.5": { irm: "adaptive_curve" } } })
const listed = settings.markets.get("weETH-WETH-94.5")!

const snapshotAt = (at: number, rate: bigint): MarketSnapshot.MarketSnapshot => ({
  at,
  observe: (series) => (series === "oracle.weETH/ETH" ? { at, value: Decimal.make(rate, 18) } : undefined),
  since: () => [],
  has: (series) => series === "oracle.weETH/ETH",
  maxAge: () => Infinity,
  step: () => undefined,
  staleFills: () => false
})

const actions = ["supply", "withdraw", "borrow", "repay", "supply_collateral", "withdraw_collateral"] as const

const chosen = FastCheck.record({
  action: FastCheck.constantFrom(...actions),
  amount: FastCheck.oneof(
    FastCheck.bigInt({ min: 1n, max: 100n * unit }),
    FastCheck.bigInt({ min: 1n, max: 3n }),
    FastCheck.constant("max" as const)
  ),
  seconds: FastCheck.oneof(FastCheck.integer({ min: 1, max: 7200 }), FastCheck.integer({ min: 1, max: 40 * 86_400 })),
  /** Where present, the oracle says so from now on. */
  rate: FastCheck.option(FastCheck.bigInt({ min: 9n * 10n ** 17n, max: 12n * 10n ** 17n }), { freq: 8, nil: undefined })
})

const fixed = (action: (typeof actions)[number], whole: bigint, percent: bigint) => ({
  action,
  amount: whole * unit,
  seconds: 60,
  rate: percent * 10n ** 16n
})

/** Two loans at the edge: the first collateral suffices when its price falls, the second does not. */
const opening = [
  fixed("supply_collateral", 50n, 120n),
  fixed("borrow", 56n, 120n),
  fixed("supply", 1n, 115n),
  fixed("supply_collateral", 60n, 120n),
  fixed("borrow", 56n, 120n),
  fixed("supply", 1n, 80n)
]

const instruction = (action: (typeof actions)[number], amount: Instruction.Quantity): Instruction.SmartContractAction => ({
  instructionType: "smart_contract_action",
  protocol: { venue: "morpho", sub: undefined },
  action,
  token: action.endsWith("collateral") ? "weETH" : "WETH",
  amount,
  market: listed.name
})

/** The same call as the contract takes it: all of a position by its shares. */
const call = (world: MorphoDeploy.World, self: string, stored: MorphoChain.Stored, action: (typeof actions)[number], amount: bigint | "max") => {
  const position = stored.positions[trader]!
  const by = (assets: bigint, shares: bigint) => (amount === "max" ? [0n, shares] : [assets, 0n])
  const units = amount === "max" ? 0n : amount
  switch (action) {
    case "supply":
      return [action, [world.params, amount === "max" ? stored.loan[trader] : amount, 0n, self, "0x"]] as const
    case "withdraw":
      return [action, [world.params, ...by(units, position.supplyShares), self, self]] as const
    case "borrow":
      return [action, [world.params, units, 0n, self, self]] as const
    case "repay":
      return [action, [world.params, ...by(units, position.borrowShares), self, "0x"]] as const
    case "supply_collateral":
      return ["supplyCollateral", [world.params, amount === "max" ? stored.collateral[trader] : amount, self, "0x"]] as const
    case "withdraw_collateral":
      return ["withdrawCollateral", [world.params, amount === "max" ? position.collateral : amount, self, self]] as const
  }
}

describe("the simulated venue beside Morpho Blue", () => {
  for (const seed of [7, 12]) {
    it.scopedLive(`wallet, claim, debt and collateral over random instructions, interest and liquidations, to the unit (${seed})`, () =>
      Effect.gen(function*() {
        const { url } = yield* Anvil.start()
        const users = [Anvil.client(url, 0), Anvil.client(url, trader)]
        const admin = users[0]!
        const world = yield* MorphoDeploy.world(admin, { irm: "adaptive_curve", lltv: listed.terms.lltv, fee: 0n, price: Market.oraclePriceScale, users })
        const chain = MorphoChain.make(admin, users, world, true)
        const blue = MorphoDeploy.artifacts.morpho().abi
        const mock = MorphoDeploy.artifacts.token().abi
        const oracle = MorphoDeploy.artifacts.oracle().abi
        const [owner, self] = users.map((user) => user.account.address) as [string, string]
        const asked = (user: number, seconds: number, to: `0x${string}`, abi: typeof blue, name: string, args: ReadonlyArray<unknown>) =>
          Effect.promise(() => chain.call(user, seconds, to, abi, name, args))

        // Others lend and borrow, and the trader has 300 of each token.
        for (const [name, args] of [
          ["supply", [world.params, 2000n * unit, 0n, owner, "0x"]],
          ["supplyCollateral", [world.params, 10_000n * unit, owner, "0x"]],
          ["borrow", [world.params, 1800n * unit, 0n, owner, owner]]
        ] as const) assert.isUndefined((yield* asked(0, 12, world.morpho, blue, name, args)).refusal)
        const purse = 300n * unit
        for (const token of [world.loan, world.collateral]) yield* asked(trader, 12, token, mock, "setBalance", [self, purse])
        const first = yield* Effect.promise(() => chain.read())
        const start = yield* Effect.promise(() => chain.now())

        const empty = World.empty(Number(start) * 1000)
        const rich = Either.getOrThrow(World.post(empty, ["WETH", "weETH"].flatMap((token) => Entry.move("opening:balance", wallet, token, purse, "opening"))))
        let simulated = State.slot.set(rich, { ...State.slot.get(rich), markets: new Map([[listed.name, first.market]]) })
        const contract = Simulated.contract(settings)
        const model = Interest.model(settings)
        let rate = unit
        let now = start
        const counts = { done: 0, refused: 0, liquidated: 0, lost: 0 }
        const largest = { claim: 0n, debt: 0n }

        for (const next of [...opening, ...FastCheck.sample(chosen, { numRuns: steps, seed })]) {
          if (next.rate !== undefined) {
            rate = next.rate
            yield* asked(0, 1, world.oracle, oracle, "setPrice", [rate * unit])
            now += 1n
          }
          now += BigInt(next.seconds)
          const snapshot = snapshotAt(Number(now) * 1000, rate)
          const settled = Either.getOrThrow(model.settle(simulated, snapshot))
          simulated = { ...settled.world, at: snapshot.at }
          assert.deepStrictEqual(Entry.imbalance(settled.value.flatMap(({ entries }) => entries)), [])
          checked(settled.value)
          const before = yield* Effect.promise(() => chain.read())
          const position = before.positions[trader]!
          const liquidation = settled.value.find(({ kind }) => kind === "liquidation")
          if (liquidation !== undefined) {
            // Somebody does on the chain what the model says: all of the debt, or all of the collateral.
            const whole = State.held(State.slot.get(simulated), listed).position.collateral > 0n || liquidation.detail["bad_debt"] === "0"
            const args = whole ? [0n, position.borrowShares] : [position.collateral, 0n]
            const called = yield* asked(0, next.seconds, world.morpho, blue, "liquidate", [world.params, self, ...args, "0x"])
            assert.isUndefined(called.refusal)
            assert.strictEqual(called.timestamp, now)
            counts.liquidated++
            if (!whole) counts.lost++
          } else {
            const amount = next.amount === "max" && next.action === "borrow" ? unit : next.amount
            const prepared = Either.getOrThrow(contract.prepare({ operationId: "1", at: snapshot.at, instruction: instruction(next.action, amount) }))
            const [name, args] = call(world, self, before, next.action, amount)
            const ran = prepared.run(simulated, snapshot)
            const called = yield* asked(trader, next.seconds, world.morpho, blue, name, args)
            assert.strictEqual(called.timestamp, now)
            const what = `${next.action} of ${amount}: ${called.refusal ?? "done"} on the chain, ${Either.isLeft(ran) ? ran.left.message : "done"}`
            assert.strictEqual(Either.isLeft(ran), called.refusal !== undefined, what)
            if (Either.isLeft(ran)) counts.refused++
            else {
              assert.deepStrictEqual(Entry.imbalance(ran.right.value.entries), [])
              simulated = ran.right.world
              counts.done++
            }
          }
          const stored = yield* Effect.promise(() => chain.read())
          const { markets } = State.slot.get(simulated)
          const held = State.held(State.slot.get(simulated), listed)
          assert.deepStrictEqual(held.position, stored.positions[trader])
          assert.deepStrictEqual(markets.get(listed.name), stored.market)
          assert.strictEqual(World.balance(simulated, wallet, "WETH"), stored.loan[trader])
          assert.strictEqual(World.balance(simulated, wallet, "weETH"), stored.collateral[trader])
          assert.strictEqual(World.balance(simulated, account, "weETH"), stored.positions[trader]!.collateral)
          // What the ledger shows is what the contract would pay and ask for now.
          const accrued = Either.getOrThrow(Market.accrue(listed.terms, stored.market, now)).market
          assert.strictEqual(World.balance(simulated, account, "aWETH"), SharesMath.toAssetsDown(stored.positions[trader]!.supplyShares, accrued.supply))
          assert.strictEqual(World.balance(simulated, account, "debtWETH"), SharesMath.toAssetsUp(stored.positions[trader]!.borrowShares, accrued.borrow))
          if (held.claim > largest.claim) largest.claim = held.claim
          if (held.debt > largest.debt) largest.debt = held.debt
        }
        assert.isTrue(counts.done >= 15 && counts.refused >= 3 && counts.liquidated >= 2 && counts.lost >= 1, JSON.stringify(counts))
        console.info(
          `morpho, the venue: ${counts.done} instructions done, ${counts.refused} refused, ${counts.liquidated} liquidations, ${counts.lost} with bad debt, largest difference 0; ` +
            `claims up to ${Amount.format(largest.claim)} WETH, debts up to ${Amount.format(largest.debt)} WETH`
        )
      }), 60_000)
  }
})
