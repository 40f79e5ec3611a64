import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Table from "../../src/data/Table.js"
import * as Account from "../../src/domain/Account.js"
import * as Amount from "../../src/domain/Amount.js"
import * as Decimal from "../../src/domain/Decimal.js"
import * as Entry from "../../src/domain/Entry.js"
import * as MarketSnapshot from "../../src/domain/MarketSnapshot.js"
import * as Timestamp from "../../src/domain/Timestamp.js"
import * as Gas from "../../src/sim/Gas.js"
import * as World from "../../src/sim/World.js"

const now = Timestamp.unsafe("2024-06-01T00:00:00Z")
const wallet = Account.make("wallet", "wallet")

const marketAt = (gwei: Decimal.Decimal | undefined, age = 0): MarketSnapshot.MarketSnapshot =>
  Table.snapshot(
    Either.getOrThrow(
      Table.fromSeries(gwei === undefined ? [] : [{ name: Gas.series, observations: [{ at: now, value: gwei }] }])
    ),
    now + age,
    MarketSnapshot.defaultMaxAge
  )

const holding = (eth: Amount.Amount): World.World =>
  Either.getOrThrow(
    World.post(World.empty(now), Entry.move(Account.contra("opening", "balance"), wallet, "ETH", eth, "opening"))
  )

const transactions = FastCheck.array(FastCheck.constantFrom(...Gas.operations), { minLength: 1, maxLength: 3 })
const gwei = FastCheck.tuple(FastCheck.bigInt({ min: 0n, max: 10n ** 15n }), FastCheck.integer({ min: 0, max: 14 })).map(
  ([value, scale]) => Decimal.make(value, scale)
)
const eth = FastCheck.bigInt({ min: 0n, max: 10n ** 18n })

