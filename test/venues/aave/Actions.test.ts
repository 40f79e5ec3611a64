import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Entry from "../../../src/domain/Entry.js"
import type * as Instruction from "../../../src/domain/Instruction.js"
import type * as MarketSnapshot from "../../../src/domain/MarketSnapshot.js"
import * as World from "../../../src/sim/World.js"
import * as Venue from "../../../src/venue/Venue.js"
import * as Config from "../../../src/venues/aave/Config.js"
import * as Opening from "../../../src/venues/aave/Opening.js"
import * as Position from "../../../src/venues/aave/Position.js"
import * as Simulated from "../../../src/venues/aave/Simulated.js"
import { act, amount, at, deltas, layer, refusal, series, venue, wallet, world } from "./harness.js"

const start = at("2024-06-01T00:00:00Z")

const snapshot: MarketSnapshot.MarketSnapshot = {
  at: start,
  observe: (name) => ({
    at: start,
    value: name === "price.ETH" ? Decimal.unsafe("2000") : name.startsWith("oracle.") ? Decimal.unsafe("1.05") : Decimal.one
  }),
  since: () => [],
  has: (name) => name !== "price.USDT",
  maxAge: () => Infinity,
  step: () => undefined,
  staleFills: () => false
}

const decode = Schema.decodeUnknownSync(Config.Config)

const purse = Either.getOrThrow(World.post(World.empty(start), ["USDT", "WETH", "weETH"].flatMap((token) =>
  Entry.move("opening:balance", Opening.wallet, token, amount("100000"), "opening"))))

type Asked = readonly [Instruction.Action, string, string | undefined, Partial<Instruction.SmartContractAction>?]

/** Runs calls one after the other; gives the last receipt and world, or the first refusal. */
const script = (config: unknown, ...calls: ReadonlyArray<Asked>) => {
  const contract = Simulated.contract(Config.resolve(decode(config)))
  let world = purse
  let last: World.World = purse
  let value = undefined
  for (const [action, token, quantity, rest = {}] of calls) {
    const prepared = Either.getOrThrow(contract.prepare({
      operationId: "1",
      at: start,
      instruction: {
        instructionType: "smart_contract_action",
        protocol: { venue: "aave", sub: undefined },
        action,
        token,
        ...(quantity === undefined ? {} : { amount: quantity === "max" ? quantity : amount(quantity) }),
        ...rest
      }
    }))
    const ran = prepared.run(world, snapshot)
    if (Either.isLeft(ran)) return { refusal: ran.left, world, value, open: contract.open!(world) }
    last = ran.right.world
    world = last
    value = ran.right.value
    assert.deepStrictEqual(Entry.imbalance(value.entries), [])
  }
  return { refusal: undefined, world, value, open: contract.open!(world) }
}

const names = (config: unknown, ...calls: ReadonlyArray<Asked>): string | undefined =>
  /\((\w+)\)/.exec(script(config, ...calls).refusal?.message ?? "")?.[1]

const on = { emodeCategory: 1 }

