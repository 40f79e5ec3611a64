import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Account from "../../../src/domain/Account.js"
import * as Amount from "../../../src/domain/Amount.js"
import * as Decimal from "../../../src/domain/Decimal.js"
import * as Entry from "../../../src/domain/Entry.js"
import type * as Instruction from "../../../src/domain/Instruction.js"
import * as Outcome from "../../../src/domain/Outcome.js"
import * as Timestamp from "../../../src/domain/Timestamp.js"
import type * as Contract from "../../../src/sim/Contract.js"
import * as Gas from "../../../src/sim/Gas.js"
import * as Simulation from "../../../src/sim/Simulation.js"
import * as World from "../../../src/sim/World.js"
import * as Layers from "../../../src/testing/Layers.js"
import * as Venue from "../../../src/venue/Venue.js"
import * as VenueRegistry from "../../../src/venue/VenueRegistry.js"
import * as Curve from "../../../src/venues/curve/Simulated.js"
import * as Config from "../../../src/venues/curve/Config.js"
import * as Wallet from "../../../src/venues/wallet/Simulated.js"

const at = Timestamp.unsafe("2024-06-01T00:00:00Z")
const hour = (n: number): Timestamp.Timestamp => at + n * Timestamp.hour
const hourly = (...values: ReadonlyArray<string>) =>
  Object.fromEntries(values.map((value, n) => [Timestamp.format(hour(n)), value]))

const data: Layers.Literal = {
  "price.ETH": "3700",
  "gas.ethereum.gwei": "10",
  "oracle.weETH/ETH": hourly("1.04", "1.04", "1.041"),
  "dex.weETH/ETH": hourly("1.0391", "1.0394", "1.0402"),
  "oracle.wstETH/ETH": "1.17",
  "dex.wstETH/ETH": hourly("1.1699", "1.1688")
}

const purse: Layers.Balances = {
  "wallet:wallet": { ETH: "100", WETH: "500", stETH: "50.000000000000000001", weETH: "300", USDT: "100000.5", USDC: "9000", DAI: "20000" }
}

interface Setup {
  readonly curve?: Curve.Config
  readonly data?: Layers.Literal
  readonly gas?: Gas.Config
  readonly balances?: Layers.Balances
}

const world = (setup: Setup = {}) =>
  Layers.world({
    at,
    data: setup.data ?? data,
    balances: setup.balances ?? purse,
    ...(setup.gas === undefined ? {} : { gas: setup.gas }),
    venues: [Curve.layer(setup.curve), Wallet.layer()]
  })

interface Asked extends Partial<Omit<Instruction.SmartContractAction, "amount" | "slippageTolerance">> {
  readonly amount?: string | { readonly outputOf: string }
  readonly slippageTolerance?: string
}

const instruction = (token: string, tokenOut: string, { amount = "1", slippageTolerance, ...rest }: Asked = {}): Instruction.SmartContractAction => ({
  instructionType: "smart_contract_action",
  protocol: { venue: "curve", sub: undefined },
  action: "swap",
  token,
  tokenOut,
  amount: typeof amount === "object" ? amount : amount === "max" ? amount : Amount.unsafe(amount),
  ...(slippageTolerance === undefined ? {} : { slippageTolerance: Decimal.unsafe(slippageTolerance) }),
  ...rest
})

const capability = Effect.gen(function*() {
  const venue = yield* (yield* VenueRegistry.VenueRegistry).get("curve")
  return venue.swap ?? (yield* Effect.dieMessage("curve swaps nothing"))
})

let count = 0

/** As the manager does it, with the bound that is given. */
const swap = (token: string, tokenOut: string, asked: Asked & { readonly bound?: string; readonly at?: Timestamp.Timestamp } = {}) =>
  Effect.gen(function*() {
    const { at: when = at, bound, ...rest } = asked
    const { prepare, submit } = yield* capability
    const intent: Venue.Intent<Instruction.SmartContractAction> = {
      operationId: `swap-${count++}`,
      at: when,
      instruction: instruction(token, tokenOut, rest),
      ...(bound === undefined ? {} : { bound: Decimal.unsafe(bound) })
    }
    const { receipt } = yield* submit(Venue.journaled(intent, yield* prepare(intent)))
    assert.deepStrictEqual(Entry.imbalance(receipt.entries), [])
    return receipt
  })

