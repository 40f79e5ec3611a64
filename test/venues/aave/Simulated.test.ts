import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Embedded from "../../../src/data/Embedded.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as World from "../../../src/sim/World.js"
import * as Position from "../../../src/venues/aave/Position.js"
import { accruals, act, amount, at, balance, deltas, layer, over, position, refusal, series, unbalanced, venue, wallet, world } from "./harness.js"

const june = "2024-06-01T00:00:00Z"
const figures = Embedded.layer().pipe(Layer.provide(NodeContext.layer))

/** Real figures of 2024-06-01 and the days after. */
const data = [
  series("price.ETH", { "2024-06-01T00:00:00Z": "3762.62", "2024-06-02T00:00:00Z": "3800", "2024-06-03T00:00:00Z": "2400" }),
  series("oracle.weETH/ETH", { "2024-06-01T00:00:00Z": "1.0396831081397173", "2024-06-03T00:00:00Z": "1.04" }),
  series("aave.supply_index.USDT", { "2024-06-01T00:00:00Z": "1.070100426290384", "2024-06-02T00:00:00Z": "1.0703" }),
  series("aave.borrow_index.USDT", { "2024-06-01T00:00:00Z": "1.0936", "2024-06-02T00:00:00Z": "1.0939" }),
  series("aave.supply_index.WETH", { "2024-06-01T00:00:00Z": "1.0248", "2024-06-02T00:00:00Z": "1.02485" }),
  series("aave.borrow_index.WETH", { "2024-06-01T00:00:00Z": "1.043435288569761", "2024-06-02T00:00:00Z": "1.0435" }),
  series("aave.supply_index.weETH", { "2024-06-01T00:00:00Z": "1.000158680373465", "2024-06-02T00:00:00Z": "1.00016" }),
  series("aave.borrow_index.weETH", { "2024-06-01T00:00:00Z": "1.0015", "2024-06-02T00:00:00Z": "1.0016" }),
  series("gas.ethereum.gwei", { "2024-06-01T00:00:00Z": "6.6", "2024-06-02T00:00:00Z": "8", "2024-06-03T00:00:00Z": "10" })
]

const rich = {
  at: june,
  opening: { [wallet]: { USDT: "20000", WETH: "10", weETH: "10", ETH: "1" } }
} as const

