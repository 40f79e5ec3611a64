import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as Liquidation from "../../../src/venues/aave/Liquidation.js"
import * as RayMath from "../../../src/venues/aave/RayMath.js"
import { accruals, act, amount, at, balance, deltas, layer, position, series, unbalanced, wallet, world } from "./harness.js"
import { checked } from "../../sim/liquidations.js"

const dollar = 10n ** 8n
const ether = 10n ** 18n

/** Ether at 2,000 dollars behind dollars, healthy but for a hair. */
const thin = (collateral: bigint, debt: bigint, rest: Partial<Liquidation.Case> = {}): Liquidation.Case => ({
  version: "v3.5",
  debt: { units: debt * 10n ** 6n, price: dollar, decimals: 6 },
  collateral: { units: (collateral * ether) / 2_000n, price: 2_000n * dollar, decimals: 18 },
  bonus: 10_500n,
  fee: 1_000n,
  healthFactor: 99n * 10n ** 16n,
  totalDebt: debt * dollar,
  totalCollateral: collateral * dollar,
  ...rest
})

const dollars = ({ decimals, price }: Liquidation.Side, units: bigint): bigint => (units * price) / Decimal.pow10(decimals)

const cases = FastCheck.record({
  version: FastCheck.constantFrom<RayMath.Version>("v3.5", "v3.0"),
  collateral: FastCheck.bigInt({ min: 1n, max: 2_000_000n }),
  debt: FastCheck.bigInt({ min: 1n, max: 1_000_000n }),
  bonus: FastCheck.bigInt({ min: 10_000n, max: 11_500n }),
  fee: FastCheck.bigInt({ min: 0n, max: 5_000n }),
  healthFactor: FastCheck.bigInt({ min: 8n * 10n ** 17n, max: RayMath.wad - 1n }),
  others: FastCheck.bigInt({ min: 0n, max: 100_000n })
}).map(({ collateral, debt, others, ...rest }) =>
  thin(collateral, debt, { ...rest, totalDebt: (debt + others) * dollar, totalCollateral: (collateral + others) * dollar }))

describe("Liquidation", () => {
  it("covers half of a debt above a health factor of 0.95, and all of it at and below", () => {
    const half = { version: "v3.0" as const }
    assert.strictEqual(Liquidation.most(thin(20_000n, 10_001n, half)), 5_000_500_000n)
    assert.strictEqual(Liquidation.most(thin(20_000n, 10_001n, { ...half, healthFactor: 95n * 10n ** 16n })), 10_001_000_000n)
    assert.strictEqual(Liquidation.most(thin(20_000n, 10_001n, { ...half, healthFactor: 95n * 10n ** 16n + 1n })), 5_000_500_000n)
  })

  it("covers all of a small position from v3.3 on, and counts half of all debts, not of the one", () => {
    assert.strictEqual(Liquidation.most(thin(20_000n, 1_999n)), 1_999_000_000n)
    assert.strictEqual(Liquidation.most(thin(1_999n, 2_500n)), 2_500_000_000n)
    assert.strictEqual(Liquidation.most(thin(20_000n, 2_000n)), 1_000_000_000n)
    assert.strictEqual(Liquidation.most(thin(20_000n, 4_000n, { totalDebt: 10_000n * dollar })), 4_000_000_000n)
    assert.strictEqual(Liquidation.most(thin(20_000n, 8_000n, { totalDebt: 10_000n * dollar })), 5_000_000_000n)
  })

  it("seizes the worth of the debt and the bonus, of which a share is the treasury's", () => {
    const taken = Either.getOrThrow(Liquidation.call(thin(20_000n, 10_000n), 1_000n * 10n ** 6n))
    // 0.5 ether for 1,000 dollars, 0.025 as the bonus, a tenth of it as the fee.
    assert.deepStrictEqual(taken, { repaid: 1_000n * 10n ** 6n, seized: 522_500_000_000_000_000n, fee: 2_500_000_000_000_000n, emptied: false, exhausted: false })
  })

  it("seizes no more than there is, and is paid that much less", () => {
    const all = Either.getOrThrow(Liquidation.call(thin(1_050n, 5_000n), 5_000n * 10n ** 6n))
    assert.strictEqual(all.repaid, 1_000n * 10n ** 6n)
    assert.strictEqual(all.seized + all.fee, (1_050n * ether) / 2_000n)
    assert.isTrue(all.emptied && all.exhausted)
    const other = Either.getOrThrow(Liquidation.call(thin(1_050n, 5_000n, { totalCollateral: 1_051n * dollar }), 5_000n * 10n ** 6n))
    assert.isTrue(other.emptied && !other.exhausted)
  })

  it("leaves no dust from v3.3 on: a liquidator takes less where taking all that is allowed would", () => {
    // Half of 2,000 seizes 1,010 of 2,005 and would leave 995.
    const tight = thin(2_005n, 2_000n, { bonus: 10_100n, healthFactor: 952n * 10n ** 15n })
    assert.deepStrictEqual(Liquidation.call(tight, tight.debt.units), Either.left("MustNotLeaveDust"))
    const less = Liquidation.full(tight)!
    const left = dollars(tight.collateral, tight.collateral.units - less.seized - less.fee)
    assert.isTrue(left >= Liquidation.leastLeftover && left < Liquidation.leastLeftover + dollar / 100n, `${left}`)
    assert.isTrue(Either.isRight(Liquidation.call({ ...tight, version: "v3.0" }, tight.debt.units)))
  })

  it.prop("takes no more than is there, pays no less than its worth allows, and obeys the rule of dust", [cases], (asked) => {
    const [one] = asked
    const taken = Liquidation.full(one)
    if (taken === undefined) return
    const { bonus, collateral, debt, fee, version } = one
    const out = taken.seized + taken.fee
    assert.isTrue(out <= collateral.units && taken.repaid <= debt.units && taken.seized >= 0n && taken.fee >= 0n)
    assert.strictEqual(taken.emptied, out === collateral.units)
    // Worth of what is taken, at most the worth repaid with the bonus; a unit of the debt token is the rounding.
    const unit = dollars(debt, 1n) + 1n
    assert.isTrue(dollars(collateral, out) <= ((dollars(debt, taken.repaid) + unit) * bonus) / 10_000n + unit)
    assert.isTrue(taken.fee * 10_000n <= (out - (out * 10_000n) / bonus + 1n) * fee + 10_000n)
    if (version === "v3.0") return
    const partial = taken.repaid < debt.units && !taken.emptied
    if (partial) {
      assert.isTrue(dollars(debt, debt.units - taken.repaid) + 1n >= Liquidation.leastLeftover)
      assert.isTrue(dollars(collateral, collateral.units - out) >= Liquidation.leastLeftover)
    }
  })
})