const arrival = (token: string, tokenOut: string, when = at, asked: Asked = {}) =>
  Effect.flatMap(capability, ({ arrival }) => arrival(instruction(token, tokenOut, asked), when))

const total = (receipt: Outcome.Receipt, account: Account.Account, asset: string): string =>
  Amount.format(receipt.entries.reduce((sum, entry) => (entry.account === account && entry.asset === asset ? sum + entry.amount : sum), 0n))

const held = (asset: string) =>
  Effect.map(Effect.flatMap(Simulation.Simulation, (simulation) => simulation.world), (then) => World.balance(then, "wallet:wallet", asset))

const refusal = <A, R>(effect: Effect.Effect<A, { readonly _tag: string }, R>) =>
  Effect.flatMap(Effect.flip(effect), (error) =>
    error instanceof Outcome.NotSent || error instanceof Outcome.Rejected ? Effect.succeed(error) : Effect.dieMessage(`not refused: ${error._tag}`))

describe("curve simulated", () => {
  it.effect("swaps dollars: what the contract gives, the fee as a line, the rest of a unit as rounding", () =>
    Effect.gen(function*() {
      const receipt = yield* swap("USDT", "USDC", { amount: "5000.1234567" })
      const { detail } = receipt
      assert.strictEqual(detail["pool"], "3pool")
      assert.strictEqual(detail["dx"], "5000123456")
      assert.strictEqual(total(receipt, "wallet:wallet", "USDT"), "-5000.123456")
      assert.strictEqual(total(receipt, "wallet:wallet", "USDC"), Decimal.formatScaled(BigInt(String(detail["dy"])), 6))
      assert.strictEqual(total(receipt, "wallet:wallet", "USDC"), "4999.827916")
      assert.strictEqual(total(receipt, "fees:curve", "USDC"), "0.500032794924243636")
      assert.strictEqual(total(receipt, "market:curve", "USDC"), "-5000.327949242436369367")
      assert.strictEqual(total(receipt, "rounding:curve", "USDC"), "0.000000447512125731")
      assert.deepStrictEqual(receipt.costs, [{ kind: "fee", venue: "curve", asset: "USDC", amount: Amount.unsafe("0.500032794924243636") }])
      assert.strictEqual(receipt.slippage?.asset, "USDC")
      assert.isTrue(receipt.slippage!.amount > 0n && receipt.slippage!.amount < Amount.unsafe("0.01"))
    }).pipe(Effect.provide(world())))

  it.effect("changes ether to stETH without an approval, and back with one", () =>
    Effect.gen(function*() {
      const there = yield* swap("ETH", "stETH", { amount: "10" })
      assert.deepInclude(there.detail["gas"] as object, { transactions: ["swap"] })
      assert.strictEqual(there.detail["address"], "0xDC24316b9AE028F1497c275EB9192a3Ea0f67022")
      const back = yield* swap("stETH", "ETH", { amount: "10" })
      assert.deepInclude(back.detail["gas"] as object, { transactions: ["approval", "swap"] })
      assert.isTrue(there.slippage!.amount > 0n && back.slippage!.amount > 0n)
    }).pipe(Effect.provide(world({ gas: {} }))))

  it.effect("approves a token once where approvals are unlimited", () =>
    Effect.gen(function*() {
      const gas = (receipt: Outcome.Receipt) => (receipt.detail["gas"] as { readonly transactions: unknown }).transactions
      assert.deepStrictEqual(gas(yield* swap("USDT", "USDC")), ["approval", "swap"])
      assert.deepStrictEqual(gas(yield* swap("USDT", "DAI")), ["swap"])
      assert.deepStrictEqual(gas(yield* swap("DAI", "USDT")), ["approval", "swap"])
    }).pipe(Effect.provide(world({ gas: {}, curve: { approval: "unlimited" } }))))

  it.effect("shows the rate of the data at each of its observations", () =>
    Effect.gen(function*() {
      const near = (price: Decimal.Decimal, rate: string) =>
        assert.isTrue(Decimal.compare(Decimal.abs(Decimal.subtract(price, Decimal.unsafe(rate))), Decimal.unsafe("0.000000000000001")) < 0, Decimal.format(price))
      near((yield* arrival("weETH", "WETH")).price, "1.0391")
      near((yield* arrival("weETH", "WETH", hour(1))).price, "1.0394")
      near((yield* arrival("weETH", "WETH", hour(2))).price, "1.0402")
      near((yield* arrival("WETH", "weETH")).price, "0.962371282840920027")
      near((yield* arrival("stETH", "ETH")).price, "0.999914529914529914")
      near((yield* arrival("stETH", "ETH", hour(1))).price, "0.998974358974358974")
    }).pipe(Effect.provide(world())))

  it.effect("takes more of a fee off the peg", () =>
    Effect.gen(function*() {
      const { feeRate } = yield* arrival("weETH", "WETH")
      assert.isTrue(Decimal.compare(feeRate, Decimal.unsafe("0.0001")) > 0 && Decimal.compare(feeRate, Decimal.unsafe("0.0005")) < 0)
      assert.strictEqual(Decimal.format((yield* arrival("USDC", "USDT")).feeRate), "0.0001")
    }).pipe(Effect.provide(world())))

  it.effect("remembers its own impact for half an hour, and is at the market rate then", () =>
    Effect.gen(function*() {
      const before = yield* arrival("weETH", "WETH")
      const receipt = yield* swap("weETH", "WETH", { amount: "200" })
      const after = yield* arrival("weETH", "WETH")
      assert.isTrue(Decimal.compare(after.price, before.price) < 0)
      const [fill] = receipt.fills
      assert.isTrue(Decimal.compare(fill!.price, before.price) < 0 && Decimal.compare(fill!.price, after.price) > 0)
      const later = yield* arrival("weETH", "WETH", hour(0.5) - 1)
      assert.strictEqual(Decimal.format(later.price), Decimal.format(after.price))
      assert.strictEqual(Decimal.format((yield* arrival("weETH", "WETH", hour(0.5))).price), Decimal.format(before.price))
      assert.isTrue(Decimal.compare((yield* arrival("weETH", "WETH", hour(1))).price, before.price) > 0)
    }).pipe(Effect.provide(world())))

  it.effect("keeps its own impact where the price is that of the balances", () =>
    Effect.gen(function*() {
      yield* swap("USDT", "DAI", { amount: "100000" })
      const after = yield* arrival("USDT", "DAI")
      const later = yield* arrival("USDT", "DAI", hour(30))
      assert.strictEqual(Decimal.format(later.price), Decimal.format(after.price))
    }).pipe(Effect.provide(world())))

  it.effect("grows with the rate of the share where the price is that of the balances", () =>
    Effect.gen(function*() {
      yield* swap("weETH", "WETH", { amount: "10" })
      const before = yield* arrival("weETH", "WETH")
      const after = yield* arrival("weETH", "WETH", hour(2))
      assert.isTrue(Decimal.compare(after.price, before.price) > 0)
    }).pipe(Effect.provide(world({ curve: { pools: { weeth: { priceFrom: "balances" } } } }))))

  it.effect("without impact costs the fee and nothing else, whatever the size", () =>
    Effect.gen(function*() {
      for (const amount of ["1.000000000000000001", "290"]) {
        const receipt = yield* swap("weETH", "WETH", { amount })
        const gross = Amount.times(Amount.unsafe(amount), Decimal.unsafe("1.0391"), 1n, "down")
        assert.strictEqual(total(receipt, "market:curve", "WETH"), `-${Amount.format(gross)}`)
        assert.strictEqual(total(receipt, "fees:curve", "WETH"), Amount.format(Amount.times(gross, Decimal.unsafe("0.0001"), 1n, "up")))
        assert.isTrue(receipt.slippage!.amount >= 0n && receipt.slippage!.amount <= 1n)
        assert.isUndefined(receipt.detail["balances"])
      }
      const mid = yield* arrival("WETH", "weETH")
      assert.strictEqual(Decimal.format(mid.price), "0.962371282840920027")
      const out = yield* swap("WETH", "weETH", { amount: "3", swapType: "exact_out" })
      assert.strictEqual(total(out, "wallet:wallet", "weETH"), "3")
    }).pipe(Effect.provide(world({ curve: { pools: { weeth: { impact: false } } } }))))

  it.effect("finds what has to go in for what is to come out", () =>
    Effect.gen(function*() {
      for (const [token, out, amount, decimals] of [["USDT", "DAI", "1234.567890123456789012", 6], ["weETH", "WETH", "100", 18], ["ETH", "stETH", "7", 18]] as const) {
        const exact = yield* Effect.provide(swap(token, out, { amount, swapType: "exact_out" }), world())
        assert.isTrue(Amount.unsafe(total(exact, "wallet:wallet", out)) >= Amount.unsafe(amount))
        assert.strictEqual(exact.detail["min_dy"], Amount.unsafe(amount).toString())
        const dx = BigInt(String(exact.detail["dx"]))
        assert.strictEqual(total(exact, "wallet:wallet", token), `-${Decimal.formatScaled(dx, decimals)}`)
        const less = yield* Effect.provide(swap(token, out, { amount: Decimal.formatScaled(dx - 1n, decimals) }), world())
        assert.isTrue(Amount.unsafe(total(less, "wallet:wallet", out)) < Amount.unsafe(amount))
      }
    }))

  it.effect("refuses more than the pool can give", () =>
    Effect.gen(function*() {
      const beyond = yield* refusal(swap("USDT", "DAI", { amount: "70000000", swapType: "exact_out" }))
      assert.strictEqual(beyond.reason, "limit")
      assert.strictEqual(beyond.expected, "less than the 68803387 DAI or so that it holds")
    }).pipe(Effect.provide(world())))

  it.effect("holds the bound to the unit: net of the fee on arrival, what comes out or nothing", () =>
    Effect.gen(function*() {
      const { feeRate, price } = yield* arrival("weETH", "WETH")
      const least = Decimal.multiply(Decimal.multiply(price, Decimal.unsafe("0.999")), Decimal.subtract(Decimal.one, feeRate))
      const receipt = yield* swap("weETH", "WETH", { amount: "100", bound: Decimal.format(Decimal.multiply(price, Decimal.unsafe("0.999"))) })
      assert.strictEqual(receipt.detail["min_dy"], Amount.times(Amount.unsafe("100"), least, 1n, "up").toString())
      const before = yield* held("weETH")
      const refused = yield* refusal(swap("weETH", "WETH", { amount: "100", bound: Decimal.format(price) }))
      assert.strictEqual(refused.reason, "price")
      assert.include(refused.message, "Exchange resulted in fewer coins than expected")
      assert.strictEqual(yield* held("weETH"), before)
      const tolerated = yield* refusal(swap("weETH", "WETH", { amount: "100", slippageTolerance: "0.000001" }))
      assert.strictEqual(tolerated.reason, "price")
      const paidTooMuch = yield* refusal(swap("weETH", "WETH", { amount: "100", swapType: "exact_out", bound: Decimal.format(price) }))
      assert.strictEqual(paidTooMuch.reason, "price")
    }).pipe(Effect.provide(world())))

  it.effect("swaps all there is, and leaves the gas where it is ether", () =>
    Effect.gen(function*() {
      yield* swap("stETH", "ETH", { amount: "max" })
      assert.strictEqual(yield* held("stETH"), 0n)
      const { detail } = yield* swap("ETH", "stETH", { amount: "max" })
      assert.isUndefined(detail["gas_tank"])
      assert.strictEqual(yield* held("ETH"), 0n)
      const nothing = yield* refusal(swap("ETH", "stETH", { amount: "max" }))
      assert.strictEqual(nothing.reason, "insufficient_balance")
    }).pipe(Effect.provide(world({ gas: {} }))))

  const refused: ReadonlyArray<readonly [name: string, token: string, out: string, asked: Asked, reason: Outcome.Reason, message: string]> = [
    ["more than the wallet holds", "DAI", "USDC", { amount: "20000.5" }, "insufficient_balance", "wallet (wallet) holds 20000 DAI, and 20000.5 are needed"],
    ["a pair that no pool has", "USDT", "weETH", {}, "unsupported", "curve has no pool of USDT and weETH here"],
    ["ether where the pool has WETH", "weETH", "ETH", {}, "unsupported", "wrap or unwrap in the wallet, where a pool has WETH instead of ETH"],
    ["a pool that there is not", "ETH", "stETH", { market: "frax" }, "unsupported", "curve has no pool frax here"],
    ["a pool without the pair", "ETH", "stETH", { market: "3pool" }, "unsupported", "curve has no pool of ETH and stETH here"],
    ["a fee tier", "ETH", "stETH", { market: { feeTier: 500, pool: undefined, marketId: undefined } }, "unsupported", "by its name or its address"],
    ["another chain", "ETH", "stETH", { network: "base" }, "unsupported", "curve is on ethereum here"],
    ["another action", "ETH", "stETH", { action: "stake" }, "unsupported", "curve does not simulate stake"],
    ["less than a unit", "USDT", "DAI", { amount: "0.0000009" }, "invalid", "USDT has 6 decimals"],
    ["so little that nothing comes out", "DAI", "USDC", { amount: "0.0000000001" }, "limit", "no price for an amount of that size"],
    ["everything out", "ETH", "stETH", { amount: "max", swapType: "exact_out" }, "invalid", "what comes out of a swap is an amount"],
    ["another operation's output", "ETH", "stETH", { amount: { outputOf: "x" } }, "invalid", "a swap takes an amount"]
  ]
  for (const [name, token, out, asked, reason, message] of refused) {
    it.effect(`refuses ${name}`, () =>
      Effect.gen(function*() {
        const error = yield* refusal(swap(token, out, asked))
        assert.strictEqual(error.reason, reason)
        assert.include(error.message, message)
      }).pipe(Effect.provide(world())))
  }

  it.effect("asks which pool is meant where two have the pair, and takes its name or its address", () =>
    Effect.gen(function*() {
      const either = yield* refusal(swap("ETH", "stETH"))
      assert.strictEqual(either.expected, "one of steth, other")
      assert.strictEqual((yield* swap("ETH", "stETH", { market: "other" })).detail["pool"], "other")
      assert.strictEqual((yield* swap("ETH", "stETH", { market: "0xdc24316b9ae028f1497c275eb9192a3ea0f67022" })).detail["pool"], "steth")
    }).pipe(Effect.provide(world({
      curve: { pools: { other: { coins: ["ETH", "stETH"], a: 100, fee: Decimal.unsafe("0.0004"), balances: { ETH: Amount.unsafe("500"), stETH: Amount.unsafe("600") } } } }
    }))))

  for (const [name, series] of [["the market rate", "dex.weETH/ETH"], ["the rate of the share", "oracle.weETH/ETH"]] as const) {
    it.effect(`refuses where ${name} is missing, on arrival and after`, () =>
      Effect.gen(function*() {
        for (const error of [yield* refusal(arrival("weETH", "WETH")), yield* refusal(swap("weETH", "WETH"))]) {
          assert.strictEqual(error.reason, "market_data")
          assert.include(error.message, series)
        }
      }).pipe(Effect.provide(world({ data: Object.fromEntries(Object.entries(data).filter(([name]) => name !== series)) }))))
  }

  for (const rate of ["0", "0.0001", "9000"]) {
    it.effect(`refuses a market rate of ${rate}`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* refusal(arrival("weETH", "WETH"))).reason, "market_data")
      }).pipe(Effect.provide(world({ data: { ...data, "dex.weETH/ETH": rate } }))))
  }

  it("says what can be relied on beforehand: the least that was accepted, nothing where nothing was said", () => {
    const settings = Config.resolve({ pools: { "3pool": { impact: false } } })
    const contract: Contract.Contract = Curve.contract(settings, Gas.make())
    const funded = Either.getOrThrow(World.post(World.empty(at), Entry.move("opening:balance", "wallet:wallet", "USDC", Amount.unsafe("100"), "opening")))
    const output = (asked: Asked & { readonly bound?: Decimal.Decimal }) => {
      const { bound, ...rest } = asked
      const step = Either.getOrThrow(contract.prepare({ operationId: "x", at, instruction: instruction("USDC", "DAI", rest), bound }))
      const snapshot = { at, observe: () => undefined, since: () => [], has: () => false, maxAge: () => 0, step: () => undefined, staleFills: () => false }
      return Either.getOrThrow(step.run(funded, snapshot)).value.output
    }
    assert.isUndefined(output({ amount: "50" }))
    assert.deepStrictEqual(output({ amount: "50", bound: Decimal.unsafe("0.9") }), { asset: "DAI", amount: Amount.unsafe("44.9955") })
    assert.deepStrictEqual(output({ amount: "40", swapType: "exact_out" }), { asset: "DAI", amount: Amount.unsafe("40") })
    assert.strictEqual(output({ amount: "50", slippageTolerance: "0.01" })?.asset, "DAI")
  })
})
