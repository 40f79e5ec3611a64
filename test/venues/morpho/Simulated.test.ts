import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Entry from "../../../src/domain/Entry.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import * as World from "../../../src/sim/World.js"
import type * as Layers from "../../../src/testing/Layers.js"
import * as Config from "../../../src/venues/morpho/Config.js"
import * as Markets from "../../../src/venues/morpho/Markets.js"
import * as Simulated from "../../../src/venues/morpho/Simulated.js"
import * as State from "../../../src/venues/morpho/State.js"
import { checked } from "../../sim/liquidations.js"
import { accruals, act, balance, deltas, instruction, layer, position, refusal, start, wallet, world } from "./harness.js"

const edge = "weETH-WETH-94.5"
const hour = Timestamp.hour
const month = 30 * 24 * hour
const purse = { [wallet]: { WETH: "100", weETH: "50", wstETH: "10", USDC: "1000", WBTC: "2" } }
const data: Layers.Literal = { "price.ETH": "3000", "price.BTC": "60000", "oracle.weETH/ETH": "1.04", "oracle.wstETH/ETH": "1.17" }
const borrowing = Effect.zipRight(
  act(start, instruction("supply_collateral", "weETH", "10", edge)),
  act(start, instruction("borrow", "WETH", "9.8", edge))
)