const june = "2024-06-01T00:00:00Z"
const index = (token: string) => [
  series(`aave.supply_index.${token}`, { [june]: "1.05", "2024-06-02T00:00:00Z": "1.05", "2024-06-03T00:00:00Z": "1.05" }),
  series(`aave.borrow_index.${token}`, { [june]: "1.05", "2024-06-02T00:00:00Z": "1.05", "2024-06-03T00:00:00Z": "1.05" })
]
const market = (ether: string, rate: string) => [
  ...["USDT", "WETH", "weETH"].flatMap(index),
  series("price.ETH", { [june]: "3000", "2024-06-02T00:00:00Z": "3000", "2024-06-03T00:00:00Z": ether }),
  series("oracle.weETH/ETH", { [june]: "1.04", "2024-06-02T00:00:00Z": "1.04", "2024-06-03T00:00:00Z": rate })
]
const june3 = at("2024-06-03T00:00:00Z")
const looped = { at: june, opening: { [position]: { aweETH: "100", debtWETH: "95" } } } as const

const liquidations = Effect.map(accruals(june3), (all) => all.filter(({ kind }) => kind === "liquidation"))

describe("aave, liquidation in time", () => {
  it.effect("a fall of ETH leaves weETH against WETH alone, a fall of its rate does not", () =>
    Effect.gen(function*() {
      const aave = { openingEmode: 1 }
      assert.deepStrictEqual(yield* liquidations.pipe(Effect.provide(layer(market("1000", "1.04"), { ...looped, aave }))), [])
      const slashed = yield* liquidations.pipe(Effect.provide(layer(market("3000", "0.99"), { ...looped, aave })))
      assert.strictEqual(slashed[0]!.id, "liquidation:aave:weETH:WETH:2024-06-03T00:00:00Z:1")
      // 1 % in the efficiency mode, not the 7 % of the reserve.
      assert.strictEqual(slashed[0]!.detail["liquidation_bonus"], "0.01")
      assert.isTrue(Decimal.compare(Decimal.unsafe(slashed.at(-1)!.detail["health_factor_after"] as string), Decimal.one) >= 0)
    }))

  it.effect("a position that is below a health factor of 1 from the beginning is liquidated at the first look", () =>
    Effect.gen(function*() {
      const at1 = yield* accruals(at("2024-06-01T06:00:00Z"))
      const first = at1.filter(({ kind }) => kind === "liquidation")
      assert.strictEqual(first[0]!.id, "liquidation:aave:weETH:WETH:2024-06-01T06:00:00Z:1")
      assert.match(first[0]!.detail["health_factor_before"] as string, /^0\.87/)
      assert.deepStrictEqual(unbalanced(yield* world), [])
      // What happened then is not told again, and without news nothing more happens.
      assert.deepStrictEqual(yield* accruals(at("2024-06-01T12:00:00Z")), [])
    }).pipe(Effect.provide(layer(market("3000", "1.04"), looped))))

  it.effect("repays the largest debt against the largest collateral first, one after the other, and writes off the rest", () =>
    Effect.gen(function*() {
      const all = yield* liquidations
      assert.deepStrictEqual(all.map(({ detail }) => [detail["debt"], detail["collateral"]]), [["USDT", "weETH"], ["USDT", "WETH"]])
      // 10 weETH of 832 dollars, and a bonus of 7 % of which a tenth goes to the treasury: 10 × 7/107 × 0.9, and × 0.1.
      const [first] = checked(all)
      const { fee, loss, penalty, price, repaid, size, symbol } = first!.liquidation
      assert.deepStrictEqual([symbol, Amount.format(size), Decimal.format(price), repaid?.asset], ["weETH", "10", "832", "USDT"])
      assert.isTrue(Amount.abs(loss - Amount.over(Amount.unsafe("70"), Decimal.unsafe("107"), 1n, "down")) < Amount.unsafe("0.0000001"))
      assert.isTrue(Amount.abs(penalty - 9n * fee) < Amount.unsafe("0.0000001"))
      assert.strictEqual(yield* balance("liquidation_penalty:aave", "aweETH"), Amount.format(penalty))
      assert.strictEqual(yield* balance("liquidation_fee:aave", "aweETH"), Amount.format(fee))
      assert.deepStrictEqual(Object.keys(all[1]!.detail["bad_debt"] as object).sort(), ["USDT", "WETH"])
      for (const asset of ["aWETH", "aweETH", "debtUSDT", "debtWETH"]) assert.strictEqual(yield* balance(position, asset), "0")
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(market("800", "1.04"), {
      at: june,
      opening: { [position]: { aWETH: "4", aweETH: "10", debtUSDT: "20000", debtWETH: "1" } }
    }))))

  it.effect("leaves debt without collateral where it is before v3.3", () =>
    Effect.gen(function*() {
      const all = yield* liquidations
      assert.isFalse(all.some(({ detail }) => "bad_debt" in detail))
      assert.notStrictEqual(yield* balance(position, "debtUSDT"), "0")
      // Rounding half up in two parts can leave a unit, which is no collateral any more.
      assert.include(["0", "0.000000000000000001"], yield* balance(position, "aWETH"))
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(market("800", "1.04"), {
      at: june,
      aave: { rounding: "v3.0" },
      opening: { [position]: { aWETH: "8", debtUSDT: "19000" } }
    }))))

  it.effect("takes the rate of a model into account, by the hour, however often somebody looks", () => {
    const rateModel = { optimalUsage: Decimal.unsafe("0.9"), baseRate: Decimal.unsafe("0"), slope1: Decimal.unsafe("0.1"), slope2: Decimal.unsafe("60") }
    const reserves = { USDT: { interest: "model", rateModel, totalSupply: amount("100000"), totalDebt: amount("99000") } } as const
    const setup = { at: june, aave: { reserves }, opening: { [wallet]: { WETH: "0.4" } } }
    const over = (looks: ReadonlyArray<string>) =>
      Effect.gen(function*() {
        yield* act(at(june), "aave", "supply", "WETH", "max")
        yield* act(at(june), "aave", "borrow", "USDT", amount("900"))
        const told = []
        for (const look of looks) told.push(...(yield* accruals(at(look))))
        const grown = yield* balance(position, "debtUSDT")
        return { grown, liquidations: told.filter(({ kind }) => kind === "liquidation"), sum: deltas(told.flatMap(({ entries }) => entries)) }
      }).pipe(Effect.provide(layer(market("3000", "1.04"), setup)))
    return Effect.gen(function*() {
      const once = yield* over(["2024-06-03T00:00:00Z"])
      const often = yield* over(["2024-06-01T00:10:00Z", "2024-06-01T07:31:07Z", "2024-06-02T01:00:00Z", "2024-06-03T00:00:00Z"])
      assert.deepStrictEqual(often, once)
      assert.deepStrictEqual(once.liquidations.map(({ at }) => at % Timestamp.hour), [0])
      assert.strictEqual(once.grown, "0")
    })
  })
})