describe("Gas", () => {
  it("costs units times the price of the data", () => {
    const market = marketAt(Decimal.unsafe("6.6"))
    const supply = Either.getOrThrow(Gas.quote(Gas.make(), market, ["approval", "supply"]))
    assert.strictEqual(supply.units, 305_000)
    assert.strictEqual(Amount.format(supply.amount), "0.002013")
    assert.strictEqual(Amount.format(Either.getOrThrow(Gas.quote(Gas.make(), market, ["transfer"])).amount), "0.00066")
  })

  it("is rounded up to one wei", () => {
    const fixed = Gas.make({ priceGwei: Decimal.unsafe("0.000000000001") })
    assert.strictEqual(Either.getOrThrow(Gas.quote(fixed, marketAt(undefined), ["wrap"])).amount, 46n)
  })

  it("needs no data where it is free, by price or by units", () => {
    const free = Gas.make({ priceGwei: Decimal.zero })
    const unit = Gas.make({ units: { transfer: 0 } })
    for (const settings of [free, unit]) {
      const charge = Either.getOrThrow(Gas.charge({ ...settings, tank: false }, holding(0n), marketAt(undefined), ["transfer"]))
      assert.deepStrictEqual(charge.entries, [])
      assert.deepStrictEqual(charge.costs, [])
    }
  })

  it("is refused where its price is not known or too old", () => {
    const missing = Gas.charge(Gas.make(), holding(Amount.unit), marketAt(undefined), ["supply"])
    assert(Either.isLeft(missing))
    assert.strictEqual(missing.left.reason, "market_data")
    assert.strictEqual(missing.left.message, "series gas.ethereum.gwei has no observation at 2024-06-01T00:00:00Z")
    const old = Gas.charge(Gas.make(), holding(Amount.unit), marketAt(Decimal.one, 24 * Timestamp.hour + 1), ["supply"])
    assert(Either.isLeft(old))
    assert.match(old.left.message, /at most 24 h are allowed/)
  })

  it("is refused below 0, and free at 0", () => {
    const below = Gas.quote(Gas.make(), marketAt(Decimal.unsafe("-1")), ["transfer"])
    assert(Either.isLeft(below))
    assert.strictEqual(below.left.reason, "market_data")
    assert.strictEqual(below.left.message, "series gas.ethereum.gwei is -1 at 2024-06-01T00:00:00Z: gas is never below 0")
    assert.strictEqual(Either.getOrThrow(Gas.quote(Gas.make(), marketAt(Decimal.zero), ["transfer"])).amount, 0n)
  })

  it("comes from the tank only as far as the wallet falls short, and is refused without one", () => {
    const market = marketAt(Decimal.unsafe("10"))
    const charge = Either.getOrThrow(Gas.charge(Gas.make(), holding(Amount.unsafe("0.0004")), market, ["transfer"]))
    assert.strictEqual(charge.detail.gas_tank, "0.0006")
    assert.deepStrictEqual(charge.costs, [{ kind: "gas", venue: "wallet", asset: "ETH", amount: Amount.unsafe("0.001") }])
    const refused = Gas.charge(Gas.make({ tank: false }), holding(Amount.unsafe("0.0004")), market, ["transfer"])
    assert(Either.isLeft(refused))
    assert.strictEqual(refused.left.reason, "insufficient_balance")
    assert.strictEqual(refused.left.message, "wallet (wallet) holds 0.0004 ETH, and 0.001 are needed for gas")
  })

  it.prop("is exact to the wei, and never against the protocol", [gwei, transactions], ([price, operations]) => {
    const { amount, units } = Either.getOrThrow(Gas.quote(Gas.make(), marketAt(price), operations))
    const exact = Decimal.multiply(price, Decimal.make(BigInt(units), 9))
    assert.isTrue(Decimal.compare(Amount.toDecimal(amount), exact) >= 0)
    assert.isTrue(Decimal.compare(Amount.toDecimal(amount - 1n), exact) < 0)
  })

  it.prop("leaves the wallet what it had less what it paid itself, never less than nothing", [gwei, transactions, eth, eth], (
    [price, operations, held, asked]
  ) => {
    const spent = Amount.min(held, asked)
    const before = holding(held)
    const settings = Gas.make()
    const { amount } = Either.getOrThrow(Gas.quote(settings, marketAt(price), operations))
    const { costs, detail, entries } = Either.getOrThrow(Gas.charge(settings, before, marketAt(price), operations, spent))
    assert.deepStrictEqual(Entry.imbalance(entries), [])
    const after = Either.getOrThrow(World.post(before, entries))
    const own = Amount.min(amount, held - spent)
    assert.strictEqual(World.balance(after, wallet, "ETH"), held - own)
    assert.strictEqual(World.balance(after, Account.contra("gas", "ethereum"), "ETH"), amount)
    assert.strictEqual(-World.balance(after, Account.contra("opening", "gas_tank"), "ETH"), amount - own)
    assert.strictEqual(detail.gas_tank, amount === own ? undefined : Amount.format(amount - own))
    assert.deepStrictEqual(costs.map((cost) => cost.amount), amount === 0n ? [] : [amount])
    const dry = Gas.charge({ ...settings, tank: false }, before, marketAt(price), operations, spent)
    assert.strictEqual(Either.isRight(dry), own === amount)
  })

  it("reads its settings, and names what is wrong with them", () => {
    const decode = Schema.decodeUnknownEither(Gas.Config)
    const config = Either.getOrThrow(decode({ price_gwei: "12.5", units: { supply: 1 }, tank: false }))
    const settings = Gas.make(config)
    assert.strictEqual(Decimal.format(settings.priceGwei!), "12.5")
    assert.strictEqual(settings.units.supply, 1)
    assert.strictEqual(settings.units.withdraw, Gas.defaultUnits.withdraw)
    assert.strictEqual(settings.tank, false)
    assert.deepStrictEqual(Schema.encodeSync(Gas.Config)(config), { price_gwei: "12.5", units: { supply: 1 }, tank: false })
    for (const wrong of [{ price_gwei: "-1" }, { units: { supply: -1 } }, { units: { supply: 1.5 } }, { tank: "yes" }]) {
      assert.isTrue(Either.isLeft(decode(wrong)), JSON.stringify(wrong))
    }
  })

  it("says what it takes for granted", () => {
    assert.deepStrictEqual(Gas.assumptions().map(({ source, subject }) => [subject, source])[0], ["gas price", "data"])
    assert.deepInclude(Gas.assumptions({ tank: true }).find(({ subject }) => subject === "gas tank")!, {
      venue: "wallet",
      subject: "gas tank",
      value: "gas the wallet cannot pay is advanced by a tank and counted as owed",
      source: "config"
    })
  })
})