describe("the simulated morpho", () => {
  it.effect("supply, an hour, withdraw max: claims grow by what the borrowers pay", () =>
    Effect.gen(function*() {
      const supplied = yield* act(start, instruction("supply", "WETH", "10", edge))
      assert.deepStrictEqual(deltas(supplied.entries), { wallet: { WETH: "-10" }, morpho: { aWETH: "10" } })
      assert.deepInclude(supplied.detail, { market: edge, market_id: "0x37e7484d642d90f14451f1910ba4b7b8e4c3ccdd0ec28f8b2bdb35479e472ba7" })
      const [interest, ...more] = yield* accruals(start + hour)
      assert.deepStrictEqual(more, [])
      assert.strictEqual(interest!.kind, "interest")
      assert.strictEqual(interest!.id, `interest:morpho:${edge}:aWETH:${Timestamp.format(start + hour)}`)
      // 18,000 of 20,010 WETH are lent: 89.955 %, at 4 % a year. An hour of it: 10 * 0.89955 * 0.04 / 8760 = 4.1e-5.
      const growth = Amount.unsafe(interest!.detail["growth"] as string)
      assert.isTrue(growth > Amount.unsafe("0.0000410") && growth < Amount.unsafe("0.0000411"), Amount.format(growth))
      const withdrawn = yield* act(start + hour, instruction("withdraw", "WETH", "max", edge))
      assert.deepStrictEqual(deltas(withdrawn.entries), {
        morpho: { aWETH: Amount.format(-Amount.unsafe("10") - growth) },
        wallet: { WETH: Amount.format(Amount.unsafe("10") + growth) }
      })
      assert.strictEqual(yield* balance(position, "aWETH"), "0")
      assert.deepStrictEqual(yield* accruals(start + 2 * hour), [])
    }).pipe(Effect.provide(layer(data, purse))))

  it.effect("collateral is the token itself, a loan a debt that grows and is repaid by its shares", () =>
    Effect.gen(function*() {
      const pledged = yield* act(start, instruction("supply_collateral", "weETH", "10", edge))
      assert.deepStrictEqual(deltas(pledged.entries), { wallet: { weETH: "-10" }, morpho: { weETH: "10" } })
      const lent = yield* act(start, instruction("borrow", "WETH", "9", edge))
      assert.deepStrictEqual(deltas(lent.entries), { morpho: { debtWETH: "9" }, wallet: { WETH: "9" } })
      // 10 * 1.04 * 0.945 / 9
      assert.strictEqual(lent.detail["health_factor"], "1.092")
      const due = yield* accruals(start + month)
      assert.strictEqual(due.length, 30 * 24)
      assert.isTrue(due.every(({ entries, kind }) => kind === "interest" && Entry.imbalance(entries).length === 0))
      const owed = yield* balance(position, "debtWETH")
      const more = yield* refusal(act(start + month, instruction("repay", "WETH", owed, edge)))
      assert.deepInclude(more, { reason: "invalid", field: "amount", expected: "less than the debt, or \"max\"" })
      const repaid = yield* act(start + month, instruction("repay", "WETH", "max", edge))
      assert.deepStrictEqual(deltas(repaid.entries), { wallet: { WETH: `-${owed}` }, morpho: { debtWETH: `-${owed}` } })
      yield* act(start + month, instruction("withdraw_collateral", "weETH", "max", edge))
      const left = World.holdings(yield* world).filter(({ account }) => account === position)
      assert.deepStrictEqual(left, [])
    }).pipe(Effect.provide(layer(data, purse, {
      markets: { [edge]: { borrowRate: Decimal.unsafe("0.03") } }
    }))))

  it.effect("a given rate compounds: a fifth of a year at 3 %", () =>
    Effect.gen(function*() {
      yield* borrowing
      yield* accruals(start + 73 * 24 * hour)
      // 9.8 * (1 + x + x^2 / 2 + x^3 / 6) with x = 0.03 / 5, less the truncation of the rate by the second
      const owed = Amount.unsafe(yield* balance(position, "debtWETH"))
      const exact = Amount.unsafe("9.8589767528")
      assert.isTrue(owed <= exact && exact - owed < Amount.unsafe("0.0000000003"), Amount.format(owed))
    }).pipe(Effect.provide(layer({ ...data, "oracle.weETH/ETH": "1.2" }, purse, { markets: { [edge]: { borrowRate: Decimal.unsafe("0.03") } } }))))

  it.effect("the adaptive curve answers a loan that lifts the utilisation, as the contract does where nobody else acts", () =>
    Effect.gen(function*() {
      yield* act(start, instruction("supply_collateral", "weETH", "50", edge))
      yield* act(start, instruction("borrow", "WETH", "45", edge))
      const due = yield* accruals(start + 5 * 24 * hour)
      const rate = (accrual: (typeof due)[number]) => Amount.unsafe(accrual.detail["borrow_rate"] as string)
      // 945 of 1000 WETH are lent: the deviation is 0.45, the curve 2.35 times 4 %, and it doubles in 11 days.
      const first = rate(due[0]!) * 31_536_000n
      assert.isTrue(first > Amount.unsafe("0.094") && first < Amount.unsafe("0.0942"), Amount.format(first))
      const mean = (rate(due[due.length - 1]!) * 1000n) / rate(due[0]!)
      // (exp(y) - 1) / y with y = 50 * 0.45 * 5 / 365
      assert.isTrue(mean >= 1169n && mean <= 1175n, `${mean}`)
    }).pipe(Effect.provide(layer(data, purse, {
      markets: { [edge]: { irm: "adaptive_curve", totalSupply: Amount.unsafe("1000"), totalBorrow: Amount.unsafe("900") } }
    }))))

  it.effect("what the lltv does not carry is refused, with what it carries", () =>
    Effect.gen(function*() {
      const alone = yield* refusal(act(start, instruction("borrow", "WETH", "1", edge)))
      assert.deepInclude(alone, { _tag: "Rejected", reason: "health_factor", expected: "a debt of at most 0 WETH" })
      yield* act(start, instruction("supply_collateral", "weETH", "10", edge))
      const beyond = yield* refusal(act(start, instruction("borrow", "WETH", "9.829", edge)))
      assert.deepInclude(beyond, { reason: "health_factor", expected: "a debt of at most 9.828 WETH", actual: "9.829" })
      yield* act(start, instruction("borrow", "WETH", "9.828", edge))
      const taken = yield* refusal(act(start, instruction("withdraw_collateral", "weETH", "0.1", edge)))
      assert.deepInclude(taken, { reason: "health_factor", expected: "a debt of at most 9.72972 WETH" })
      const more = yield* refusal(act(start, instruction("withdraw_collateral", "weETH", "11", edge)))
      assert.deepInclude(more, { reason: "insufficient_balance", expected: "at most 10 weETH" })
    }).pipe(Effect.provide(layer(data, purse))))

  it.effect("a market lends no more than it has, and pays out no more than it has not lent", () =>
    Effect.gen(function*() {
      yield* act(start, instruction("supply_collateral", "weETH", "10", edge))
      const lent = yield* refusal(act(start, instruction("borrow", "WETH", "6", edge)))
      assert.deepInclude(lent, { reason: "limit", message: `5 WETH in ${edge} are not lent (insufficient liquidity)` })
      yield* act(start, instruction("supply", "WETH", "4", edge))
      yield* act(start, instruction("borrow", "WETH", "7", edge))
      const paid = yield* refusal(act(start, instruction("withdraw", "WETH", "max", edge)))
      assert.deepInclude(paid, { reason: "limit", expected: "at most 2 WETH" })
    }).pipe(Effect.provide(layer(data, purse, {
      markets: { [edge]: { totalSupply: Amount.unsafe("50"), totalBorrow: Amount.unsafe("45") } }
    }))))

  it.effect("the token and the market that are meant are told apart", () =>
    Effect.gen(function*() {
      const many = yield* refusal(act(start, instruction("supply", "WETH", "1")))
      assert.deepInclude(many, {
        _tag: "NotSent",
        field: "market",
        expected: "one of weETH-WETH-86, weETH-WETH-94.5, wstETH-WETH-94.5, wstETH-WETH-96.5"
      })
      const unknown = yield* refusal(act(start, instruction("supply", "WETH", "1", "somewhere")))
      assert.deepInclude(unknown, { field: "market", message: "morpho has no market somewhere here", actual: "somewhere" })
      const other = yield* refusal(act(start, instruction("supply", "USDC", "1", edge)))
      assert.deepInclude(other, { field: "token", expected: "WETH", actual: "USDC" })
      const ether = yield* refusal(act(start, instruction("supply", "ETH", "1")))
      assert.deepInclude(ether, { field: "token", expected: "WETH" })
      const pool = yield* refusal(act(start, instruction("supply", "WETH", "1", { feeTier: 500 })))
      assert.deepInclude(pool, { field: "market" })
      const dust = yield* refusal(act(start, instruction("supply", "USDC", "0.0000001", "WBTC-USDC-86")))
      assert.deepInclude(dust, { field: "amount", expected: "at least 0.000001 USDC" })
      const network = yield* refusal(act(start, { ...instruction("supply", "WETH", "1", edge), network: "base" }))
      assert.deepInclude(network, { field: "network", expected: "ethereum" })
      const stake = yield* refusal(act(start, instruction("stake", "WETH", "1")))
      assert.deepInclude(stake, { field: "action", reason: "unsupported" })
      const byId = yield* act(start, instruction("supply", "WETH", "1", { marketId: "0xC54D7ACF14DE29E0E5527CABD7A576506870346A78A11A6762E2CCA66322EC41" }))
      assert.strictEqual(byId.detail["market"], "wstETH-WETH-94.5")
    }).pipe(Effect.provide(layer(data, purse))))

  it.effect("an unhealthy position is liquidated at the price that makes it so: all of the debt repaid, at the premium", () =>
    Effect.gen(function*() {
      yield* borrowing
      yield* act(start, instruction("supply", "USDC", "500", "WBTC-USDC-86"))
      const due = yield* accruals(start + 24 * hour)
      const [liquidation, ...more] = due.filter(({ kind }) => kind === "liquidation")
      assert.deepStrictEqual(more, [])
      assert.strictEqual(liquidation!.at, start + 7.5 * hour)
      assert.deepStrictEqual(Entry.imbalance(liquidation!.entries), [])
      assert.deepInclude(liquidation!.detail, { market: edge, incentive_factor: "1.01677681748856126", bad_debt: "0" })
      const { repaid, seized } = liquidation!.detail as { readonly repaid: string; readonly seized: string }
      const value = Amount.unsafe(seized) * 102n
      const premium = (value * 10n ** 16n) / Amount.unsafe(repaid)
      assert.isTrue(Amount.abs(premium - 1_016_776_817_488_561_260n) < 10n, `${premium}`)
      assert.strictEqual(yield* balance(position, "debtWETH"), "0")
      assert.strictEqual(yield* balance(position, "weETH"), Amount.format(Amount.unsafe("10") - Amount.unsafe(seized)))
      const [told] = checked(due)
      const { healthFactor, penalty, price } = told!.liquidation
      assert.strictEqual(Amount.unsafe(yield* balance("market:morpho", "weETH")), Amount.unsafe(seized) - penalty)
      assert.strictEqual(yield* balance("liquidation_penalty:morpho", "weETH"), Amount.format(penalty))
      assert.strictEqual(Decimal.format(price), "1.02")
      // 10 * 1.02 * 0.945 of a debt of little more than 9.8
      assert.isTrue(Decimal.compare(healthFactor!, Decimal.unsafe("0.98")) > 0)
      // The worth of what is repaid is 9.8 / 1.02.
      assert.isTrue(Amount.abs(Amount.unsafe(seized) - penalty - Amount.over(Amount.unsafe(repaid), Decimal.unsafe("1.02"), 1n, "down")) <= 1n)
      assert.isTrue(due.every(({ at, kind }) => kind !== "liquidation" || at === liquidation!.at))
      yield* act(start + 24 * hour, instruction("withdraw_collateral", "weETH", "max", edge))
    }).pipe(Effect.provide(layer({
      ...data,
      "oracle.weETH/ETH": { "2024-06-01T00:00:00Z": "1.04", "2024-06-01T07:30:00Z": "1.02", "2024-06-01T09:00:00Z": "1.1" }
    }, purse))))

  it.effect("where the collateral does not suffice all of it is seized, and the suppliers lose the rest", () =>
    Effect.gen(function*() {
      yield* borrowing
      yield* act(start, instruction("supply", "WETH", "20", edge))
      const before = yield* accruals(start + hour)
      const claim = Amount.unsafe(yield* balance(position, "aWETH"))
      assert.isTrue(before.length === 2)
      const [liquidation] = (yield* accruals(start + 2 * hour)).filter(({ kind }) => kind === "liquidation")
      assert.deepInclude(liquidation!.detail, { seized: "10" })
      assert.lengthOf(checked([liquidation!]), 1)
      const lost = Amount.unsafe(liquidation!.detail["bad_debt"] as string)
      // 10 weETH are worth 8 WETH now, which at the premium repay 7.868 of 9.8.
      assert.isTrue(lost > Amount.unsafe("1.93") && lost < Amount.unsafe("1.94"), Amount.format(lost))
      assert.strictEqual(yield* balance(position, "weETH"), "0")
      assert.strictEqual(yield* balance(position, "debtWETH"), "0")
      const borne = claim - Amount.unsafe(yield* balance(position, "aWETH"))
      // Of 20,020 WETH supplied 20 are the trader's.
      const share = (lost * 20n) / 20_020n
      assert.isTrue(Amount.abs(borne - share) < Amount.unsafe("0.0001"), `${Amount.format(borne)} of ${Amount.format(share)}`)
    }).pipe(Effect.provide(layer({
      ...data,
      "oracle.weETH/ETH": { "2024-06-01T00:00:00Z": "1.04", "2024-06-01T01:15:00Z": "0.8" }
    }, purse))))

  it.effect("opening balances become a position in the market that is named", () =>
    Effect.gen(function*() {
      const interest = yield* accruals(start + hour)
      assert.deepStrictEqual(interest.map(({ entries, kind }) => [kind, entries[1]!.asset]), [["interest", "aWETH"], ["interest", "debtWETH"]])
      const held = State.held(State.slot.get(yield* world), Markets.defaults[1]!)
      assert.strictEqual(held.position.collateral, Amount.unsafe("10"))
      const repaid = yield* act(start + hour, instruction("repay", "WETH", "max", edge))
      assert.deepStrictEqual(repaid.entries.length, 4)
    }).pipe(Effect.provide(layer(data, { ...purse, [position]: { aWETH: "5", debtWETH: "9.000000000000000001", weETH: "10" } }, { openingMarket: edge }))))

  it.effect("what a token cannot show of an opening balance is rounded against the trader", () =>
    Effect.gen(function*() {
      const [rebase] = yield* accruals(start + hour)
      assert.deepInclude(rebase, { kind: "rebase", at: start + hour })
      assert.deepStrictEqual(rebase!.entries, [
        { account: position, asset: "aUSDC", amount: -5n * 10n ** 11n, reason: "rounding" },
        { account: "rounding:morpho", asset: "aUSDC", amount: 5n * 10n ** 11n, reason: "rounding" }
      ])
    }).pipe(Effect.provide(layer(data, { [position]: { aUSDC: "100.0000005", WBTC: "1" } }))))

  it.effect("opening balances that fit into several markets, or into none, are refused", () =>
    Effect.gen(function*() {
      const several = yield* Effect.flip(accruals(start + hour)).pipe(Effect.provide(layer(data, { [position]: { weETH: "1" } })))
      assert.deepInclude(several, { reason: "invalid", expected: "one of weETH-WETH-86, weETH-WETH-94.5 as opening_market" })
      const none = yield* Effect.flip(accruals(start + hour)).pipe(Effect.provide(layer(data, { [position]: { weETH: "1", debtUSDC: "1" } })))
      assert.deepInclude(none, { reason: "invalid", field: "balances" })
    }))

  it.effect("a price that is missing stops what needs it, and nothing else", () =>
    Effect.gen(function*() {
      yield* act(start, instruction("supply_collateral", "WBTC", "1", "WBTC-USDC-86"))
      const missing = yield* refusal(act(start, instruction("borrow", "USDC", "1", "WBTC-USDC-86")))
      assert.deepInclude(missing, { reason: "market_data" })
      yield* act(start, instruction("withdraw_collateral", "WBTC", "max", "WBTC-USDC-86"))
      // Both sides of the other market are ether: its price cancels.
      yield* borrowing
    }).pipe(Effect.provide(layer({ "oracle.weETH/ETH": "1.04" }, purse))))

  it.effect("an approval is paid each time, or once", () =>
    Effect.gen(function*() {
      const settings = Config.resolve({ approval: "unlimited" })
      const contract = Simulated.contract(settings)
      const before = yield* world
      const snapshot = { at: start, observe: () => undefined, since: () => [], has: () => false, maxAge: () => Infinity, step: () => undefined, staleFills: () => false }
      const gas = (from: World.World, asked = settings) =>
        Either.map(
          Either.flatMap(
            (asked === settings ? contract : Simulated.contract(asked)).prepare({
              operationId: "1",
              at: start,
              instruction: instruction("supply", "WETH", "1", edge)
            }),
            (step) => step.run(from, snapshot)
          ),
          ({ value, world: after }) => ({ gas: value.gas, after })
        )
      const first = Either.getOrThrow(gas(before))
      assert.deepStrictEqual(first.gas, ["approval", "supply"])
      assert.deepStrictEqual(Either.getOrThrow(gas(first.after)).gas, ["supply"])
      assert.deepStrictEqual(Either.getOrThrow(gas(first.after, Config.resolve())).gas, ["approval", "supply"])
    }).pipe(Effect.provide(layer(data, purse))))
})