describe("aave, efficiency mode and collateral", () => {
  it("lends on weETH what its category allows, and only in WETH", () => {
    const supplied: Asked = ["supply", "weETH", "100"]
    assert.strictEqual(names({}, supplied, ["borrow", "WETH", "83"]), "CollateralCannotCoverNewBorrow")
    const lent = script({}, supplied, ["set_emode", "weETH", undefined, on], ["borrow", "WETH", "97.65"])
    assert.isUndefined(lent.refusal)
    assert.match(lent.value!.detail["health_factor"] as string, /^1\.0215/)
    assert.strictEqual(names({}, supplied, ["set_emode", "weETH", undefined, on], ["borrow", "WETH", "97.66"]), "CollateralCannotCoverNewBorrow")
    assert.strictEqual(names({}, supplied, ["set_emode", "weETH", undefined, on], ["borrow", "USDT", "1"]), "NotBorrowableInEMode")
    assert.strictEqual(names({ rounding: "v3.0" }, supplied, ["set_emode", "weETH", undefined, on], ["borrow", "USDT", "1"]), "InconsistentEModeCategory")
  })

  it("is entered with debts of its category only, and left while the position stays healthy", () => {
    const supplied: Asked = ["supply", "weETH", "100"]
    assert.strictEqual(names({}, supplied, ["borrow", "USDT", "1"], ["set_emode", "WETH", undefined, on]), "NotBorrowableInEMode")
    assert.strictEqual(names({}, ["set_emode", "WETH", undefined, { emodeCategory: 9 }]), "InconsistentEModeCategory")
    const leave: Asked = ["set_emode", "WETH", undefined, { emodeCategory: 0 }]
    const deep = script({}, supplied, ["set_emode", "WETH", undefined, on], ["borrow", "WETH", "95"], leave)
    assert.strictEqual(deep.refusal?.reason, "health_factor")
    assert.match(deep.refusal?.message ?? "", /HealthFactorLowerThanLiquidationThreshold/)
    const light = script({}, supplied, ["set_emode", "WETH", undefined, on], ["borrow", "WETH", "80"], leave)
    assert.isUndefined(light.refusal)
    assert.strictEqual(Position.slot.get(light.world).emode, 0)
    assert.deepStrictEqual([light.value!.entries, light.value!.gas], [[], ["set_emode"]])
  })

  it("switches collateral off and on, but not what carries debt", () => {
    const off: Asked = ["set_collateral", "WETH", undefined, { enabled: false }]
    const back: Asked = ["set_collateral", "WETH", undefined, { enabled: true }]
    assert.strictEqual(names({}, ["supply", "WETH", "10"], off, ["borrow", "USDT", "1"]), "LtvValidationFailed")
    assert.isUndefined(script({}, ["supply", "WETH", "10"], off, back, ["borrow", "USDT", "1"]).refusal)
    assert.strictEqual(names({}, ["supply", "WETH", "10"], ["borrow", "USDT", "1"], off), "HealthFactorLowerThanLiquidationThreshold")
    assert.isUndefined(script({}, ["supply", "WETH", "10"], ["supply", "weETH", "1"], ["borrow", "USDT", "1"], off).refusal)
    assert.strictEqual(names({}, back), "UnderlyingBalanceZero")
    // From v3.5 on what is off already may be switched off with nothing there.
    assert.isUndefined(script({}, off).refusal)
    assert.strictEqual(names({ rounding: "v3.0" }, off), "UnderlyingBalanceZero")
    assert.strictEqual(
      names({ reserves: { WETH: { ltv: "0" } } }, ["supply", "WETH", "10"], back),
      "UserInIsolationModeOrLtvZero"
    )
  })
})