describe("aave", () => {
  for (const [rounding, whole] of [["v3.5", "10510.256954"], ["v3.0", "10510.256956"]] as const) {
    it.effect(`gives ${whole} USDT for 10,000 supplied for a year, rounded as ${rounding}`, () =>
      Effect.gen(function*() {
        const start = at(june)
        const end = at("2025-06-01T00:00:00Z")
        yield* act(start, "aave", "supply", "USDT", amount("10000"))
        const interest = yield* accruals(end)
        const daily = interest.filter(({ kind }) => kind === "interest")
        assert.strictEqual(daily.length, 365)
        assert.strictEqual(daily[0]!.id, "interest:aave:aUSDT:2024-06-02T00:00:00Z")
        assert.isTrue(daily.every(({ at: then }) => (then - start) % Timestamp.day === 0))
        assert.strictEqual(yield* balance(position, "aUSDT"), whole)
        const receipt = yield* act(end, "aave", "withdraw", "USDT", "max")
        assert.deepStrictEqual(deltas(receipt.entries), { wallet: { USDT: whole }, aave: { aUSDT: `-${whole}` } })
        assert.strictEqual(yield* balance(wallet, "USDT"), whole)
        assert.strictEqual(yield* balance(position, "aUSDT"), "0")
        assert.deepStrictEqual(unbalanced(yield* world), [])
      }).pipe(
        Effect.provide(over(figures, { at: june, opening: { [wallet]: { USDT: "10000" } }, aave: { rounding } }))
      ))
  }

  it.effect("moves tokens to the pool and shows claims, one unit less where the contracts round it away", () =>
    Effect.gen(function*() {
      const receipt = yield* act(at(june), "aave", "supply", "USDT", amount("1000"))
      assert.deepStrictEqual(deltas(receipt.entries), { wallet: { USDT: "-1000" }, aave: { aUSDT: "999.999999" } })
      assert.strictEqual(receipt.detail.index, "1070100426290384000000000000")
      assert.strictEqual(receipt.detail.scaled, "934491731")
      assert.strictEqual(receipt.detail.scaled_change, "934491731")
      const short = yield* refusal(act(at(june), "aave", "withdraw", "USDT", amount("1000")))
      assert.strictEqual(short.reason, "insufficient_balance")
      assert.strictEqual(short.message, "aave (position) holds 999.999999 aUSDT, and 1000 are needed")
      const back = yield* act(at(june), "aave", "withdraw", "USDT", amount("400"))
      assert.deepStrictEqual(deltas(back.entries), { wallet: { USDT: "400" }, aave: { aUSDT: "-400" } })
    }).pipe(Effect.provide(layer(data, rich))))

  it.effect("lends against collateral up to the loan to value, and not a wei more", () =>
    Effect.gen(function*() {
      yield* act(at(june), "aave", "supply", "weETH", amount("10"))
      // 9.999999999999999999 aweETH at 3911.93245634 dollars are 39119.32456339; 77.5 % of them carry 30317.47653662.
      const more = yield* refusal(act(at(june), "aave", "borrow", "WETH", amount("8.057544088060978786")))
      assert.strictEqual(more.reason, "health_factor")
      assert.strictEqual(
        more.message,
        "collateral worth 39119.32456339 dollars does not carry debt worth 30317.47653663 dollars (CollateralCannotCoverNewBorrow)"
      )
      const receipt = yield* act(at(june), "aave", "borrow", "WETH", amount("8.057544088060978785"))
      assert.deepStrictEqual(deltas(receipt.entries), {
        wallet: { WETH: "8.057544088060978785" },
        aave: { debtWETH: "8.057544088060978786" }
      })
      assert.strictEqual(receipt.detail.health_factor, "1.032258064516375882")
      const never = yield* refusal(act(at(june), "aave", "withdraw", "weETH", amount("1")))
      assert.strictEqual(never.reason, "health_factor")
      assert.match(never.message, /HealthFactorLowerThanLiquidationThreshold/)
      yield* act(at(june), "aave", "withdraw", "weETH", amount("0.1"))
    }).pipe(Effect.provide(layer(data, rich))))

  it.effect("lends nothing without collateral", () =>
    Effect.gen(function*() {
      const bare = yield* refusal(act(at(june), "aave", "borrow", "WETH", amount("1")))
      assert.strictEqual(bare.reason, "health_factor")
      assert.match(bare.message, /LtvValidationFailed/)
      yield* act(at(june), "aave", "supply", "USDT", amount("1000"))
      const unused = yield* refusal(act(at(june), "aave", "borrow", "WETH", amount("0.1")))
      assert.match(unused.message, /LtvValidationFailed/)
    }).pipe(
      Effect.provide(layer(data, { ...rich, aave: { reserves: { USDT: { ltv: Decimal.zero, liquidationThreshold: Decimal.zero } } } }))
    ))

  it.effect("takes back no more than is owed, and all of it as max", () =>
    Effect.gen(function*() {
      yield* act(at(june), "aave", "supply", "USDT", amount("10000"))
      yield* act(at(june), "aave", "borrow", "WETH", amount("1"))
      const part = yield* act(at("2024-06-02T00:00:00Z"), "aave", "repay", "WETH", amount("0.4"))
      assert.deepStrictEqual(deltas(part.entries), { wallet: { WETH: "-0.4" }, aave: { debtWETH: "-0.399999999999999999" } })
      const owed = yield* balance(position, "debtWETH")
      assert.strictEqual(owed, "0.600062017674644397")
      const rest = yield* act(at("2024-06-02T00:00:00Z"), "aave", "repay", "WETH", amount("5"))
      assert.deepStrictEqual(deltas(rest.entries), { wallet: { WETH: `-${owed}` }, aave: { debtWETH: `-${owed}` } })
      assert.strictEqual(rest.detail.scaled, "0")
      assert.isUndefined(rest.detail.health_factor)
      const nothing = yield* refusal(act(at("2024-06-02T00:00:00Z"), "aave", "repay", "WETH", "max"))
      assert.strictEqual(nothing.message, "no WETH is owed to aave")
      yield* act(at("2024-06-02T00:00:00Z"), "aave", "withdraw", "USDT", "max")
    }).pipe(Effect.provide(layer(data, rich))))

  it.effect("repays the whole debt or, where the wallet is short, nothing", () =>
    Effect.gen(function*() {
      yield* act(at(june), "aave", "supply", "USDT", amount("10000"))
      yield* act(at(june), "aave", "borrow", "WETH", amount("1"))
      yield* accruals(at("2024-06-02T00:00:00Z"))
      const before = yield* world
      const short = yield* refusal(act(at("2024-06-02T00:00:00Z"), "aave", "repay", "WETH", "max"))
      assert.strictEqual(short.reason, "insufficient_balance")
      assert.match(short.message, /^wallet \(wallet\) holds 1 WETH, and 1\.00006201/)
      assert.strictEqual(yield* world, before)
    }).pipe(Effect.provide(layer(data, { at: june, opening: { [wallet]: { USDT: "10000" } } }))))

  it.effect("liquidates where the health factor falls below 1, and says when and why", () =>
    Effect.gen(function*() {
      yield* act(at(june), "aave", "supply", "WETH", amount("10"))
      yield* act(at(june), "aave", "borrow", "USDT", amount("25000"))
      const first = yield* accruals(at("2024-06-02T12:00:00Z"))
      assert.deepStrictEqual(first.map(({ id }) => id), [
        "interest:aave:aWETH:2024-06-02T00:00:00Z",
        "interest:aave:debtUSDT:2024-06-02T00:00:00Z"
      ])
      const later = yield* accruals(at("2024-06-04T00:00:00Z"))
      const called = later.filter(({ kind }) => kind === "liquidation")
      assert.deepStrictEqual(called.map(({ id }) => id), ["liquidation:aave:WETH:USDT:2024-06-03T00:00:00Z:1"])
      // All collateral goes for 5 % less than its worth, a tenth of that to the treasury; what is still owed is written off.
      assert.deepStrictEqual(called[0]!.detail, {
        health_factor_before: "0.79662034430848094",
        health_factor_after: "none",
        debt: "USDT",
        debt_price: "1",
        repaid: "22858.258058",
        collateral: "WETH",
        collateral_price: "2400",
        seized: "9.952866529125311325",
        protocol_fee: "0.047621370952752686",
        liquidation_bonus: "0.05",
        bad_debt: { USDT: "2148.600026" }
      })
      assert.deepStrictEqual(deltas(called[0]!.entries), { aave: { aWETH: "-10.000487900078064011", debtUSDT: "-25006.858084" } })
      assert.strictEqual(yield* balance(position, "debtUSDT"), "0")
      assert.deepStrictEqual(unbalanced(yield* world), [])
    }).pipe(Effect.provide(layer(data, rich))))

  it.effect("makes a position of opening balances at the index of the beginning", () =>
    Effect.gen(function*() {
      const grown = yield* accruals(at("2024-06-02T00:00:00Z"))
      // Half a unit is nothing that the token can show.
      assert.deepStrictEqual(grown.map(({ id }) => id), [
        "rebase:aave:opening:2024-06-02T00:00:00Z",
        "interest:aave:aUSDT:2024-06-02T00:00:00Z",
        "interest:aave:debtWETH:2024-06-02T00:00:00Z"
      ])
      const { holdings } = Position.slot.get(yield* world)
      assert.strictEqual(holdings.get("USDT")?.supply, 9_344_917_313n)
      assert.strictEqual(yield* balance(position, "aUSDT"), "10001.865")
      assert.strictEqual(yield* balance(position, "debtWETH"), "1.000062017674644395")
      assert.deepStrictEqual(unbalanced(yield* world), [])
      yield* act(at("2024-06-02T00:00:00Z"), "aave", "repay", "WETH", "max")
      yield* act(at("2024-06-02T00:00:00Z"), "aave", "withdraw", "USDT", "max")
      assert.strictEqual(yield* balance(wallet, "USDT"), "10001.865")
    }).pipe(
      Effect.provide(
        layer(data, {
          at: june,
          opening: { [wallet]: { WETH: "2" }, [position]: { aUSDT: "10000.0000005", debtWETH: "1" } }
        })
      )
    ))

  it.effect("refuses opening balances that no reserve stands behind", () =>
    Effect.gen(function*() {
      const refused = yield* refusal(act(at(june), "aave", "supply", "USDT", amount("1")))
      assert.strictEqual(refused.message, "aave is said to hold ETHFI, and none of its reserves stands behind that")
    }).pipe(Effect.provide(layer(data, { at: june, opening: { [wallet]: { USDT: "1" }, [position]: { ETHFI: "5" } } }))))

  it.effect("charges gas, with an approval for every supply", () =>
    Effect.gen(function*() {
      for (let n = 0; n < 2; n++) {
        const supplied = yield* act(at(june), "aave", "supply", "USDT", amount("1000"))
        assert.deepStrictEqual(supplied.costs.map((cost) => cost.amount), [amount("0.002013")])
      }
    }).pipe(Effect.provide(layer(data, { ...rich, gas: {} }))))

  it.effect("charges gas, an unlimited approval of a token once", () =>
    Effect.gen(function*() {
      const first = yield* act(at(june), "aave", "supply", "USDT", amount("1000"))
      assert.deepStrictEqual(first.costs, [{ kind: "gas", venue: "wallet", asset: "ETH", amount: amount("0.002013") }])
      assert.deepStrictEqual(deltas(first.entries), {
        wallet: { USDT: "-1000", ETH: "-0.002013" },
        aave: { aUSDT: "999.999999" }
      })
      const second = yield* act(at(june), "aave", "supply", "USDT", amount("1000"))
      assert.deepStrictEqual(second.costs.map((cost) => cost.amount), [amount("0.00165")])
      const out = yield* act(at(june), "aave", "withdraw", "USDT", "max")
      assert.deepStrictEqual(out.costs.map((cost) => cost.amount), [amount("0.001452")])
      yield* act(at(june), "aave", "supply", "weETH", amount("1"))
      const loan = yield* act(at(june), "aave", "borrow", "WETH", amount("0.1"))
      assert.deepStrictEqual(loan.costs.map((cost) => cost.amount), [amount("0.00198")])
      const repaid = yield* act(at(june), "aave", "repay", "WETH", "max")
      assert.deepStrictEqual(repaid.costs.map((cost) => cost.amount), [amount("0.002211")])
    }).pipe(Effect.provide(layer(data, { ...rich, aave: { approval: "unlimited" }, gas: {} }))))

  it.effect("has its gas advanced by the tank where there is no ether, and is refused without a tank", () =>
    Effect.gen(function*() {
      const opening = { [wallet]: { USDT: "1000", ETH: "0.001" } }
      const tank = yield* act(at(june), "aave", "supply", "USDT", amount("1000")).pipe(
        Effect.provide(layer(data, { at: june, opening, gas: {} }))
      )
      assert.deepStrictEqual(deltas(tank.entries), { wallet: { ETH: "-0.001", USDT: "-1000" }, aave: { aUSDT: "999.999999" } })
      assert.strictEqual(tank.detail.gas_tank, "0.001013")
      const refused = yield* refusal(act(at(june), "aave", "supply", "USDT", amount("1000"))).pipe(
        Effect.provide(layer(data, { at: june, opening, gas: { tank: false } }))
      )
      assert.strictEqual(refused.reason, "insufficient_balance")
      assert.match(refused.message, /ETH, and 0\.002013 are needed for gas$/)
    }))

  it.effect("refuses before anything is sent what it does not simulate", () =>
    Effect.gen(function*() {
      const cases = [
        [act(at(june), "aave", "stake", "WETH", amount("1")), "unsupported", "action"],
        [act(at(june), "aave", "supply", "ETH", amount("1")), "unsupported", "token"],
        [act(at(june), "aave", "supply", "EIGEN", amount("1")), "unsupported", "token"],
        [act(at(june), "aave", "supply", "USDT", amount("1"), { network: "base" }), "unsupported", "network"],
        [act(at(june), "aave", "supply", "USDT", amount("0.0000009")), "invalid", "amount"],
        [act(at(june), "aave", "borrow", "USDT", "max"), "invalid", "amount"],
        [act(at(june), "aave", "supply", "USDT", { outputOf: "other" }), "invalid", "amount"]
      ] as const
      for (const [attempt, reason, field] of cases) {
        const refused = yield* refusal(attempt)
        assert.strictEqual(refused._tag, "NotSent", refused.message)
        assert.strictEqual(refused.reason, reason, refused.message)
        assert.strictEqual(refused.field, field, refused.message)
      }
      const ether = yield* refusal(act(at(june), "aave", "supply", "ETH", amount("1")))
      assert.match(ether.message, /wrap it to WETH/)
    }).pipe(Effect.provide(layer(data, rich))))

  it.effect("refuses on submission what the pool or the data does not allow", () =>
    Effect.gen(function*() {
      const late = at("2024-06-05T00:00:00Z")
      const cases = [
        [act(at(june), "aave", "withdraw", "USDT", "max"), "insufficient_balance", "there is no USDT to withdraw"],
        [act(at(june), "aave", "supply", "USDT", amount("0.000001")), "invalid", "so little USDT makes no scaled unit at this index: the contracts refuse it"],
        [act(at(june), "aave", "supply", "USDT", amount("20000.000001")), "insufficient_balance", "wallet (wallet) holds 20000 USDT, and 20000.000001 are needed"],
        [act(at(june), "aave", "supply", "DAI", amount("1")), "market_data", "series aave.supply_index.DAI has no observation at 2024-06-01T00:00:00Z"],
        [act(late, "aave", "supply", "USDT", amount("1")), "market_data", "series aave.supply_index.USDT at 2024-06-05T00:00:00Z: the newest observation is of 2024-06-02T00:00:00Z, 72 h old, and at most 48 h are allowed"]
      ] as const
      for (const [attempt, reason, message] of cases) {
        const refused = yield* refusal(attempt)
        assert.strictEqual(refused._tag, "Rejected", refused.message)
        assert.strictEqual(refused.reason, reason, refused.message)
        assert.strictEqual(refused.message, message)
      }
    }).pipe(Effect.provide(layer(data, rich))))

  it.effect("refuses indices that fall or are below 1", () =>
    Effect.gen(function*() {
      const opening = { [wallet]: { USDT: "1000" } }
      const falling = [series("aave.supply_index.USDT", { "2024-06-01T00:00:00Z": "1.07", "2024-06-02T00:00:00Z": "1.06" })]
      const fallen = yield* Effect.gen(function*() {
        yield* act(at(june), "aave", "supply", "USDT", amount("1000"))
        return yield* refusal(accruals(at("2024-06-03T00:00:00Z")))
      }).pipe(Effect.provide(layer(falling, { at: june, opening })))
      assert.strictEqual(fallen.reason, "market_data")
      assert.strictEqual(fallen.message, "series aave.supply_index.USDT falls to 1.06 at 2024-06-02T00:00:00Z: an index never does")
      const low = [series("aave.supply_index.USDT", { "2024-06-01T00:00:00Z": "0.99" })]
      const refused = yield* refusal(act(at(june), "aave", "supply", "USDT", amount("1000"))).pipe(
        Effect.provide(layer(low, { at: june, opening }))
      )
      assert.match(refused.message, /0\.99 at 2024-06-01T00:00:00Z: an index is never below 1$/)
    }))

  it.effect("supplies all there is as max, and refuses to lend what is not borrowable", () =>
    Effect.gen(function*() {
      const receipt = yield* act(at(june), "aave", "supply", "USDT", "max")
      assert.deepStrictEqual(deltas(receipt.entries), { wallet: { USDT: "-20000" }, aave: { aUSDT: "19999.999999" } })
      const refused = yield* refusal(act(at(june), "aave", "borrow", "weETH", amount("1")))
      assert.strictEqual(refused.reason, "rejected")
      assert.match(refused.message, /BorrowingNotEnabled/)
    }).pipe(Effect.provide(layer(data, { ...rich, aave: { reserves: { weETH: { borrowable: false } } } }))))

  it.effect("is one venue with a position account that shows what it holds", () =>
    Effect.gen(function*() {
      yield* act(at(june), "aave", "supply", "USDT", amount("1000"))
      const aave = yield* venue("aave")
      assert.deepStrictEqual([aave.id, aave.family, ...aave.accounts], ["aave", "onchain", "position"])
      assert.deepStrictEqual([...aave.action!.actions], [
        "supply",
        "withdraw",
        "borrow",
        "repay",
        "set_collateral",
        "set_emode",
        "flash_borrow",
        "flash_repay"
      ])
      const portfolio = yield* aave.portfolio(at(june))
      assert.deepStrictEqual(portfolio.holdings, [{ account: position, asset: "aUSDT", amount: amount("999.999999") }])
      const outcome = yield* aave.action!.resolve({ venue: "aave", operationId: "x", reference: {} })
      assert.strictEqual(outcome._tag, "Settled")
      assert.deepStrictEqual(outcome.receipt.entries, [])
      assert.strictEqual(World.balance(yield* world, wallet, "USDT"), amount("19000"))
    }).pipe(Effect.provide(layer(data, rich))))
})