describe("flash loans of the simulated morpho", () => {
  const settings = Config.resolve({ flashLiquidity: { DAI: Amount.unsafe("1000") } })
  const contract = Simulated.contract(settings)
  const snapshot = { at: start, observe: () => undefined, since: () => [], has: () => false, maxAge: () => Infinity, step: () => undefined, staleFills: () => false }
  const run = (action: "flash_borrow" | "flash_repay" | "supply" | "withdraw", token: string, amount: string) => (from: World.World) =>
    Either.flatMap(
      contract.prepare({
        operationId: "1",
        at: start,
        instruction: instruction(action, token, amount, action.startsWith("flash") ? undefined : edge)
      }),
      (step) => step.run(from, snapshot)
    )
  const empty = World.empty(start)

  it("is open until it is given back, and costs nothing", () => {
    const lent = Either.getOrThrow(run("flash_borrow", "WETH", "5000")(empty))
    assert.deepStrictEqual(Entry.imbalance(lent.value.entries), [])
    assert.deepStrictEqual(lent.value.output, { asset: "WETH", amount: Amount.unsafe("5000") })
    assert.deepInclude(contract.open!(lent.world), { reason: "atomic", expected: "a flash_repay of 5000 WETH" })
    const more = Either.getOrThrow(Either.flip(run("flash_repay", "WETH", "5001")(lent.world)))
    assert.deepInclude(more, { reason: "atomic", expected: "at most 5000" })
    const part = Either.getOrThrow(run("flash_repay", "WETH", "1000")(lent.world))
    assert.deepInclude(contract.open!(part.world), { expected: "a flash_repay of 4000 WETH" })
    const back = Either.getOrThrow(run("flash_repay", "WETH", "max")(part.world))
    assert.isUndefined(contract.open!(back.world))
    assert.deepStrictEqual(World.holdings(back.world), [])
    assert.deepInclude(Either.getOrThrow(Either.flip(run("flash_repay", "WETH", "max")(empty))), { expected: "a flash loan before it" })
  })

  it("lends what the contract holds, across its markets, and what is out cannot be lent again", () => {
    // Four markets of WETH with 2,000 each that are not lent.
    const beyond = Either.getOrThrow(Either.flip(run("flash_borrow", "WETH", "8000.1")(empty)))
    assert.deepInclude(beyond, { reason: "limit", expected: "at most 8000 WETH" })
    const all = Either.getOrThrow(run("flash_borrow", "WETH", "8000")(empty))
    assert.isTrue(Either.isLeft(run("flash_borrow", "WETH", "0.1")(all.world)))
    const supplied = Either.getOrThrow(run("supply", "WETH", "10")(all.world))
    assert.isTrue(Either.isRight(run("flash_borrow", "WETH", "10")(supplied.world)))
    const out = Either.getOrThrow(run("flash_borrow", "WETH", "8")(supplied.world))
    const short = Either.getOrThrow(Either.flip(run("withdraw", "WETH", "5")(out.world)))
    assert.deepInclude(short, { reason: "limit", message: "morpho holds 2 WETH that are not lent (transfer reverted)" })
    assert.isTrue(Either.isRight(run("withdraw", "WETH", "2")(out.world)))
    assert.isTrue(Either.isRight(run("flash_borrow", "DAI", "1000")(empty)))
    assert.deepInclude(Either.getOrThrow(Either.flip(run("flash_borrow", "WBTC", "1")(empty))), { expected: "at most 0 WBTC" })
  })

  it.effect("has no transaction of its own", () =>
    Effect.gen(function*() {
      const refused = yield* refusal(act(start, instruction("flash_borrow", "WETH", "1")))
      assert.deepInclude(refused, { _tag: "NotSent", reason: "atomic", field: "action" })
    }).pipe(Effect.provide(layer(data, purse))))

  it("is of the whole contract, and of no market", () => {
    const refused = contract.prepare({ operationId: "1", at: start, instruction: instruction("flash_borrow", "WETH", "1", edge) })
    assert.deepInclude(Either.getOrThrow(Either.flip(refused)), { field: "market", expected: "none" })
  })
})
