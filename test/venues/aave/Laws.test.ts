import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as DataProvider from "../../../src/data/DataProvider.js"
import type * as Table from "../../../src/data/Table.js"
import * as Amount from "../../../src/domain/Amount.js"
import * as Asset from "../../../src/domain/Asset.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Entry from "../../../src/domain/Entry.js"
import type * as MarketSnapshot from "../../../src/domain/MarketSnapshot.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as World from "../../../src/sim/World.js"
import * as AccountData from "../../../src/venues/aave/AccountData.js"
import * as Config from "../../../src/venues/aave/Config.js"
import * as Liquidator from "../../../src/venues/aave/Liquidator.js"
import * as Pool from "../../../src/venues/aave/Pool.js"
import * as Position from "../../../src/venues/aave/Position.js"
import * as RayMath from "../../../src/venues/aave/RayMath.js"
import * as Request from "../../../src/venues/aave/Request.js"
import * as Reserves from "../../../src/venues/aave/Reserves.js"
import { accruals, act, at, layer, position, unbalanced, wallet, world } from "./harness.js"
import { checked } from "../../sim/liquidations.js"

const start = at("2024-06-01T00:00:00Z")
const tokens = ["USDT", "WETH", "weETH"] as const
const days = 20

/** Indices that only grow, prices that wander: one observation a day. */
const market = FastCheck.array(
  FastCheck.record({
    growth: FastCheck.array(FastCheck.bigInt({ min: 0n, max: 4n * 10n ** 14n }), { minLength: 6, maxLength: 6 }),
    ether: FastCheck.integer({ min: 1_500, max: 4_000 }),
    share: FastCheck.integer({ min: 10_300, max: 10_400 })
  }),
  { minLength: days, maxLength: days }
).map((steps): ReadonlyArray<Table.Series> => {
  const daily = (name: string, value: (day: number) => Decimal.Decimal): Table.Series => ({
    name,
    observations: steps.map((_, day) => ({ at: start + day * Timestamp.day, value: value(day) }))
  })
  const index = (name: string, column: number): Table.Series => {
    let scaled = 1_050_000_000_000_000_000n
    const values = steps.map(({ growth }) => (scaled += growth[column]!))
    return daily(name, (day) => Decimal.make(values[day]!, 18))
  }
  return [
    ...tokens.flatMap((token, i) => [index(Reserves.supplyIndex(token), 2 * i), index(Reserves.borrowIndex(token), 2 * i + 1)]),
    daily("price.ETH", (day) => Decimal.make(BigInt(steps[day]!.ether), 0)),
    daily("oracle.weETH/ETH", (day) => Decimal.make(BigInt(steps[day]!.share), 4))
  ]
})

const step = FastCheck.record({
  hours: FastCheck.integer({ min: 0, max: 40 }),
  action: FastCheck.constantFrom(...Request.lendingActions, ...Request.lendingActions, ...Request.switches),
  enabled: FastCheck.boolean(),
  emodeCategory: FastCheck.constantFrom(0, 1),
  token: FastCheck.constantFrom(...tokens),
  /** Of a dollar or so, in the smallest unit of USDT. */
  value: FastCheck.oneof(
    FastCheck.bigInt({ min: 1n, max: 3n }),
    FastCheck.bigInt({ min: 1n, max: 10n ** 10n }),
    FastCheck.constant("max" as const)
  )
})

const steps = FastCheck.array(step, { minLength: 8, maxLength: 24 })

const rateModel = { optimalUsage: Decimal.unsafe("0.8"), baseRate: Decimal.unsafe("0.01"), slope1: Decimal.unsafe("0.1"), slope2: Decimal.unsafe("2") }
const modelled = { interest: "model", rateModel, totalSupply: Amount.unsafe("300000"), totalDebt: Amount.unsafe("240000") } as const

const configs: ReadonlyArray<readonly [string, Config.Config]> = [
  ["rounded as v3.5", { rounding: "v3.5" }],
  ["rounded as v3.0", { rounding: "v3.0" }],
  ["rounded as v3.5, with a rate model", { rounding: "v3.5", reserves: { USDT: modelled, WETH: { ...modelled, supplyCap: Amount.unsafe("300008") } } }]
]

