import { it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Amount from "execution-interface-manager/domain/Amount"
import * as Decimal from "execution-interface-manager/domain/Decimal"
import * as Position from "execution-interface-manager/sim/Exchange/Position"
import { assert, describe } from "vitest"
import { amount, decimal } from "./fixtures.js"

const instrument = { base: "ETH", quote: "USDT" }

interface Order {
  readonly change: bigint
  readonly price: Decimal.Decimal
}

const orders = FastCheck.array(
  FastCheck.record({
    change: FastCheck.oneof(FastCheck.integer({ min: -5000, max: -1 }), FastCheck.integer({ min: 1, max: 5000 })).map((n) =>
      BigInt(n) * amount("0.001")
    ),
    price: FastCheck.integer({ min: 50_000, max: 600_000 }).map((cents) => Decimal.make(BigInt(cents), 2))
  }),
  { minLength: 1, maxLength: 30 }
)

const run = (all: ReadonlyArray<Order>) => {
  let position: Position.Position | undefined
  let realised = 0n
  for (const { change, price } of all) {
    const filled = Position.fill(instrument, position, change, price, 0)
    position = filled.position
    realised += filled.realised
  }
  return { position, realised }
}

const worth = (amount: bigint, price: Decimal.Decimal): bigint => Amount.times(amount, price, 1n, "down")

describe("a position", () => {
  it.prop("has the size of all its fills", { orders }, ({ orders }) => {
    const size = orders.reduce((sum, { change }) => sum + change, 0n)
    assert.strictEqual(run(orders).position?.size ?? 0n, size)
  })

  it.prop(
    "realises and holds together exactly what its fills are worth at any mark",
    { orders, cents: FastCheck.integer({ min: 50_000, max: 600_000 }) },
    ({ cents, orders }) => {
      const mark = Decimal.make(BigInt(cents), 2)
      const { position, realised } = run(orders)
      const held = position === undefined ? 0n : Position.unrealised(position, mark)
      // Independent of any notion of entry: every fill gains the way from its price to the mark.
      const gained = orders.reduce((sum, { change, price }) => sum + worth(change, Decimal.subtract(mark, price)), 0n)
      assert.strictEqual(realised + held, gained)
    }
  )

  it.prop("has an entry price between the prices of its fills", { orders }, ({ orders }) => {
    const { position } = run(orders)
    if (position === undefined) return
    const entry = Position.entryPrice(position)
    const prices = orders.map(({ price }) => price)
    assert.isTrue(Decimal.compare(entry, prices.reduce(Decimal.min)) >= 0)
    assert.isTrue(Decimal.compare(entry, prices.reduce(Decimal.max)) <= 0)
  })

  it("averages the entry, and realises against the average", () => {
    const first = Position.fill(instrument, undefined, amount("1"), decimal("3000"), 0)
    const second = Position.fill(instrument, first.position, amount("3"), decimal("3100"), 0)
    assert.strictEqual(Decimal.format(Position.entryPrice(second.position!)), "3075")
    const third = Position.fill(instrument, second.position, amount("-1"), decimal("3175"), 0)
    assert.strictEqual(third.realised, amount("100"))
    assert.isFalse(third.opens)
    assert.strictEqual(Decimal.format(Position.entryPrice(third.position!)), "3075")
  })

  it("goes through zero: closes at the average, opens the rest at the fill", () => {
    const short = Position.fill(instrument, undefined, amount("-1"), decimal("3000"), 0)
    const flipped = Position.fill(instrument, short.position, amount("1.5"), decimal("2900"), 0)
    assert.strictEqual(flipped.realised, amount("100"))
    assert.isTrue(flipped.opens)
    assert.strictEqual(flipped.position!.size, amount("0.5"))
    assert.strictEqual(Decimal.format(Position.entryPrice(flipped.position!)), "2900")
  })

  it("is gone once it is closed", () => {
    const long = Position.fill(instrument, undefined, amount("2"), decimal("3000"), 0)
    const closed = Position.fill(instrument, long.position, amount("-2"), decimal("2999.5"), 0)
    assert.isUndefined(closed.position)
    assert.strictEqual(closed.realised, amount("-1"))
  })

  it("keeps an entry that has no end to 1e-12", () => {
    const first = Position.fill(instrument, undefined, amount("1"), decimal("3000"), 0)
    const second = Position.fill(instrument, first.position, amount("2"), decimal("3001"), 0)
    assert.strictEqual(Decimal.format(Position.entryPrice(second.position!)), "3000.666666666667")
  })
})