describe("aave, limits of reserves", () => {
  const others = { total_supply: "1000", total_debt: "400" }

  it("keeps what all supply and owe under the caps", () => {
    const capped = { reserves: { WETH: { ...others, supply_cap: "1010", borrow_cap: "405" } } }
    assert.isUndefined(script(capped, ["supply", "WETH", "10"]).refusal)
    const beyond = script(capped, ["supply", "WETH", "4"], ["supply", "WETH", "6.000000000000000001"]).refusal
    assert.deepInclude(beyond, { reason: "limit", expected: "at most 6 WETH" })
    assert.match(beyond!.message, /SupplyCapExceeded/)
    const loan = script(capped, ["supply", "USDT", "90000"], ["borrow", "WETH", "5"], ["borrow", "WETH", "0.1"]).refusal
    assert.deepInclude(loan, { reason: "limit", expected: "at most 0 WETH" })
    assert.match(loan!.message, /BorrowCapExceeded/)
  })

  it("gives out no more than is there, with what the trader brought", () => {
    const config = { reserves: { USDT: { total_supply: "1000", total_debt: "900" } } }
    const backed: Asked = ["supply", "WETH", "100"]
    assert.deepInclude(script(config, backed, ["borrow", "USDT", "101"]).refusal, { reason: "limit", expected: "at most 100 USDT" })
    assert.isUndefined(script(config, backed, ["supply", "USDT", "50"], ["borrow", "USDT", "150"]).refusal)
    assert.deepInclude(
      script(config, backed, ["supply", "USDT", "50"], ["borrow", "USDT", "120"], ["withdraw", "USDT", "31"]).refusal,
      { reason: "limit", expected: "at most 30 USDT" }
    )
    assert.deepInclude(script(config, ["flash_borrow", "USDT", "101"]).refusal, { reason: "limit", expected: "at most 100 USDT" })
  })

  it("is closed where it is frozen or paused", () => {
    const frozen = { reserves: { WETH: { frozen: true } } }
    const paused = { reserves: { WETH: { paused: true } } }
    assert.strictEqual(names(frozen, ["supply", "WETH", "1"]), "ReserveFrozen")
    assert.strictEqual(names(frozen, ["supply", "weETH", "1"], ["borrow", "WETH", "0.1"]), "ReserveFrozen")
    assert.strictEqual(names(paused, ["supply", "WETH", "1"]), "ReservePaused")
    assert.strictEqual(names(paused, ["flash_borrow", "WETH", "1"]), "ReservePaused")
    assert.strictEqual(names({ reserves: { WETH: { flash_loans: false } } }, ["flash_borrow", "WETH", "1"]), "FlashloanDisabled")
  })
})