const quantity = (token: string, value: bigint | "max", action: string) =>
  value === "max"
    ? action === "borrow" ? Amount.fromUnits(1n, Asset.decimals(token)) : value
    : token === "USDT" || value <= 3n
      ? Amount.fromUnits(value, Asset.decimals(token))
      : (value * 10n ** 12n) / 3000n

const purse = { [wallet]: { USDT: "30000", WETH: "10", weETH: "10" } }

/** With nothing at the pool, or with a position that is as good as it may be. */
const openings = FastCheck.constantFrom(
  purse,
  { ...purse, [position]: { aUSDT: "4000.1234567", aweETH: "2.5", debtWETH: "1.1", debtUSDT: "1000" } }
)

const sums = (entries: ReadonlyArray<Entry.Entry>, into: Map<string, Amount.Amount>) => {
  for (const { account, amount, asset } of entries) into.set(`${account}|${asset}`, (into.get(`${account}|${asset}`) ?? 0n) + amount)
}

/** What is shown is what the scaled amounts show at the indices, and a whole number of the token's units. */
const shows = (then: World.World, snapshot: MarketSnapshot.MarketSnapshot, settings: Config.Settings) => {
  const { scaling } = settings
  const { holdings, opened } = Position.slot.get(then)
  if (!opened) return
  for (const token of tokens) {
    const held = Position.holding(Position.slot.get(then), token)
    const reserve = settings.reserves.get(token)!
    const supplyIndex = Either.getOrThrow(Pool.index(settings, Position.slot.get(then), snapshot, reserve, "supply"))
    const borrowIndex = Either.getOrThrow(Pool.index(settings, Position.slot.get(then), snapshot, reserve, "borrow"))
    const decimals = Asset.decimals(token)
    assert.strictEqual(
      World.balance(then, position, Asset.claimOn(token)),
      Amount.fromUnits(scaling.supplyBalance(held.supply, supplyIndex), decimals)
    )
    assert.strictEqual(
      World.balance(then, position, Asset.debtOf(token)),
      Amount.fromUnits(scaling.debtBalance(held.debt, borrowIndex), decimals)
    )
    assert.strictEqual(World.balance(then, wallet, token) % Amount.quantumOf(decimals), 0n)
    if (holdings.has(token)) assert.isTrue(held.supply > 0n || held.debt > 0n)
    if (held.collateral) assert.isTrue(held.supply > 0n)
  }
}

describe("aave, over random actions and time", () => {
  for (const [name, config] of configs) {
    it.effect.prop(`keeps its books, ${name}`, [market, openings, steps], ([data, opening, actions]) =>
      Effect.gen(function*() {
        const provider = yield* DataProvider.DataProvider
        const settings = Config.resolve(config)
        const told = new Map<string, Amount.Amount>()
        const ids = new Set<string>()
        sums([...World.holdings(yield* world)].map((held) => ({ ...held, reason: "opening" as const })), told)
        let now = start
        for (const { action, emodeCategory, enabled, hours, token, value } of actions) {
          now = Math.min(now + hours * Timestamp.hour, start + days * Timestamp.day - 1)
          const snapshot = yield* provider.getData(now)
          const due = yield* accruals(now)
          checked(due)
          for (const accrual of due) {
            assert.deepStrictEqual(Entry.imbalance(accrual.entries), [])
            assert.isTrue(accrual.at <= now)
            assert.isFalse(ids.has(accrual.id), accrual.id)
            ids.add(accrual.id)
            for (const entry of accrual.entries) {
              if (accrual.kind === "interest" && entry.account === position) assert.isTrue(entry.amount > 0n)
              if (accrual.kind === "liquidation" && entry.account === position) assert.isTrue(entry.amount < 0n)
            }
            sums(accrual.entries, told)
          }
          const before = yield* world
          shows(before, snapshot, settings)
          // What is unhealthy was liquidated as far as anybody could.
          if (now > start) assert.deepStrictEqual(yield* Liquidator.run(settings, Position.slot.get(before), snapshot), [])
          const rest = action === "set_collateral" ? { enabled } : action === "set_emode" ? { emodeCategory } : {}
          const switches = action === "set_collateral" || action === "set_emode"
          const backed = Position.holding(Position.slot.get(before), token).collateral
          const done = yield* Effect.either(act(now, "aave", action, token, switches ? undefined : quantity(token, value, action), rest))
          const after = yield* world
          if (Either.isLeft(done)) {
            assert.strictEqual(after, before)
          } else {
            assert.deepStrictEqual(Entry.imbalance(done.right.entries), [])
            sums(done.right.entries, told)
            if (action === "borrow" || (action === "withdraw" && backed) || (action === "set_collateral" && !enabled && backed)) {
              const account = Either.getOrThrow(AccountData.of(settings, Position.slot.get(after), snapshot))
              assert.isFalse(AccountData.isUnhealthy(account))
              if (action === "borrow") assert.isTrue(account.collateral * account.ltv >= (account.debt - 2n) * RayMath.percent)
            }
          }
          assert.deepStrictEqual(unbalanced(after), [])
          shows(after, snapshot, settings)
        }
        // Everything that moved was told: opening, accruals and receipts add up to the ledger.
        const ledger = new Map(World.holdings(yield* world).map(({ account, amount, asset }) => [`${account}|${asset}`, amount]))
        assert.deepStrictEqual(new Map([...told].filter(([, amount]) => amount !== 0n).sort()), new Map([...ledger].sort()))
      }).pipe(
        Effect.provide(layer(data, { at: "2024-06-01T00:00:00Z", opening, aave: config }))
      ), { fastCheck: { numRuns: 20 }, timeout: 60_000 })
  }

  const units = FastCheck.bigInt({ min: 1n, max: 10n ** 24n })
  const index = FastCheck.bigInt({ min: RayMath.ray, max: 3n * RayMath.ray })
  const scaling = RayMath.scaling("v3.5")

  it.prop("v3.5: supplying and withdrawing at one index gives no more than was put in", [
    FastCheck.array(units, { minLength: 1, maxLength: 5 }),
    index
  ], ([amounts, at]) => {
    let held = Position.nothing
    let paid = 0n
    for (const amount of amounts) {
      const supplied = Position.supply(scaling, held, amount, at, true)
      if (Either.isLeft(supplied)) continue
      assert.isTrue(supplied.right.shown <= amount + 1n)
      held = supplied.right.holding
      paid += amount
    }
    const back = Position.withdraw(scaling, held, "max", at)
    if (Either.isLeft(back)) return assert.strictEqual(paid, 0n)
    assert.isTrue(back.right.amount <= paid)
    assert.deepStrictEqual(back.right.holding, Position.nothing)
  })

  it.prop("v3.5: borrowing and repaying at one index costs no less than was lent", [
    FastCheck.array(units, { minLength: 1, maxLength: 5 }),
    units,
    index
  ], ([amounts, part, at]) => {
    let held = Position.nothing
    let lent = 0n
    for (const amount of amounts) {
      held = Either.getOrThrow(Position.borrow(scaling, held, amount, at)).holding
      lent += amount
    }
    const first = Position.repay(scaling, held, part, at)
    const early = Either.isRight(first) ? first.right.amount : 0n
    if (Either.isRight(first)) {
      assert.isTrue(-first.right.shown <= first.right.amount)
      held = first.right.holding
    }
    const rest = Position.repay(scaling, held, "max", at)
    assert.isTrue(early + (Either.isRight(rest) ? rest.right.amount : 0n) >= lent)
  })

  it.prop("a balance known as shown becomes the nearest position that favours the pool", [
    FastCheck.bigInt({ min: 0n, max: 10n ** 24n }),
    index
  ], ([shown, at]) => {
    for (const version of ["v3.5", "v3.0"] as const) {
      const { debtBalance, supplyBalance } = RayMath.scaling(version)
      const supply = Position.scaledSupply(RayMath.scaling(version), shown, at)
      assert.isTrue(supplyBalance(supply, at) <= shown)
      assert.isTrue(supplyBalance(supply + 1n, at) > shown)
      const debt = Position.scaledDebt(RayMath.scaling(version), shown, at)
      assert.isTrue(debtBalance(debt, at) >= shown)
      assert.isTrue(debt === 0n || debtBalance(debt - 1n, at) < shown)
    }
  })
})