describe("aave, flash loans", () => {
  it("are given back with a premium of 5 basis points, rounded up, and are open until then", () => {
    const lent = script({}, ["flash_borrow", "USDT", "1000.000001"])
    assert.deepInclude(lent.open, {
      reason: "atomic",
      expected: "a flash_repay of 1000.500002 USDT",
      message: "the flash loan of 1000.000001 USDT from aave is not given back with its premium of 0.500001 (transferFrom reverted)"
    })
    assert.deepStrictEqual(lent.value!.output, { asset: "USDT", amount: amount("1000.000001") })
    const back = script({}, ["flash_borrow", "USDT", "1000.000001"], ["flash_repay", "USDT", "max"])
    assert.isUndefined(back.open)
    assert.deepStrictEqual(back.value!.costs, [{ kind: "fee", venue: "aave", asset: "USDT", amount: amount("0.500001") }])
    assert.strictEqual(World.balance(back.world, Opening.wallet, "USDT"), amount("99999.499999"))
    const before = script({ rounding: "v3.0" }, ["flash_borrow", "USDT", "1000.000001"], ["flash_repay", "USDT", "1000.500001"])
    assert.strictEqual(World.balance(before.world, Opening.wallet, "USDT"), amount("99999.5"))
    assert.isUndefined(script({ flash_premium: "0" }, ["flash_borrow", "USDT", "5"], ["flash_repay", "USDT", "5"]).refusal)
  })

  it("are one of a token at a time, and given back whole", () => {
    assert.strictEqual(names({}, ["flash_borrow", "USDT", "1"], ["flash_borrow", "USDT", "1"]), "InconsistentFlashloanParams")
    assert.deepInclude(script({}, ["flash_borrow", "USDT", "1"], ["flash_repay", "USDT", "1"]).refusal, { expected: "1.0005, or \"max\"" })
    assert.deepInclude(script({}, ["flash_repay", "USDT", "max"]).refusal, { expected: "a flash loan before it" })
  })

  it("carry a leveraged entry: what is lent backs the loan that gives it back", () => {
    const entered = script(
      {},
      ["set_emode", "weETH", undefined, on],
      ["supply", "weETH", "10"],
      ["flash_borrow", "weETH", "50"],
      ["supply", "weETH", "50"],
      ["borrow", "WETH", "55"],
      ["flash_repay", "weETH", "max"]
    )
    assert.isUndefined(entered.refusal)
    assert.isUndefined(entered.open)
    assert.strictEqual(Amount.format(World.balance(entered.world, Opening.account, "aweETH")), "60")
  })

  it("raise what suppliers hold before v3.5, and the treasury's share from then on", () => {
    const model = { optimal_usage: "0.9", base_rate: "0", slope1: "0.1", slope2: "1" }
    const config = (rounding: string) => ({ rounding, reserves: { USDT: { interest: "model", rate_model: model, total_supply: "9000" } } })
    const calls: ReadonlyArray<Asked> = [["supply", "USDT", "1000"], ["flash_borrow", "USDT", "10000"], ["flash_repay", "USDT", "max"]]
    const then = script(config("v3.0"), ...calls)
    assert.strictEqual(Amount.format(World.balance(then.world, Opening.account, "aUSDT")), "1000.5")
    assert.deepStrictEqual(deltas(then.value!.entries), { wallet: { USDT: "-10005" }, aave: { aUSDT: "0.5" } })
    const now = script(config("v3.5"), ...calls)
    assert.strictEqual(Amount.format(World.balance(now.world, Opening.account, "aUSDT")), "1000")
    const { liquidity, treasury } = Position.slot.get(now.world).pool.get("USDT")!
    assert.deepStrictEqual([liquidity, treasury], [10_005_000_000n, 5_000_000n])
  })

  it.effect("are part of a group that pays gas once, and undo it where they stay open", () =>
    Effect.gen(function*() {
      const { atomic } = yield* venue("wallet")
      const member = (operationId: string, action: Instruction.Action, token: string, quantity: Instruction.Quantity) => ({
        operationId,
        venue: "aave",
        instruction: { instructionType: "smart_contract_action" as const, protocol: { venue: "aave", sub: undefined }, action, token, amount: quantity }
      })
      const send = Effect.fnUntraced(function*(members: ReadonlyArray<Venue.Member>) {
        const intent: Venue.Intent<Venue.Group> = { operationId: members[0]!.operationId, at: start, instruction: { id: "group", members } }
        return yield* atomic!.submit(Venue.journaled(intent, yield* atomic!.prepare(intent)))
      })
      const members = [
        member("lend", "flash_borrow", "WETH", amount("5")),
        member("back", "supply", "WETH", { outputOf: "lend" }),
        member("owe", "borrow", "USDT", amount("1000")),
        member("pay", "flash_repay", "WETH", "max")
      ]
      const before = yield* world
      const open = yield* refusal(send(members.slice(0, 3)))
      assert.deepInclude(open, { _tag: "Rejected", reason: "atomic", expected: "a flash_repay of 5.0025 WETH" })
      assert.strictEqual(yield* world, before)
      const { receipt } = yield* send(members)
      assert.deepStrictEqual(deltas(receipt.entries), {
        wallet: { ETH: "-0.000000000025", WETH: "-5.0025", USDT: "1000" },
        aave: { aWETH: "5", debtUSDT: "1000" }
      })
      assert.deepStrictEqual(receipt.costs.map(({ kind, amount: cost }) => [kind, Amount.format(cost)]), [["gas", "0.000000000025"], ["fee", "0.0025"]])
    }).pipe(Effect.provide(layer(
      [
        series("price.ETH", { "2024-06-01T00:00:00Z": "2000" }),
        ...["aave.supply_index.WETH", "aave.borrow_index.USDT"].map((name) => series(name, { "2024-06-01T00:00:00Z": "1" }))
      ],
      { at: "2024-06-01T00:00:00Z", opening: { [wallet]: { WETH: "6", ETH: "1" } }, gas: { priceGwei: Decimal.unsafe("0.00000002"), units: { atomic_entry: 1_250_000 } } }
    ))))

  it.effect("have no transaction of their own", () =>
    Effect.gen(function*() {
      for (const action of ["flash_borrow", "flash_repay"] as const) {
        const refused = yield* refusal(act(start, "aave", action, "USDT", amount("1")))
        assert.deepInclude(refused, { _tag: "NotSent", reason: "atomic", field: "action" })
      }
    }).pipe(Effect.provide(layer([series("price.ETH", { "2024-06-01T00:00:00Z": "2000" })], { opening: { [wallet]: { USDT: "1" } } }))))
})
